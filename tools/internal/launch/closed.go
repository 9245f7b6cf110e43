package launch

import (
	"fmt"
	"io"
	"os"
	"time"

	"cleanroom.dev/tools/internal/gate"
	"cleanroom.dev/tools/internal/process"
	"cleanroom.dev/tools/internal/wire"
)

const (
	// gaveUp is the exit code of a launcher that has not started the build and has left a message.
	gaveUp = 125
	// patience is how long processes of the preparation that are ending may take.
	patience = 2 * time.Second
	// glance is the time between two looks at them.
	glance = 20 * time.Millisecond
	// quiet is for how long the beacon must answer and the other ports must not.
	quiet = 300 * time.Millisecond
	// deadline is how long after the fetch beacon's last answer the launcher gives up.
	deadline = 30 * time.Second
)

// Pod describes the pod in which a build that has phases waits.
type Pod struct {
	Ports wire.Ports
	// Addresses of canaries, as they were given.
	Addresses []string
	Observer  Observer
	// Message is the file to which the launcher writes why it gives up.
	Message string
}

// RunClosed replaces this process with the command when nothing of the pod's preparation runs and its network is closed. It returns only
// if that fails.
func RunClosed(pod Pod, command []string, stderr io.Writer) int {
	if len(command) == 0 {
		return Run(nil, stderr)
	}
	if found := awaitNone(process.View{Folder: "/proc", Self: os.Getpid(), UID: os.Getuid()}); found != "" {
		return giveUp(gate.Unmeasured(gate.PreparationStillRuns, len(pod.Addresses), found), pod.Message, stderr)
	}
	defer pod.Observer.Hello().Close()
	settings := gate.Settings{Ports: pod.Ports, Quiet: quiet, Deadline: deadline, Addresses: pod.Addresses}
	// The observer may have read the workspace for longer than the deadline.
	if outcome := gate.AwaitClosed(time.Now(), settings); outcome.Outcome != gate.Enforced {
		return giveUp(outcome, pod.Message, stderr)
	}
	return Run(command, stderr)
}

// awaitNone returns an empty text once nothing of the preparation runs, and otherwise what does when the patience has ended.
func awaitNone(pod process.View) string {
	for started := time.Now(); ; time.Sleep(glance) {
		found, err := pod.Others()
		switch {
		case err == nil && len(found) == 0:
			return ""
		case time.Since(started) < patience:
		case err != nil:
			return err.Error()
		default:
			return "processes of the preparation still run: " + process.Describe(found)
		}
	}
}

// giveUp reports the outcome in the message file and on stderr. A message that cannot be written does not start the build either.
func giveUp(outcome gate.Message, file string, stderr io.Writer) int {
	line := outcome.JSON()
	fmt.Fprintf(stderr, "launch: the build is not started: %s", line)
	if err := os.WriteFile(file, line, 0o644); err != nil {
		fmt.Fprintln(stderr, "launch:", err)
	}
	return gaveUp
}
