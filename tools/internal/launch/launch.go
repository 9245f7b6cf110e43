// Package launch starts a build so that it cannot signal what is not its own: the collector, which stops all of its
// processes when it is suspected, would else lose the race against kill(-1, SIGKILL).
package launch

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// Exit codes, as shells have them.
const (
	usageCode     = 2
	cannotExecute = 126
	notFound      = 127
)

// Run becomes the command. It returns only if that fails.
func Run(command []string, stderr io.Writer) int {
	if len(command) > 0 && command[0] == "--" {
		command = command[1:]
	}
	if len(command) == 0 {
		fmt.Fprintln(stderr, "launch: no command was given")
		return usageCode
	}
	// The restriction is the thread's, and the thread that executes is the one that stays.
	runtime.LockOSThread()
	if err := scopeSignals(); err != nil {
		fmt.Fprintln(stderr, "launch: the kernel has a scope for signals and refuses it:", err)
		return cannotExecute
	}
	err := execute(command)
	fmt.Fprintf(stderr, "launch: %s: %v\n", command[0], err)
	if errors.Is(err, os.ErrNotExist) {
		return notFound
	}
	return cannotExecute
}

// execute searches the PATH as execvp does: what may not be executed is told only if nothing else is found.
func execute(command []string) error {
	if command[0] == "" || strings.Contains(command[0], "/") {
		return syscall.Exec(command[0], command, os.Environ())
	}
	var failed error = syscall.ENOENT
	for _, folder := range filepath.SplitList(os.Getenv("PATH")) {
		switch err := syscall.Exec(filepath.Join(folder, command[0]), command, os.Environ()); {
		case errors.Is(err, syscall.EACCES):
			failed = err
		case !errors.Is(err, syscall.ENOENT) && !errors.Is(err, syscall.ENOTDIR):
			return err
		}
	}
	return failed
}
