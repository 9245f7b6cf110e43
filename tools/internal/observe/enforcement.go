package observe

import (
	"context"
	"math/rand/v2"
	"time"

	"cleanroom.dev/tools/internal/gate"
)

const (
	// roundEvery is the time between two rounds, and roundJitter by how much it differs at most, so that a build cannot know it and the
	// observers of many pods do not measure at the same time.
	roundEvery  = 30 * time.Second
	roundJitter = 6 * time.Second
)

type measuredLine struct {
	Rounds int `json:"rounds"`
	Lost   int `json:"lost"`
}

// enforcement measures whether the pod's policies are still enforced while the build runs:
//  1. It begins when the last step has begun. Until a beacon has answered once, a round does not count, because the beacon is closed to a pod
//     that prepares.
//  2. A canary that answers in two rounds, of which the second follows at once, means that enforcement is lost. One answer may be due to a
//     network plug-in that starts again.
//  3. After that one round in which the beacon answers, and no canary does, means that it is restored.
//  4. A round in which no beacon answers, or that took too long, proves nothing, unless the canary answers.
type enforcement struct {
	// measure measures one round. It is nil where no canary is known.
	measure func() gate.Measured
	// proc is /proc.
	proc    string
	signals *signals

	beacon, lost bool
	measured     measuredLine
	// refused is how many of the kernel's failed attempts were those of rounds.
	refused uint64
}

// run measures until the context ends. Building is closed when the last step begins.
func (e *enforcement) run(ctx context.Context, building <-chan struct{}) {
	if e.measure == nil {
		return
	}
	select {
	case <-ctx.Done():
		return
	case <-building:
	}
	for {
		e.round(ctx)
		select {
		case <-ctx.Done():
			return
		case <-time.After(roundEvery - roundJitter + rand.N(2*roundJitter)):
		}
	}
}

func (e *enforcement) round(ctx context.Context) {
	found := e.once()
	e.beacon = e.beacon || found.Beacon
	if !e.beacon {
		return
	}
	if found.Answered != "" && !e.lost {
		found = e.once()
	}
	// A plug-in may take the rules from a pod that ends.
	if ctx.Err() != nil || found.Answered == "" && !found.Enforced {
		return
	}
	e.measured.Rounds++
	switch {
	case found.Answered != "" && !e.lost:
		e.lost = true
		e.measured.Lost++
		e.signals.lose(found.Answered, time.Now())
	case found.Enforced && e.lost:
		e.lost = false
		e.signals.restore(e.measured.Lost, time.Now())
	}
}

// once measures a round, and remembers which of the kernel's failed attempts were its own: at most as many as were refused, and as there are
// more after it.
func (e *enforcement) once() gate.Measured {
	before, unread := readCounters(e.proc)
	found := e.measure()
	after, err := readCounters(e.proc)
	if unread == nil && err == nil {
		e.refused += min(uint64(found.Refused), less(after.TCPAttemptFails, before.TCPAttemptFails))
	}
	return found
}
