package gate

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync/atomic"
	"syscall"
	"time"
)

// Rounds measures as the gate does, one round at a time, for a process that measures again and again while a build runs.
type Rounds struct {
	prober    prober
	addresses []netip.Addr
	refused   atomic.Int64
}

// Measured is the result of one round.
type Measured struct {
	// Beacon is whether one answered, in any family.
	Beacon bool
	// Enforced is whether the round was clean. If it was not, and no canary answered, it proves nothing.
	Enforced bool
	// Answered is an address at which the canary answered; empty if none did.
	Answered string
	// Refused is how many of the round's connections something refused, each of which the kernel may count as a failed attempt.
	Refused int
}

// NewRounds fails where the gate would, for the same addresses.
func NewRounds(s Settings) (*Rounds, error) {
	addresses, err := parse(s.Addresses)
	if err != nil {
		return nil, err
	}
	return newRounds(newProber(time.Now(), beaconOf(s.Ports), canaryOf(s.Ports)), addresses), nil
}

func newRounds(p prober, addresses []netip.Addr) *Rounds {
	r := &Rounds{addresses: addresses}
	dial := p.dial
	p.dial = func(to netip.AddrPort, limit time.Duration) (net.Conn, error) {
		connection, err := dial(to, limit)
		if isRefusal(err) {
			r.refused.Add(1)
		}
		return connection, err
	}
	r.prober = p
	return r
}

// Measure measures one round.
func (r *Rounds) Measure() Measured {
	r.refused.Store(0)
	last := r.prober.round(r.addresses)
	m := Measured{Beacon: len(last.beacons) > 0, Enforced: last.clean(), Refused: int(r.refused.Load())}
	if answered := last.answered(r.prober.forbidden[0]); len(answered) > 0 {
		m.Answered = slices.MinFunc(answered, netip.Addr.Compare).String()
	}
	return m
}

// isRefusal reports whether an answer ended the attempt: a reset, or a message of ICMP.
func isRefusal(err error) bool {
	var system syscall.Errno
	return errors.As(err, &system) &&
		slices.Contains([]syscall.Errno{syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EHOSTUNREACH, syscall.EACCES}, system)
}
