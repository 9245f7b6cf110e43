package observe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

// signalled is what the report signals, as the log has it.
func signalled(r *report) string {
	out := new(bytes.Buffer)
	go r.signals.write(newLog(out))
	r.signals.end()
	return out.String()
}

func TestSignalsAreWrittenOnce(t *testing.T) {
	r := newReport([]string{"fetch", "build"})
	to := netip.MustParseAddrPort("192.0.2.1:443")
	r.asked("early.example.com", start)
	r.begin()
	for range 2 {
		r.asked("cdn.example.com", start)
		r.unanswered(connection{to, "TCP", "fetch"}, start, start.Add(time.Second), 1)
	}
	r.begin()
	r.asked("cdn.example.com", start)
	r.signals.lose("192.0.2.7", start)
	r.signals.restore(1, start)
	want := `{"signal":1,"name":"early.example.com","step":"","at":"2026-11-30T15:00:00.123Z"}
{"signal":2,"name":"cdn.example.com","step":"fetch","at":"2026-11-30T15:00:00.123Z"}
{"signal":3,"address":"192.0.2.1","port":443,"protocol":"TCP","step":"fetch","at":"2026-11-30T15:00:01.123Z"}
{"signal":4,"name":"cdn.example.com","step":"build","at":"2026-11-30T15:00:00.123Z"}
{"enforcement":"Lost","at":"2026-11-30T15:00:00.123Z","address":"192.0.2.7"}
{"signal":5,"enforcement":"Lost","at":"2026-11-30T15:00:00.123Z"}
{"enforcement":"Restored","at":"2026-11-30T15:00:00.123Z"}
`
	if got := signalled(r); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	// Nothing waits for a log that has ended.
	r.asked("late.example.com", start)
	r.signals.lose("192.0.2.7", start)
	r.signals.restore(1, start)
}

func TestNamesLeaveRoomForLostEnforcement(t *testing.T) {
	r := newReport([]string{"build"})
	for i := range maxSignals + 1 {
		r.asked(fmt.Sprint(i), start)
	}
	for i := range maxLosses + 1 {
		r.signals.lose("192.0.2.7", start)
		r.signals.restore(i+1, start)
	}
	lines := strings.Split(strings.TrimSpace(signalled(r)), "\n")
	if want := maxSignals - maxLosses + 3*maxLosses; len(lines) != want {
		t.Errorf("%d lines, want %d", len(lines), want)
	}
	var numbers []int
	for _, line := range lines {
		var each signalLine
		if err := json.Unmarshal([]byte(line), &each); err != nil {
			t.Fatal(err)
		}
		if each.Signal > 0 {
			numbers = append(numbers, each.Signal)
		}
	}
	if len(numbers) != maxSignals || !slices.IsSorted(numbers) || numbers[maxSignals-1] != maxSignals {
		t.Errorf("%v", numbers)
	}
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, `{"enforcement":"Restored"`) {
		t.Errorf("%s", last)
	}
}

func TestTheObserverIsUnreadyOnceForNewSignals(t *testing.T) {
	r := newReport([]string{"build"})
	answers := func(after time.Duration, want bool) {
		t.Helper()
		if got := r.signals.ready(start.Add(after)); got != want {
			t.Errorf("after %s: %t", after, got)
		}
	}
	r.asked("a.example.com", start)
	// The first answer is the one that makes the container ready.
	answers(0, true)
	r.asked("b.example.com", start)
	answers(time.Second, false)
	answers(time.Second, true)
	// It is not new.
	r.asked("a.example.com", start)
	answers(time.Hour, true)
	r.asked("c.example.com", start)
	answers(2*time.Hour, false)
	r.signals.lose("192.0.2.7", start)
	answers(2*time.Hour+unreadyPause-time.Millisecond, true)
	answers(2*time.Hour+unreadyPause, false)
	answers(3*time.Hour, true)
}

func TestNamesLeaveReadinessForLostEnforcement(t *testing.T) {
	r := newReport([]string{"build"})
	now, unready := start, 0
	count := func(signal func(int)) int {
		unready = 0
		r.signals.ready(now)
		for i := range 2 * maxUnready {
			signal(i)
			now = now.Add(unreadyPause)
			if !r.signals.ready(now) {
				unready++
			}
		}
		return unready
	}
	if got := count(func(i int) { r.asked(fmt.Sprint(i), now) }); got != maxUnready-lossesUnready {
		t.Errorf("%d for names", got)
	}
	if got := count(func(int) { r.signals.lose("192.0.2.7", now) }); got != lossesUnready {
		t.Errorf("%d for lost enforcement", got)
	}
}
