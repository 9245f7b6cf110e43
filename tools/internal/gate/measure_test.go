package gate

import (
	"encoding/json"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"
)

var (
	at         = netip.MustParseAddr("10.0.0.7")
	canaryPeer = peer{"canary", 7802}
)

func clean(from, to int) round {
	return round{started: ms(from), ended: ms(to), families: []family{ipv4}, beacons: []netip.Addr{at}}
}

func answered(from, to int) round {
	r := clean(from, to)
	r.answers = []answer{{canaryPeer, at, ms(to)}}
	return r
}

func dark(from, to int) round {
	r := clean(from, to)
	r.beacons = nil
	return r
}

func unsure(from, to int) round {
	r := clean(from, to)
	r.unsure = errors.New("too many open files")
	return r
}

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

func TestTheQuietTime(t *testing.T) {
	for name, c := range map[string]struct {
		rounds []round
		// passes is the first round that passes, counted from 1; 0 is none.
		passes int
		lag    int64
	}{
		"is covered by rounds":         {[]round{clean(0, 200), clean(220, 420), clean(440, 640)}, 3, 0},
		"is covered to the last":       {[]round{clean(0, 200), clean(220, 420), clean(440, 499)}, 0, 0},
		"is not begun by what was not": {[]round{answered(0, 5), clean(25, 225), clean(245, 445), clean(465, 524)}, 0, 5},
		"follows the canary's end":     {[]round{answered(0, 5), answered(25, 30), clean(50, 250), clean(270, 470), clean(490, 550)}, 5, 30},
		"begins again with a flap":     {[]round{clean(0, 200), clean(220, 420), answered(440, 445), clean(465, 665), clean(685, 885), clean(905, 964)}, 0, 445},
		"begins again in the dark":     {[]round{clean(0, 200), clean(220, 420), dark(440, 640), clean(660, 860), clean(880, 1080), clean(1100, 1159)}, 0, 0},
		"begins again when unsure":     {[]round{clean(0, 200), clean(220, 420), unsure(440, 640), clean(660, 860), clean(880, 1080)}, 0, 0},
		"has no gap":                   {[]round{clean(0, 200), clean(301, 501), clean(521, 721)}, 0, 0},
		"may pause":                    {[]round{clean(0, 150), clean(250, 300), clean(400, 500)}, 3, 0},
		"is not passed by its end":     {[]round{clean(0, 200), clean(220, 420), answered(440, 640)}, 0, 640},
		"takes three rounds":           {[]round{clean(0, 390), clean(410, 800), clean(820, 830)}, 3, 0},
	} {
		t.Run(name, func(t *testing.T) {
			m := measure{quiet: ms(500)}
			passes := 0
			for i, r := range c.rounds {
				if m.add(r) && passes == 0 {
					passes = i + 1
				}
			}
			if passes != c.passes || millis(m.lag()) != c.lag || m.rounds != len(c.rounds) {
				t.Errorf("passes in round %d with a lag of %d ms after %d rounds, want %d, %d", passes, millis(m.lag()), m.rounds, c.passes, c.lag)
			}
		})
	}
}

// A plug-in's lag is no verdict on the policies that follow.
func TestAnEarlierAnswerIsTold(t *testing.T) {
	m := measure{quiet: ms(500)}
	m.add(answered(0, 73))
	for _, step := range []struct {
		last round
		want bool
	}{{dark(93, 293), true}, {dark(313, 572), true}, {dark(373, 573), false}, {dark(593, 793), false}, {answered(813, 815), true}} {
		m.add(step.last)
		if got := m.notEnforced(); got != step.want {
			t.Errorf("%v after the round to %s", got, step.last.ended)
		}
	}
	m = measure{quiet: ms(500)}
	m.add(answered(0, 73))
	last := dark(593, 793)
	m.add(last)
	want := "the canary last answered 73 ms after the start; no beacon answered at 10.0.0.7"
	if got := m.explain(last, []netip.Addr{at}); got != want {
		t.Errorf("%q", got)
	}
}

func TestWithoutAnAnswerPoliciesMayBeEnforced(t *testing.T) {
	m := measure{quiet: ms(500)}
	m.add(dark(0, 200))
	if m.notEnforced() {
		t.Error("no canary answered")
	}
}

func TestTheLagIsNeverZeroWhenTheCanaryAnswered(t *testing.T) {
	if got := millis(time.Nanosecond); got != 1 {
		t.Errorf("%d", got)
	}
}

func TestAPersonIsToldFewAddresses(t *testing.T) {
	four := []netip.Addr{at.Next().Next().Next(), at.Next(), at, at.Next().Next()}
	if got, want := name(four), "10.0.0.7, 10.0.0.8, 10.0.0.9, 10.0.0.10"; got != want {
		t.Errorf("%q", got)
	}
	if got, want := name(append(four, four...)), "10.0.0.7, 10.0.0.7, 10.0.0.8, 10.0.0.8, 4 more"; got != want {
		t.Errorf("%q", got)
	}
}

// checkLine holds the message to its format.
func checkLine(t *testing.T, m Message) {
	t.Helper()
	line := m.JSON()
	if len(line) > maxMessage {
		t.Errorf("%d bytes", len(line))
	}
	for i, b := range line {
		if last := i == len(line)-1; (b < ' ' || b > '~') && (b != '\n' || !last) {
			t.Fatalf("byte %d is %#x in %q", i, b, line)
		}
	}
	var back Message
	if err := json.Unmarshal(line, &back); err != nil || back.Detail != m.Detail {
		t.Errorf("it reads back as %+v: %v", back, err)
	}
}

func TestTheMessageIsBoundedAndPlain(t *testing.T) {
	m := measure{rounds: 1 << 62, last: &answer{at: 1 << 62}}
	for _, hostile := range []string{
		strings.Repeat(`"`, 5000), strings.Repeat(`\`, 5000), strings.Repeat("<>&", 5000), strings.Repeat("é\u2028", 5000),
		strings.Repeat("\x00\n\r\x1b[31m\xff", 5000), "",
	} {
		checkLine(t, newMessage(PolicyNotEnforced, []family{ipv4, ipv6}, 1<<62, m, hostile))
	}
	var addresses []netip.Addr
	for range maxAddresses {
		addresses = append(addresses, netip.MustParseAddr("fd00:1111:2222:3333:4444:5555:6666:7777"))
	}
	var answers []answer
	for _, address := range addresses {
		answers = append(answers, answer{canaryPeer, address, 0}, answer{peer{"fetch beacon", 7803}, address, 0})
	}
	last := round{families: []family{ipv4, ipv6}, answers: answers, unsure: errors.New(strings.Repeat("x", 5000))}
	checkLine(t, newMessage(GateUnreachable, last.families, len(addresses), m, m.explain(last, addresses)))
}

func TestTheMessageAsItIsWritten(t *testing.T) {
	m := measure{rounds: 12, last: &answer{at: ms(73)}}
	got := string(newMessage(Enforced, []family{ipv4, ipv6}, 2, m, "").JSON())
	want := `{"outcome":"Enforced","families":["IPv4","IPv6"],"addresses":2,"rounds":12,"lagMillis":73,"detail":""}` + "\n"
	if got != want {
		t.Errorf("got  %swant %s", got, want)
	}
	got = string(newMessage(GateUnreachable, nil, 0, measure{}, "x").JSON())
	want = `{"outcome":"GateUnreachable","families":[],"addresses":0,"rounds":0,"lagMillis":0,"detail":"x"}` + "\n"
	if got != want {
		t.Errorf("got  %swant %s", got, want)
	}
}
