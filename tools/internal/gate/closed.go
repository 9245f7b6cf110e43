package gate

import (
	"net/netip"
	"time"
)

const (
	// maxPause is the longest time between rounds while the fetch beacon answers.
	maxPause = time.Second
	// pauseShare is how many times longer than a pause the launcher has waited: it notices the step late by a tenth of that time at most.
	pauseShare = 10
)

// AwaitClosed returns when the pod's network is closed: the operator has taken the rules of the preparation from the pod, and the plug-in
// enforces that. It measures as the gate does, but also the fetch beacon, which a policy allows only while the pod prepares, is forbidden.
// While the fetch beacon answers, the step is not taken, and it waits without end. It fails when the fetch beacon has been silent for the
// deadline, or never answered in that time since the start.
func AwaitClosed(started time.Time, s Settings) Message {
	addresses, err := parse(s.Addresses)
	if err != nil {
		return Unmeasured(GateUnreachable, len(s.Addresses), err.Error())
	}
	return awaitClosed(newProber(started, beaconOf(s.Ports), fetchBeaconOf(s.Ports), canaryOf(s.Ports)), s, addresses)
}

func awaitClosed(p prober, s Settings, addresses []netip.Addr) Message {
	m, fetch, openUntil := measure{quiet: s.Quiet}, fetchBeaconOf(s.Ports), time.Duration(0)
	for {
		last := p.round(addresses)
		switch {
		case m.add(last):
			return newMessage(Enforced, last.families, len(addresses), m, "")
		case len(last.answered(fetch)) > 0:
			openUntil = last.ended
			time.Sleep(min(max(pause, openUntil/pauseShare), maxPause))
		case p.clock()-openUntil < s.Deadline:
			time.Sleep(pause)
		default:
			return failed(m, last, addresses)
		}
	}
}
