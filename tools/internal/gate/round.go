package gate

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"

	"cleanroom.dev/tools/internal/wire"
)

// round is the result of one round. Times count from the gate's start.
type round struct {
	started, ended time.Duration
	// families are those of the pod.
	families []family
	// beacons and canaries are the addresses at which a beacon, or a canary, answered.
	beacons, canaries []netip.Addr
	// lastCanary is when the last of the canaries answered.
	lastCanary time.Duration
	// unsure is why the round gave no clear result; nil if it did.
	unsure error
}

// missing returns the pod's families in which no beacon answered.
func (r round) missing() []family {
	return slices.DeleteFunc(slices.Clone(r.families), func(f family) bool {
		return slices.ContainsFunc(r.beacons, func(a netip.Addr) bool { return familyOf(a) == f })
	})
}

// clean reports whether the round proves enforcement: the port that a policy allows answered, and the port that none allows did not.
func (r round) clean() bool {
	return r.unsure == nil && len(r.families) > 0 && len(r.missing()) == 0 && len(r.canaries) == 0
}

type prober struct {
	ports    wire.Ports
	dial     func(netip.AddrPort, time.Duration) (net.Conn, error)
	families func() ([]family, error)
	clock    func() time.Duration
}

func dialTCP(to netip.AddrPort, limit time.Duration) (net.Conn, error) {
	return net.DialTimeout("tcp", to.String(), limit)
}

// round tries both ports of all addresses at the same time.
func (p prober) round(addresses []netip.Addr) round {
	r := round{started: p.clock()}
	r.families, r.unsure = p.families()
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, address := range addresses {
		all.Go(func() {
			if p.beacon(address) {
				mu.Lock()
				defer mu.Unlock()
				r.beacons = append(r.beacons, address)
			}
		})
		all.Go(func() {
			answered, err := p.canary(address)
			at := p.clock()
			mu.Lock()
			defer mu.Unlock()
			if answered {
				r.canaries, r.lastCanary = append(r.canaries, address), max(r.lastCanary, at)
			} else if !blocked(err) && slices.Contains(r.families, familyOf(address)) {
				r.unsure = errors.Join(r.unsure, err)
			}
		})
	}
	all.Wait()
	r.ended = p.clock()
	// A gate that did not get processor time may have missed an answer.
	if r.ended-r.started > maxRound {
		r.unsure = errors.Join(r.unsure, errors.New("it took too long, because the gate did not get processor time"))
	}
	return r
}

// beacon reports whether the beacon answered with its line.
func (p prober) beacon(address netip.Addr) bool {
	deadline := time.Now().Add(roundLimit)
	connection, err := p.dial(netip.AddrPortFrom(address, uint16(p.ports.Beacon)), roundLimit)
	if err != nil {
		return false
	}
	defer connection.Close()
	if connection.SetReadDeadline(deadline) != nil {
		return false
	}
	line := make([]byte, len(wire.Beacon))
	_, err = io.ReadFull(connection, line)
	return err == nil && string(line) == wire.Beacon
}

// canary reports whether a connection succeeded: that is enough, because a packet reached the canary and one came back.
func (p prober) canary(address netip.Addr) (bool, error) {
	connection, err := p.dial(netip.AddrPortFrom(address, uint16(p.ports.Canary)), roundLimit)
	if err != nil {
		return false, err
	}
	_ = connection.Close()
	return true, nil
}

// blocked reports whether the error is one that a policy causes: a packet was dropped, or refused here or on its way. Any other error
// is the gate's own.
func blocked(err error) bool {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return true
	}
	var system syscall.Errno
	if !errors.As(err, &system) {
		var timeout net.Error
		return errors.As(err, &timeout) && timeout.Timeout()
	}
	return slices.Contains([]syscall.Errno{
		syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.ETIMEDOUT,
		syscall.EACCES, syscall.EPERM,
	}, system)
}
