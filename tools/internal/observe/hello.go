package observe

import (
	"io"
	"net"
	"sync"
	"time"

	"cleanroom.dev/tools/internal/process"
	"cleanroom.dev/tools/internal/wire"
)

// maxHellos is how many connections are served at once; the others wait in the kernel's queue.
const maxHellos = 8

// hellos learns which step runs. The launcher of each step says hello before it becomes the step's command. It is answered only if
//  1. its process is the build user's, as the kernel says, and
//  2. no other process of that user runs, so it cannot have been started by a step.
//
// A process that was the last to be answered is the same step; any other is the next step.
type hellos struct {
	socket net.Listener
	// proc is /proc.
	proc string
	// uid is the user of all steps.
	uid    int
	report *report
	log    *log

	// mu is held during a look at the processes, so that there is one at a time.
	mu   sync.Mutex
	last identity
}

// identity distinguishes a process from a later one with the same number.
type identity struct {
	pid     int
	started string
}

func (h *hellos) serve() {
	accept(h.socket, maxHellos, func(peer net.Conn) {
		deadline := time.Now().Add(wire.HelloPatience)
		_ = peer.SetDeadline(deadline)
		pid, uid, err := credentials(peer)
		if err != nil || uid != h.uid {
			return
		}
		line := make([]byte, len(wire.Hello))
		if _, err := io.ReadFull(peer, line); err != nil || string(line) != wire.Hello {
			return
		}
		if h.admit(pid, deadline) {
			_, _ = io.WriteString(peer, wire.Go)
		}
	})
}

// admit waits until nothing else of the build's user runs: what the step before left behind may be ending.
func (h *hellos) admit(pid int, deadline time.Time) bool {
	for time.Now().Before(deadline) {
		if admitted, final := h.look(pid); final {
			return admitted
		}
		time.Sleep(pause)
	}
	return false
}

// look is final unless other processes run that may end.
func (h *hellos) look(pid int) (admitted, final bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	view := process.View{Folder: h.proc, Self: pid, UID: h.uid}
	others, err := view.Others()
	if err != nil {
		return false, true
	}
	if len(others) > 0 {
		return false, false
	}
	started, err := view.Started()
	if err != nil {
		return false, true
	}
	if from := (identity{pid, started}); from != h.last {
		step, ok := h.report.begin()
		if !ok {
			return false, true
		}
		h.last = from
		// A line that cannot be written fails the report at its end.
		_ = h.log.line(stepLine{step, stamp(time.Now())})
	}
	return true, true
}
