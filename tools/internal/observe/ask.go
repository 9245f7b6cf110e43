package observe

import (
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"cleanroom.dev/tools/internal/wire"
)

var (
	// errNone means that the launcher has no such file.
	errNone = errors.New("the launcher hands no such file over")
	// errAnswer means that the peer is no launcher.
	errAnswer = errors.New("the launcher's answer has an unknown form")
)

// asking asks the launcher that waits for files that only the user of its step may read. What it hands over is hostile.
type asking struct {
	mu   sync.Mutex
	peer *net.UnixConn
	// left is how many files it may still ask for.
	left int
	// failed is whether the launcher gave no valid answer. Nothing more is asked then, because the next answer could be the last one's.
	failed bool
}

func newAsking(peer *net.UnixConn) *asking { return &asking{peer: peer, left: wire.MaxOpens} }

// say reports whether the line was sent.
func (a *asking) say(line string) bool {
	_ = a.peer.SetDeadline(time.Now().Add(wire.HelloPatience))
	_, err := io.WriteString(a.peer, line)
	return err == nil
}

// open returns a regular file, opened by the launcher to read it. Whether it is the file of that path is for the caller to compare.
func (a *asking) open(path string) (*os.File, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.failed || a.left == 0 || len(path) > wire.MaxPath {
		return nil, errNone
	}
	a.left--
	if !a.say(wire.Open + " " + strconv.QuoteToASCII(path) + "\n") {
		a.failed = true
		return nil, errAnswer
	}
	fds, text, err := receive(a.peer)
	switch {
	case err == nil && text == wire.None && len(fds) == 0:
		return nil, errNone
	case err == nil && text == wire.File && len(fds) == 1:
		return regular(fds[0], path)
	}
	for _, fd := range fds {
		_ = unix.Close(fd)
	}
	a.failed = true
	return nil, errors.Join(errAnswer, err)
}

// receive returns one answer. The launcher sends it as one message, which the kernel does not divide.
func receive(peer *net.UnixConn) (fds []int, text string, err error) {
	// There is room for two descriptors, because the kernel aligns them. More are not received.
	line, control := make([]byte, len(wire.File)), make([]byte, unix.CmsgSpace(4))
	n, controls, _, _, err := peer.ReadMsgUnix(line, control)
	if err != nil {
		return nil, "", err
	}
	messages, err := unix.ParseSocketControlMessage(control[:controls])
	for _, each := range messages {
		received, failed := unix.ParseUnixRights(&each)
		fds, err = append(fds, received...), errors.Join(err, failed)
	}
	return fds, string(line[:n]), err
}

// regular does not touch what is no regular file: to read a FIFO could last without end.
func regular(fd int, path string) (*os.File, error) {
	var found unix.Stat_t
	if err := unix.Fstat(fd, &found); err != nil || found.Mode&unix.S_IFMT != unix.S_IFREG {
		_ = unix.Close(fd)
		return nil, errors.Join(errNone, err)
	}
	return os.NewFile(uintptr(fd), path), nil
}

// waits reports whether the launcher still waits: its connection is open, and it has sent nothing that was not asked for.
func (a *asking) waits() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	raw, err := a.peer.SyscallConn()
	if err != nil || a.failed {
		return false
	}
	var received error
	err = raw.Control(func(fd uintptr) {
		_, _, received = unix.Recvfrom(int(fd), make([]byte, 1), unix.MSG_PEEK|unix.MSG_DONTWAIT)
	})
	return err == nil && errors.Is(received, unix.EAGAIN)
}
