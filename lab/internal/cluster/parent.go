package cluster

import (
	"os"
	"syscall"
)

const (
	parentPipeEnv = "LAB_PARENT_PIPE"
	parentPipeFD  = 3
)

// DieWithParent ends this process when the supervisor has ended: only the supervisor has the other end of the pipe.
func DieWithParent() {
	if os.Getenv(parentPipeEnv) == "" {
		return
	}
	syscall.CloseOnExec(parentPipeFD)
	pipe := os.NewFile(parentPipeFD, "parent")
	go func() {
		// Nothing is ever written, so the read returns when the other end is closed.
		_, _ = pipe.Read(make([]byte, 1))
		os.Exit(1)
	}()
}
