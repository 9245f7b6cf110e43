package launch

import (
	"io"
	"net"
	"time"

	"cleanroom.dev/tools/internal/wire"
)

// Hello reports to the observer that a step starts, and waits for its answer. It keeps the connection, which ends when this process becomes
// the command. It never stops a build: without an observer, or without an answer in time, the launcher goes on.
func Hello(socket string) (connection io.Closer) {
	deadline := time.Now().Add(wire.HelloPatience)
	peer, err := net.DialTimeout("unix", socket, wire.HelloPatience)
	if err != nil {
		return io.NopCloser(nil)
	}
	_ = peer.SetDeadline(deadline)
	if _, err := io.WriteString(peer, wire.Hello); err == nil {
		_, _ = io.ReadFull(peer, make([]byte, len(wire.Go)))
	}
	return peer
}
