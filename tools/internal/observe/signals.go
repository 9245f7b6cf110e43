package observe

import (
	"sync"
	"time"
)

const (
	// maxSignals is how many signals a run has. A build that asks for many names must not keep the observer from reporting that enforcement is
	// lost, so the last maxLosses of them are for that only.
	maxSignals = 64
	maxLosses  = 16
	// maxUnready is how often the observer is not ready, and the last lossesUnready of these are for lost enforcement only. Each is a write of
	// the pod's status, so there is a time between two of them.
	maxUnready    = 16
	lossesUnready = 4
	unreadyPause  = 30 * time.Second
)

// The values of enforcement.
const (
	lost     = "Lost"
	restored = "Restored"
)

type signalLine struct {
	Signal      int    `json:"signal"`
	Name        string `json:"name,omitempty"`
	Address     string `json:"address,omitempty"`
	Port        uint16 `json:"port,omitempty"`
	Protocol    string `json:"protocol,omitempty"`
	Enforcement string `json:"enforcement,omitempty"`
	// Step is nil for enforcement, which is not of a step, and empty before the first step.
	Step *string `json:"step,omitempty"`
	At   string  `json:"at"`
}

type enforcementLine struct {
	Enforcement string `json:"enforcement"`
	At          string `json:"at"`
	Address     string `json:"address,omitempty"`
}

// signals are what is worth reading while the build runs. Each is written to the log at once, and then the observer is not ready once, so that
// the kubelet writes the status of the pod and the operator reads the log. The report at the end has all that is beyond the limits.
type signals struct {
	mu sync.Mutex
	// lines has room for all lines of a run, so that nobody who signals waits for the log.
	lines   chan any
	ended   bool
	written chan struct{}

	count, seen, losses int
	// newSeen and newLoss are whether the observer has not been unready since then.
	newSeen, newLoss bool
	// probed is whether there was a probe: a container is not ready before the first one, and nobody would notice that it stays so.
	probed  bool
	unready int
	last    time.Time
}

func newSignals() *signals {
	// A loss has two lines, and its end one.
	return &signals{lines: make(chan any, maxSignals-maxLosses+3*maxLosses), written: make(chan struct{})}
}

// write writes the lines until there are no more. A line that cannot be written fails the report at its end.
func (s *signals) write(out *log) {
	defer close(s.written)
	for line := range s.lines {
		_ = out.line(line)
	}
}

// end returns when all signals are written. There are no more after it.
func (s *signals) end() {
	s.mu.Lock()
	if !s.ended {
		s.ended = true
		close(s.lines)
	}
	s.mu.Unlock()
	<-s.written
}

// asked signals a name.
func (s *signals) asked(n name, now time.Time) {
	s.see(signalLine{Name: n.name, Step: &n.step, At: stamp(now)})
}

// unanswered signals a destination that gave no answer.
func (s *signals) unanswered(c connection, now time.Time) {
	s.see(signalLine{Address: c.to.Addr().String(), Port: c.to.Port(), Protocol: c.protocol, Step: &c.step, At: stamp(now)})
}

func (s *signals) see(line signalLine) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended || s.seen == maxSignals-maxLosses {
		return
	}
	s.seen++
	s.newSeen = true
	s.send(line)
}

func (s *signals) send(line signalLine) {
	s.count++
	line.Signal = s.count
	s.lines <- line
}

// lose signals that the canary at the address answers.
func (s *signals) lose(address string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended || s.losses == maxLosses {
		return
	}
	s.losses++
	s.newLoss = true
	s.lines <- enforcementLine{lost, stamp(now), address}
	s.send(signalLine{Enforcement: lost, At: stamp(now)})
}

// restore writes that the policies are enforced again. The number is how often they were lost: what was not written is not restored.
func (s *signals) restore(losses int, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended && losses == s.losses {
		s.lines <- enforcementLine{Enforcement: restored, At: stamp(now)}
	}
}

// ready is the answer to the readiness probe: no, once for all signals that are new.
func (s *signals) ready(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.probed {
		s.probed = true
		return true
	}
	news := s.newLoss && s.unready < maxUnready || s.newSeen && s.unready < maxUnready-lossesUnready
	if !news || s.unready > 0 && now.Sub(s.last) < unreadyPause {
		return true
	}
	s.newSeen, s.newLoss, s.last = false, false, now
	s.unready++
	return false
}
