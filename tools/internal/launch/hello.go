package launch

import (
	"bufio"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"

	"cleanroom.dev/tools/internal/wire"
)

// Observer is that of the pod.
type Observer struct {
	// Socket is empty without an observer.
	Socket string
	// Workspace is where this container has the workspace, empty if the observer gets no files of it.
	Workspace string
}

// Hello reports to the observer that a step starts, and waits for its answer: first for a moment, and then as long as it may take to read
// the workspace. It keeps the connection, which ends when this process becomes the command. It never stops a build: without an observer, or
// without an answer in time, the launcher goes on.
func (o Observer) Hello() (connection io.Closer) {
	if o.Socket == "" {
		return io.NopCloser(nil)
	}
	now := time.Now()
	return o.hello(now.Add(wire.HelloPatience), now.Add(wire.GoPatience))
}

// hello has the times until which it waits for the first answer and for the last.
func (o Observer) hello(first, last time.Time) (connection io.Closer) {
	peer, err := dial(o.Socket, first)
	if err != nil {
		return io.NopCloser(nil)
	}
	_ = peer.SetDeadline(first)
	lines := bufio.NewReaderSize(peer, wire.MaxOpen)
	if _, err := io.WriteString(peer, wire.Hello); err != nil {
		return peer
	}
	if line, err := lines.ReadSlice('\n'); err != nil || string(line) != wire.Wait {
		return peer
	}
	_ = peer.SetDeadline(last)
	handOver(peer, lines, o.Workspace)
	return peer
}

// dial tries again while the observer's queue is full.
func dial(socket string, deadline time.Time) (*net.UnixConn, error) {
	for {
		peer, err := net.DialTimeout("unix", socket, time.Until(deadline))
		if err == nil {
			return peer.(*net.UnixConn), nil
		}
		if !errors.Is(err, syscall.EAGAIN) || time.Until(deadline) <= 0 {
			return nil, err
		}
		time.Sleep(glance)
	}
}

// handOver answers requests for files until there is another line, which is the observer's go.
func handOver(peer *net.UnixConn, lines *bufio.Reader, workspace string) {
	opened := openFolder(workspace)
	defer opened.close()
	for range wire.MaxOpens {
		line, err := lines.ReadSlice('\n')
		if err != nil {
			return
		}
		quoted, request := strings.CutPrefix(strings.TrimSuffix(string(line), "\n"), wire.Open+" ")
		if !request {
			return
		}
		// What is no path is empty then, and no file.
		path, _ := strconv.Unquote(quoted)
		if err := opened.send(peer, path); err != nil {
			return
		}
	}
	_, _ = lines.ReadSlice('\n')
}
