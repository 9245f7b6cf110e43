// Package gate delays a pod until it has measured that its network policies are enforced:
//  1. in each round, it tries both ports of every canary address;
//  2. a round is clean if a beacon answered in each family that the pod has, and no canary answered;
//  3. the gate passes when at least minRounds clean rounds, without a gap, cover the quiet time;
//  4. at the deadline it fails, and reports whether a canary still answered or no beacon did.
//
// A round without a clear result (too many open files, a round that took too long) is never clean.
package gate

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"cleanroom.dev/tools/internal/wire"
)

const (
	// maxAddresses limits the connections of a round: the gate makes two for each address, the launcher three.
	maxAddresses = 64
	// roundLimit limits the time of each connection. A round that took longer than maxRound is not used.
	roundLimit = 200 * time.Millisecond
	maxRound   = 2 * roundLimit
	// pause is the time between rounds, and so the precision of the lag.
	pause = 20 * time.Millisecond
)

// Settings are the flags and arguments of the command.
type Settings struct {
	Ports           wire.Ports
	Quiet, Deadline time.Duration
	// Addresses of canaries, as they were given.
	Addresses []string
}

// Run returns when the policies are enforced, or at the deadline. Times count from started.
func Run(started time.Time, s Settings) Message {
	addresses, err := parse(s.Addresses)
	if err != nil {
		return Unmeasured(GateUnreachable, len(s.Addresses), err.Error())
	}
	return hold(newProber(started, beaconOf(s.Ports), canaryOf(s.Ports)), s, addresses)
}

func hold(p prober, s Settings, addresses []netip.Addr) Message {
	m := measure{quiet: s.Quiet}
	for {
		last := p.round(addresses)
		switch {
		case m.add(last):
			return newMessage(Enforced, last.families, len(addresses), m, "")
		case p.clock() < s.Deadline:
			time.Sleep(pause)
		default:
			return failed(m, last, addresses)
		}
	}
}

// failed is the message at the deadline.
func failed(m measure, last round, addresses []netip.Addr) Message {
	outcome := GateUnreachable
	if m.notEnforced() {
		outcome = PolicyNotEnforced
	}
	return newMessage(outcome, last.families, len(addresses), m, m.explain(last, addresses))
}

func parse(texts []string) ([]netip.Addr, error) {
	if len(texts) == 0 {
		return nil, errors.New("no canary address was given")
	}
	if len(texts) > maxAddresses {
		return nil, fmt.Errorf("%d canary addresses were given, and at most %d are allowed", len(texts), maxAddresses)
	}
	var addresses []netip.Addr
	for _, text := range texts {
		address, err := netip.ParseAddr(text)
		if err != nil || address.Zone() != "" {
			return nil, fmt.Errorf("a canary address is not an IP address: %.60q", text)
		}
		addresses = append(addresses, address.Unmap())
	}
	return addresses, nil
}
