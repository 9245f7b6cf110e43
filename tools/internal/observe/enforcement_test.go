package observe

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cleanroom.dev/tools/internal/gate"
)

// What rounds find.
var (
	nothing  = gate.Measured{}
	enforced = gate.Measured{Beacon: true, Enforced: true}
	unclear  = gate.Measured{Beacon: true}
	open     = gate.Measured{Beacon: true, Answered: "192.0.2.7"}
	closed   = gate.Measured{Answered: "192.0.2.8"}
)

// measured lets rounds find this, one after the other, from the begin of the last step on. It returns the lines that were signalled, without
// their times, the times of the rounds since then, and what was counted.
func measured(t *testing.T, finds ...gate.Measured) (lines string, rounds []time.Duration, counted measuredLine) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		r := newReport([]string{"fetch", "build"})
		r.begin()
		var begun time.Time
		e := &enforcement{proc: string(counting(t)), signals: r.signals}
		e.measure = func() gate.Measured {
			rounds = append(rounds, time.Since(begun))
			if len(rounds) == len(finds) {
				// The round is not over yet, which matters for the last one only.
				time.AfterFunc(time.Second, stop)
			}
			return finds[len(rounds)-1]
		}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			e.run(ctx, r.building)
		}()
		time.Sleep(time.Hour)
		if len(rounds) > 0 {
			t.Errorf("%d rounds before the last step", len(rounds))
		}
		begun = time.Now()
		r.begin()
		<-ended
		counted = e.measured
		var all []string
		for line := range strings.Lines(signalled(r)) {
			before, after, _ := strings.Cut(line, `,"at":"`)
			all = append(all, before+after[len("2000-01-01T00:00:00.000Z\""):])
		}
		lines = strings.Join(all, "")
	})
	return lines, rounds, counted
}

const (
	lostAt7 = `{"enforcement":"Lost","address":"192.0.2.7"}` + "\n" + `{"signal":%d,"enforcement":"Lost"}` + "\n"
	lostAt8 = `{"enforcement":"Lost","address":"192.0.2.8"}` + "\n" + `{"signal":%d,"enforcement":"Lost"}` + "\n"
	isBack  = `{"enforcement":"Restored"}` + "\n"
)

func TestEnforcementIsMeasuredWhileTheBuildRuns(t *testing.T) {
	for name, c := range map[string]struct {
		finds []gate.Measured
		lines string
		want  measuredLine
	}{
		"enforced":                            {[]gate.Measured{enforced, enforced}, "", measuredLine{2, 0}},
		"lost":                                {[]gate.Measured{enforced, open, open}, fmt.Sprintf(lostAt7, 1), measuredLine{2, 1}},
		"lost from the start":                 {[]gate.Measured{open, open}, fmt.Sprintf(lostAt7, 1), measuredLine{1, 1}},
		"lost, with no beacon":                {[]gate.Measured{enforced, closed, closed}, fmt.Sprintf(lostAt8, 1), measuredLine{2, 1}},
		"one answer":                          {[]gate.Measured{enforced, open, enforced}, "", measuredLine{2, 0}},
		"one answer, and then no clear round": {[]gate.Measured{enforced, open, unclear, open, nothing, enforced}, "", measuredLine{2, 0}},
		"once, while it is lost":              {[]gate.Measured{open, open, open, open}, fmt.Sprintf(lostAt7, 1), measuredLine{3, 1}},
		"restored":                            {[]gate.Measured{open, open, nothing, unclear, enforced, enforced}, fmt.Sprintf(lostAt7, 1) + isBack, measuredLine{3, 1}},
		"lost again":                          {[]gate.Measured{open, open, enforced, open, closed}, fmt.Sprintf(lostAt7, 1) + isBack + fmt.Sprintf(lostAt8, 2), measuredLine{3, 2}},
		"no beacon":                           {[]gate.Measured{nothing, nothing, unclear, nothing}, "", measuredLine{}},
		"no beacon yet":                       {[]gate.Measured{closed, closed, closed, enforced}, "", measuredLine{1, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			lines, _, counted := measured(t, c.finds...)
			if lines != c.lines || counted != c.want {
				t.Errorf("%+v, want %+v\n%s\nwant\n%s", counted, c.want, lines, c.lines)
			}
		})
	}
}

func TestRoundsFollowInTheirTime(t *testing.T) {
	_, rounds, _ := measured(t, enforced, enforced, open, open, enforced, nothing)
	jitter := false
	for i := 1; i < len(rounds); i++ {
		switch gap := rounds[i] - rounds[i-1]; {
		case i == 3:
			if gap != 0 {
				t.Errorf("the second look at an answer came after %s", gap)
			}
		case gap < roundEvery-roundJitter || gap > roundEvery+roundJitter:
			t.Errorf("%s between rounds", gap)
		default:
			jitter = jitter || gap != roundEvery
		}
	}
	if rounds[0] != 0 || !jitter {
		t.Errorf("%v", rounds)
	}
}

// A plug-in may take the rules from a pod that ends, and the canary then answers.
func TestARoundThatTheEndInterruptsProvesNothing(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	s := newSignals()
	e := &enforcement{proc: string(counting(t)), signals: s, beacon: true}
	e.measure = func() gate.Measured {
		stop()
		return open
	}
	e.round(ctx)
	if e.measured != (measuredLine{}) || e.lost || len(s.lines) > 0 {
		t.Errorf("%+v", e.measured)
	}
}

func TestWithoutCanariesNothingIsMeasured(t *testing.T) {
	new(enforcement).run(t.Context(), nil)
}

func TestAttemptsThatWereRefusedToTheObserverAreNotCounted(t *testing.T) {
	for name, c := range map[string]struct {
		refused, more, want int
	}{
		"all its own": {4, 4, 4}, "some of the build's": {2, 5, 2}, "some that the kernel does not count": {4, 1, 1}, "none": {0, 3, 0},
	} {
		t.Run(name, func(t *testing.T) {
			proc := counting(t)
			e := &enforcement{proc: string(proc)}
			e.measure = func() gate.Measured {
				proc.Write(t, fmt.Sprintf("Tcp: RtoMin AttemptFails\nTcp: 1 %d\nUdp: OutDatagrams\nUdp: 10\n", 20+c.more), "net", "snmp")
				return gate.Measured{Refused: c.refused}
			}
			e.once()
			if e.refused != uint64(c.want) {
				t.Errorf("%d", e.refused)
			}
		})
	}
}
