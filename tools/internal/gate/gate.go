// Package gate holds a pod back until its network policies are seen in force:
//  1. in each round it tries both ports of every canary address;
//  2. a round is clean when in each family that the pod has some beacon answered, and no canary did;
//  3. it passes when clean rounds without a gap, minRounds of them at least, cover the quiet time;
//  4. at the deadline it fails, and says whether a canary still answered or no beacon did.
//
// What cannot be told (too many open files, a round that took too long) is never clean.
package gate

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"cleanroom.dev/tools/internal/wire"
)

const (
	// maxAddresses bounds the connections of a round, two an address.
	maxAddresses = 64
	// roundLimit bounds each connection; a round that took longer than maxRound is not believed.
	roundLimit = 200 * time.Millisecond
	maxRound   = 2 * roundLimit
	// pause between rounds is what the lag is measured to.
	pause = 20 * time.Millisecond
)

// Settings are the command's.
type Settings struct {
	Ports           wire.Ports
	Quiet, Deadline time.Duration
	// Addresses of canaries, as they came.
	Addresses []string
}

// Run holds until the policies are in force, or the deadline. Times count from started.
func Run(started time.Time, s Settings) Message {
	addresses, err := parse(s.Addresses)
	if err != nil {
		return newMessage(GateUnreachable, nil, len(s.Addresses), measure{}, err.Error())
	}
	prober := prober{ports: s.Ports, dial: dialTCP, families: podFamilies,
		clock: func() time.Duration { return time.Since(started) }}
	return hold(prober, s, addresses)
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
		case m.notEnforced():
			return newMessage(PolicyNotEnforced, last.families, len(addresses), m, m.explain(last, addresses))
		default:
			return newMessage(GateUnreachable, last.families, len(addresses), m, m.explain(last, addresses))
		}
	}
}

func parse(texts []string) ([]netip.Addr, error) {
	if len(texts) == 0 {
		return nil, errors.New("no canary address was given")
	}
	if len(texts) > maxAddresses {
		return nil, fmt.Errorf("%d canary addresses were given, %d are allowed", len(texts), maxAddresses)
	}
	var addresses []netip.Addr
	for _, text := range texts {
		address, err := netip.ParseAddr(text)
		if err != nil || address.Zone() != "" {
			return nil, fmt.Errorf("not an address of a canary: %.60q", text)
		}
		addresses = append(addresses, address.Unmap())
	}
	return addresses, nil
}
