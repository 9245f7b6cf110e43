package launch

import (
	"net"

	"golang.org/x/sys/unix"

	"cleanroom.dev/tools/internal/wire"
)

// folder is the workspace, of which files are handed over.
type folder struct {
	// fd is negative if there is none.
	fd int
}

func openFolder(path string) folder {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if path == "" || err != nil {
		return folder{-1}
	}
	return folder{fd}
}

func (f folder) close() { _ = unix.Close(f.fd) }

// send hands a file over, or reports that there is none.
func (f folder) send(peer *net.UnixConn, path string) error {
	file, err := f.open(path)
	if err != nil {
		_, _, err = peer.WriteMsgUnix([]byte(wire.None), nil, nil)
		return err
	}
	defer unix.Close(file)
	_, _, err = peer.WriteMsgUnix([]byte(wire.File), unix.UnixRights(file), nil)
	return err
}

// open opens a regular file beneath the folder, to read it. It follows no link, and waits for no writer of a FIFO.
func (f folder) open(path string) (fd int, err error) {
	fd, err = unix.Openat2(f.fd, path, &unix.OpenHow{
		Flags:   unix.O_RDONLY | unix.O_CLOEXEC | unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_NOCTTY,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS,
	})
	if err != nil {
		return -1, err
	}
	var found unix.Stat_t
	if err := unix.Fstat(fd, &found); err != nil || found.Mode&unix.S_IFMT != unix.S_IFREG {
		_ = unix.Close(fd)
		return -1, unix.EINVAL
	}
	return fd, nil
}
