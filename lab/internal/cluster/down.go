package cluster

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"cleanroom.dev/lab/internal/layout"
)

// Down ends the lab of the directory, if one runs, and removes its files. It can be called again.
func Down(dir layout.Dir) error {
	var supervisor Process
	deadline := time.Now().Add(time.Minute)
	for ; Running(dir); time.Sleep(50 * time.Millisecond) {
		state, err := ReadState(dir)
		if err != nil {
			return err
		}
		// A supervisor that has just started has not written its pid yet, so try again.
		if state != nil && state.Supervisor.Alive() {
			supervisor = state.Supervisor
			if err := syscall.Kill(supervisor.PID, syscall.SIGTERM); err != nil && !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("cannot end the supervisor (pid %d): %w", supervisor.PID, err)
			}
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the lab in %s does not end: end the process that has %s open (fuser or lsof show it), then try again", dir, dir.Lock())
		}
	}
	// The supervisor releases the lock of the directory shortly before it ends.
	for ; supervisor.Alive(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			return fmt.Errorf("the lab in %s has ended, but its supervisor (pid %d) does not end", dir, supervisor.PID)
		}
	}
	if _, err := os.Stat(dir.Lock()); errors.Is(err, os.ErrNotExist) {
		// There was never a lab here, or its files are removed already.
		return nil
	}
	return Clean(dir)
}
