package gate

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"cleanroom.dev/tools/internal/wire"
)

// round is the result of one round. Times count from the start of the gate or of the launcher.
type round struct {
	started, ended time.Duration
	// families are those of the pod.
	families []family
	// beacons are the addresses at which the allowed port answered.
	beacons []netip.Addr
	// answers are those of forbidden ports.
	answers []answer
	// unsure is why the round gave no clear result; nil if it did.
	unsure error
}

// answer is a connection that a forbidden port accepted.
type answer struct {
	peer    peer
	address netip.Addr
	at      time.Duration
}

// missing returns the pod's families in which no beacon answered.
func (r round) missing() []family {
	return slices.DeleteFunc(slices.Clone(r.families), func(f family) bool {
		return slices.ContainsFunc(r.beacons, func(a netip.Addr) bool { return familyOf(a) == f })
	})
}

// clean reports whether the round proves enforcement: the port that a policy allows answered, and no forbidden port did.
func (r round) clean() bool {
	return r.unsure == nil && len(r.families) > 0 && len(r.missing()) == 0 && len(r.answers) == 0
}

// peers returns the forbidden ports that answered, by name.
func (r round) peers() []peer {
	var peers []peer
	for _, a := range r.answers {
		if !slices.Contains(peers, a.peer) {
			peers = append(peers, a.peer)
		}
	}
	slices.SortFunc(peers, func(a, b peer) int { return strings.Compare(a.name, b.name) })
	return peers
}

// answered returns the addresses at which this forbidden port answered.
func (r round) answered(by peer) []netip.Addr {
	var addresses []netip.Addr
	for _, a := range r.answers {
		if a.peer == by {
			addresses = append(addresses, a.address)
		}
	}
	return addresses
}

// peer is one port of the canary pods, and its name in messages.
type peer struct {
	name string
	port int
}

func beaconOf(ports wire.Ports) peer      { return peer{"beacon", ports.Beacon} }
func canaryOf(ports wire.Ports) peer      { return peer{"canary", ports.Canary} }
func fetchBeaconOf(ports wire.Ports) peer { return peer{"fetch beacon", ports.Fetch} }

// prober expects answers of one peer, which a policy allows, and none of the peers that no policy allows to this pod.
type prober struct {
	allowed   peer
	forbidden []peer
	dial      func(netip.AddrPort, time.Duration) (net.Conn, error)
	families  func() ([]family, error)
	clock     func() time.Duration
}

func newProber(started time.Time, allowed peer, forbidden ...peer) prober {
	return prober{allowed: allowed, forbidden: forbidden, dial: dialTCP, families: podFamilies,
		clock: func() time.Duration { return time.Since(started) }}
}

func dialTCP(to netip.AddrPort, limit time.Duration) (net.Conn, error) {
	return net.DialTimeout("tcp", to.String(), limit)
}

// round tries all ports of all addresses at the same time.
func (p prober) round(addresses []netip.Addr) round {
	r := round{started: p.clock()}
	r.families, r.unsure = p.families()
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, address := range addresses {
		all.Go(func() {
			if p.answersLine(address) {
				mu.Lock()
				defer mu.Unlock()
				r.beacons = append(r.beacons, address)
			}
		})
		for _, forbidden := range p.forbidden {
			all.Go(func() {
				accepted, err := p.accepts(forbidden, address)
				at := p.clock()
				mu.Lock()
				defer mu.Unlock()
				if accepted {
					r.answers = append(r.answers, answer{forbidden, address, at})
				} else if !blocked(err) && slices.Contains(r.families, familyOf(address)) {
					r.unsure = errors.Join(r.unsure, err)
				}
			})
		}
	}
	all.Wait()
	r.ended = p.clock()
	// A process that did not get processor time may have missed an answer.
	if r.ended-r.started > maxRound {
		r.unsure = errors.Join(r.unsure, errors.New("it took too long, because this process did not get processor time"))
	}
	return r
}

// answersLine reports whether the allowed peer answered with its line.
func (p prober) answersLine(address netip.Addr) bool {
	deadline := time.Now().Add(roundLimit)
	connection, err := p.dial(netip.AddrPortFrom(address, uint16(p.allowed.port)), roundLimit)
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

// accepts reports whether a connection succeeded: that is enough, because a packet reached the peer and one came back.
func (p prober) accepts(forbidden peer, address netip.Addr) (bool, error) {
	connection, err := p.dial(netip.AddrPortFrom(address, uint16(forbidden.port)), roundLimit)
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
