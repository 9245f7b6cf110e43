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

// round is what one round saw. Times count from the gate's start.
type round struct {
	started, ended time.Duration
	// families are the pod's.
	families []family
	// beacons and canaries are the addresses at which they answered.
	beacons, canaries []netip.Addr
	// lastCanary is when the last of the canaries answered.
	lastCanary time.Duration
	// unsure tells why the round proves nothing, whatever else it saw.
	unsure error
}

// missing are the pod's families in which no beacon answered.
func (r round) missing() []family {
	return slices.DeleteFunc(slices.Clone(r.families), func(f family) bool {
		return slices.ContainsFunc(r.beacons, func(a netip.Addr) bool { return familyOf(a) == f })
	})
}

// clean is the proof: what a policy allows is reached, and what none allows is not.
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

// round tries both ports of all addresses at once.
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
	// A gate that was not let run may have missed an answer.
	if r.ended-r.started > maxRound {
		r.unsure = errors.Join(r.unsure, errors.New("the gate was held up"))
	}
	return r
}

// beacon tells whether the beacon said its line.
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

// canary answers by a connection alone: a packet went there and one came back.
func (p prober) canary(address netip.Addr) (bool, error) {
	connection, err := p.dial(netip.AddrPortFrom(address, uint16(p.ports.Canary)), roundLimit)
	if err != nil {
		return false, err
	}
	_ = connection.Close()
	return true, nil
}

// blocked are the ways in which a policy shows: a packet dropped, or refused on the way or here. Other errors are our own.
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
