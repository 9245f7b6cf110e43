package cluster

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"cleanroom.dev/lab/internal/layout"
)

// Down ends the lab of the directory, if one runs, and removes what it made. It may be called again.
func Down(dir layout.Dir) error {
	var supervisor Process
	deadline := time.Now().Add(time.Minute)
	for ; Running(dir); time.Sleep(50 * time.Millisecond) {
		state, err := ReadState(dir)
		if err != nil {
			return err
		}
		// A supervisor that has just started has not written its pid yet: ask again.
		if state != nil && state.Supervisor.Alive() {
			supervisor = state.Supervisor
			if err := syscall.Kill(supervisor.PID, syscall.SIGTERM); err != nil && !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("the supervisor (pid %d): %w", supervisor.PID, err)
			}
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the lab in %s does not end: look at the process that holds %s", dir, dir.Lock())
		}
	}
	// It lets go of the directory shortly before it has ended.
	for ; supervisor.Alive(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			return fmt.Errorf("the lab in %s is gone, but its supervisor (pid %d) does not end", dir, supervisor.PID)
		}
	}
	if _, err := os.Stat(dir.Lock()); errors.Is(err, os.ErrNotExist) {
		// No lab was ever here, or its end removed all.
		return nil
	}
	return Clean(dir)
}
