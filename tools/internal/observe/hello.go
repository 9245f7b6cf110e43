package observe

import (
	"context"
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
//  1. its process is the build user's, as the kernel says,
//  2. no other process of that user runs, so it cannot have been started by a step, and
//  3. it was not answered before: the step's command, which keeps the launcher's process, could say hello, too.
//
// Each process that is answered is the next step. Only launchers have a reason to connect, each of them once. So if there are more
// connections than steps, one step may have posed as another, and the report says so.
type hellos struct {
	socket net.Listener
	// proc is /proc.
	proc string
	// uid is the user of all steps.
	uid    int
	report *report
	log    *log
	// inputs is nil where the workspace is not read.
	inputs *inputs

	// mu is held during a look at the processes, so that there is one at a time.
	mu   sync.Mutex
	last identity
}

// identity distinguishes a process from a later one with the same number.
type identity struct {
	pid     int
	started string
}

// serve answers hellos until the socket is closed. A reading of the workspace ends with the context.
func (h *hellos) serve(ctx context.Context) {
	accept(h.socket, maxHellos, func(peer net.Conn) {
		deadline := time.Now().Add(wire.HelloPatience)
		_ = peer.SetDeadline(deadline)
		pid, uid, err := credentials(peer)
		if err != nil || uid != h.uid {
			return
		}
		h.report.heard()
		line := make([]byte, len(wire.Hello))
		if _, err := io.ReadFull(peer, line); err != nil || string(line) != wire.Hello {
			return
		}
		step, admitted := h.admit(pid, deadline)
		if !admitted {
			return
		}
		if h.inputs == nil {
			_, _ = io.WriteString(peer, wire.Go)
			return
		}
		launcher := newAsking(peer.(*net.UnixConn))
		launcher.say(wire.Wait)
		h.inputs.take(ctx, step, launcher, func() bool { return h.alone(pid) })
		if !launcher.say(wire.Go) {
			h.inputs.void()
		}
	})
}

// admit waits until nothing else of the build's user runs: what the step before left behind may be ending.
func (h *hellos) admit(pid int, deadline time.Time) (step string, admitted bool) {
	for time.Now().Before(deadline) {
		if step, admitted, final := h.look(pid); final {
			return step, admitted
		}
		time.Sleep(pause)
	}
	return "", false
}

// look is final unless other processes run that may end.
func (h *hellos) look(pid int) (step string, admitted, final bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	view := process.View{Folder: h.proc, Self: pid, UID: h.uid}
	others, err := view.Others()
	if err != nil {
		return "", false, true
	}
	if len(others) > 0 {
		return "", false, false
	}
	started, err := view.Started()
	from := identity{pid, started}
	if err != nil || from == h.last {
		return "", false, true
	}
	step, begun := h.report.begin()
	if !begun {
		return "", false, true
	}
	h.last = from
	// A line that cannot be written fails the report at its end.
	_ = h.log.line(stepLine{step, stamp(time.Now())})
	return step, true, true
}

// alone reports whether nothing else of the build's user runs.
func (h *hellos) alone(pid int) bool {
	others, err := process.View{Folder: h.proc, Self: pid, UID: h.uid}.Others()
	return err == nil && len(others) == 0
}
