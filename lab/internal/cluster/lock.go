package cluster

import (
	"errors"
	"os"
	"syscall"

	"cleanroom.dev/lab/internal/layout"
)

// ErrRunning means that another process holds the directory's lock: its lab runs, starts or ends.
var ErrRunning = errors.New("a lab runs in this directory")

// acquire takes the directory's lock. The kernel releases it when the holder ends, however it ends.
func acquire(dir layout.Dir) (*os.File, error) {
	file, err := os.OpenFile(dir.Lock(), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, ErrRunning
		}
		return nil, err
	}
	// A lab that just ended may have removed the file between our open and our lock. Such a lock protects nothing.
	held, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, err
	}
	if named, err := os.Stat(dir.Lock()); err != nil || !os.SameFile(held, named) {
		file.Close()
		return nil, ErrRunning
	}
	return file, nil
}

// Running reports whether a supervisor has locked the directory.
func Running(dir layout.Dir) bool {
	if _, err := os.Stat(dir.Lock()); err != nil {
		return false
	}
	file, err := acquire(dir)
	if err != nil {
		return errors.Is(err, ErrRunning)
	}
	file.Close()
	return false
}
