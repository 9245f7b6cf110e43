package canary

import (
	"io"
	"net"
	"net/netip"
	"sync"
	"time"
)

const (
	// maxAge is how old a check may be when a beacon answers because of it, counted from its beginning. A check that takes longer fails,
	// so a beacon answers within maxAge or not at all.
	maxAge = 100 * time.Millisecond
	// renewAge is the age at which a connection starts a new check. The other half of maxAge is left for a slow check.
	renewAge = maxAge / 2
	// maxChecks limits the number of addresses that are remembered. A pod has two, and loopback has many.
	maxChecks = 64
)

// selfCheck connects to one of this process's own ports. Connections to the same address at the same time share a check.
type selfCheck struct {
	port uint16
	// line is what the port answers.
	line string
	now  func() time.Time
	dial func(netip.AddrPort, time.Duration) (net.Conn, error)

	mu     sync.Mutex
	latest map[netip.Addr]*check
}

type check struct {
	started time.Time
	// done is closed once passed is known.
	done   chan struct{}
	passed bool
}

func newSelfCheck(port uint16, line string) *selfCheck {
	return &selfCheck{port: port, line: line, now: time.Now, dial: dialTCP, latest: map[netip.Addr]*check{}}
}

func dialTCP(to netip.AddrPort, limit time.Duration) (net.Conn, error) {
	return net.DialTimeout("tcp", to.String(), limit)
}

// allPass reports whether the ports of all checks answered at this address, at most maxAge ago. The checks run at the same time.
func allPass(at netip.Addr, checks ...*selfCheck) bool {
	var current []*check
	for _, s := range checks {
		current = append(current, s.current(at))
	}
	for _, c := range current {
		<-c.done
	}
	for i, c := range current {
		if !c.passed || checks[i].now().Sub(c.started) > maxAge {
			return false
		}
	}
	return true
}

func (s *selfCheck) current(at netip.Addr) *check {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, known := s.latest[at]; known && s.now().Sub(c.started) <= renewAge {
		return c
	}
	if len(s.latest) >= maxChecks {
		clear(s.latest)
	}
	c := &check{started: s.now(), done: make(chan struct{})}
	s.latest[at] = c
	go func() {
		defer close(c.done)
		c.passed = s.answered(netip.AddrPortFrom(at, s.port))
	}()
	return c
}

func (s *selfCheck) answered(port netip.AddrPort) bool {
	deadline := time.Now().Add(maxAge)
	connection, err := s.dial(port, maxAge)
	if err != nil {
		return false
	}
	defer connection.Close()
	line := make([]byte, len(s.line))
	if connection.SetReadDeadline(deadline) != nil {
		return false
	}
	_, err = io.ReadFull(connection, line)
	return err == nil && string(line) == s.line
}
