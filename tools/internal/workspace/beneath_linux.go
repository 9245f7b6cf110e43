package workspace

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// beneath opens what is beneath one folder: no link is followed, and no other file system is entered.
type beneath struct{ root int }

// maxTries limits how often the kernel may say that others change the path while it follows it, or that the file has a lease.
const maxTries = 10

const resolve = unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS | unix.RESOLVE_NO_XDEV

func openRoot(path string) (beneath, error) {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return beneath{}, err
	}
	return beneath{fd}, nil
}

func (b beneath) close() { _ = unix.Close(b.root) }

// open never waits for the other side of a FIFO, or for anybody's lease.
func (b beneath) open(path string, flags uint64) (fd int, err error) {
	how := unix.OpenHow{Flags: flags | unix.O_NOFOLLOW | unix.O_CLOEXEC, Resolve: resolve}
	if flags&unix.O_PATH == 0 {
		how.Flags |= unix.O_NONBLOCK
	}
	for range maxTries {
		fd, err = unix.Openat2(b.root, path, &how)
		if err != unix.EINTR && err != unix.EAGAIN {
			break
		}
	}
	if err == unix.EAGAIN {
		err = errChanged
	}
	return fd, err
}

// file opens a regular file.
func (b beneath) file(path string) (fd int, s state, err error) {
	if fd, err = b.open(path, unix.O_RDONLY); err != nil {
		return -1, state{}, err
	}
	if s, err = stat(fd); err == nil && s.kind != kindFile {
		err = errChanged
	}
	if err != nil {
		shut(fd)
		return -1, state{}, err
	}
	return fd, s, nil
}

// state is that of what the path names. It need not be readable, and is not opened.
func (b beneath) state(path string) (state, error) {
	fd, err := b.open(path, unix.O_PATH)
	if err != nil {
		return state{}, err
	}
	defer shut(fd)
	return stat(fd)
}

// same returns the state of an open file if it is the regular file that the path names.
func (b beneath) same(path string, fd int) (state, error) {
	want, err := b.state(path)
	if err != nil {
		return state{}, err
	}
	got, err := stat(fd)
	if err != nil {
		return state{}, err
	}
	if got.kind != kindFile || got.device != want.device || got.inode != want.inode {
		return state{}, fs.ErrPermission
	}
	return got, nil
}

// at reads some of a file, without its offset, which others may share.
func at(fd int, to []byte, offset int64) (n int, err error) {
	for {
		if n, err = unix.Pread(fd, to, offset); err != unix.EINTR {
			return max(n, 0), err
		}
	}
}

func shut(fd int) { _ = unix.Close(fd) }

// folder opens a folder.
func (b beneath) folder(path string) (int, error) {
	return b.open(path, unix.O_RDONLY|unix.O_DIRECTORY)
}

// beneathOf opens what is beneath an open folder.
func beneathOf(fd int) beneath { return beneath{fd} }

// duplicate returns an open file for another process, nil if there is none.
func duplicate(fd int) *os.File {
	to, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	return os.NewFile(uintptr(to), "")
}

// link is the text of a symbolic link.
func (b beneath) link(path string) (string, error) {
	fd, err := b.open(path, unix.O_PATH)
	if err != nil {
		return "", err
	}
	defer shut(fd)
	text := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(fd, "", text)
	if err == unix.ENOENT || err == unix.EINVAL {
		err = errChanged
	}
	return string(text[:max(n, 0)]), err
}

// names calls each for every name in a folder, until it returns false. An error means that they may be not all.
func (b beneath) names(path string, buffer []byte, each func(name []byte, kind byte) bool) error {
	fd, err := b.open(path, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		if err == unix.ENOTDIR {
			err = errChanged
		}
		return err
	}
	defer shut(fd)
	before, err := stat(fd)
	if err != nil {
		return err
	}
	for {
		n, err := unix.Getdents(fd, buffer)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		if n <= 0 {
			break
		}
		// struct linux_dirent64: inode and offset, 8 bytes each; the length of the entry, 2; the type, 1; the name, which ends with NUL.
		for rest := buffer[:n]; len(rest) > 19; {
			length := int(binary.NativeEndian.Uint16(rest[16:]))
			if length <= 19 || length > len(rest) {
				return errors.New("the kernel returned a wrong entry")
			}
			name := rest[19:length]
			for i, c := range name {
				if c == 0 {
					name = name[:i]
					break
				}
			}
			kind, known := types[rest[18]]
			if s := string(name); s != "." && s != ".." && s != "" {
				if !known {
					if kind, err = kindOf(fd, s); err != nil {
						return err
					}
				}
				if !each(name, kind) {
					return nil
				}
			}
			rest = rest[length:]
		}
	}
	after, err := stat(fd)
	if err == nil && after != before {
		err = errChanged
	}
	return err
}

var types = map[byte]byte{
	unix.DT_REG: kindFile, unix.DT_DIR: kindFolder, unix.DT_LNK: kindLink, unix.DT_FIFO: kindFIFO, unix.DT_SOCK: kindSocket,
	unix.DT_BLK: kindDevice, unix.DT_CHR: kindDevice,
}

// kindOf is for file systems that do not say it with the name.
func kindOf(folder int, name string) (byte, error) {
	var s unix.Stat_t
	err := unix.Fstatat(folder, name, &s, unix.AT_SYMLINK_NOFOLLOW)
	return kind(s.Mode), err
}

func stat(fd int) (state, error) {
	var s unix.Stat_t
	if err := unix.Fstat(fd, &s); err != nil {
		return state{}, err
	}
	return state{
		kind: kind(s.Mode), mode: uint8(s.Mode>>6&1<<2 | s.Mode>>3&1<<1 | s.Mode&1),
		device: uint64(s.Dev), inode: s.Ino, size: s.Size, modified: s.Mtim.Nano(), changed: s.Ctim.Nano(),
	}, nil
}

func kind(mode uint32) byte {
	switch mode & unix.S_IFMT {
	case unix.S_IFREG:
		return kindFile
	case unix.S_IFDIR:
		return kindFolder
	case unix.S_IFLNK:
		return kindLink
	case unix.S_IFIFO:
		return kindFIFO
	case unix.S_IFSOCK:
		return kindSocket
	default:
		return kindDevice
	}
}

// why is the reason of an error.
func why(err error) string {
	switch {
	case errors.Is(err, errChanged), errors.Is(err, unix.ELOOP), errors.Is(err, unix.ENXIO):
		return Changed
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENOTDIR), errors.Is(err, unix.ESTALE):
		return Vanished
	case errors.Is(err, unix.ENAMETOOLONG):
		return TooLong
	default:
		return Unreadable
	}
}
