package observe

import (
	"errors"
	"net"

	"golang.org/x/sys/unix"
)

// credentials are those of the process that connected, or that listens, as they were then.
func credentials(peer net.Conn) (pid, uid int, err error) {
	plain, ok := peer.(*net.UnixConn)
	if !ok {
		return 0, 0, errors.New("this is not a Unix socket")
	}
	raw, err := plain.SyscallConn()
	if err != nil {
		return 0, 0, err
	}
	var found *unix.Ucred
	var failed error
	err = errors.Join(raw.Control(func(fd uintptr) {
		found, failed = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}), failed)
	if err != nil {
		return 0, 0, err
	}
	return int(found.Pid), int(found.Uid), nil
}
