package observe

import (
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"

	"cleanroom.dev/tools/internal/wire"
)

// readyPatience is how long the readiness probe waits in all.
const readyPatience = 2 * time.Second

var errSignals = errors.New("there are new signals in the log, for the operator to read; this is not an error")

// Probe reports whether an observer of the same user listens.
func Probe(hello string, uid int) error {
	peer, err := reach(hello, uid, time.Now().Add(time.Second))
	if err == nil {
		_ = peer.Close()
	}
	return err
}

// Ready is the readiness probe: it fails once after new signals. An observer that does not answer in time counts as ready, so that a build
// that keeps the observer busy does not cause writes of the pod's status.
func Ready(hello string, uid int) error {
	deadline := time.Now().Add(readyPatience)
	peer, err := reach(hello, uid, deadline)
	if errors.Is(err, syscall.EAGAIN) {
		return nil
	}
	if err != nil {
		return err
	}
	defer peer.Close()
	_ = peer.SetDeadline(deadline)
	_, _ = io.WriteString(peer, wire.AskReady)
	answer := make([]byte, len(wire.Unready))
	if _, err := io.ReadFull(peer, answer); err == nil && string(answer) == wire.Unready {
		return errSignals
	}
	return nil
}

// reach connects to the observer of this user. It tries again while the observer's queue is full.
func reach(hello string, uid int, deadline time.Time) (net.Conn, error) {
	for {
		peer, err := net.DialTimeout("unix", hello, time.Until(deadline))
		if errors.Is(err, syscall.EAGAIN) && time.Until(deadline) > pause {
			time.Sleep(pause)
			continue
		}
		if err != nil {
			return nil, err
		}
		_, listener, err := credentials(peer)
		if err == nil && listener != uid {
			err = fmt.Errorf("user %d listens at %s, and not %d", listener, hello, uid)
		}
		if err != nil {
			_ = peer.Close()
			return nil, err
		}
		return peer, nil
	}
}

// answerReady answers the observer's own probes. The startup probe asks nothing.
func (h *hellos) answerReady(peer net.Conn) {
	line := make([]byte, len(wire.AskReady))
	if _, err := io.ReadFull(peer, line); err != nil || string(line) != wire.AskReady {
		return
	}
	answer := wire.Ready
	if !h.report.signals.ready(time.Now()) {
		answer = wire.Unready
	}
	_, _ = io.WriteString(peer, answer)
}
