package launch

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"cleanroom.dev/tools/internal/wire"
)

// Usage shows the arguments of Command, after the name of the program that the steps of a pod find.
const Usage = `  cleanroom-tools launch [--observed[=FOLDER]] [--] COMMAND ARGS...
  cleanroom-tools launch [--observed[=FOLDER]] --closed [--beacon-port N] [--canary-port N] [--fetch-port N] [--message FILE] ADDRESS...
                         -- COMMAND ARGS...
`

// Command runs the launcher with the arguments that follow `launch`. It leaves the command's own flags alone: those of the launcher are
// --observed, which comes first, and what is between --closed and the first --.
func Command(args []string, stderr io.Writer) int {
	var observer Observer
	if len(args) > 0 {
		flag, folder, _ := strings.Cut(args[0], "=")
		if flag == "--observed" {
			observer, args = Observer{Socket: wire.ObserverSocket, Workspace: folder}, args[1:]
		}
	}
	if len(args) == 0 || args[0] != "--closed" {
		defer observer.Hello().Close()
		return Run(args, stderr)
	}
	end := slices.Index(args, "--")
	if end < 0 {
		fmt.Fprint(stderr, Usage)
		return usageCode
	}
	flags, ports := wire.Flags("launch", stderr)
	wire.AddFetchPort(flags, ports)
	message := wire.AddMessage(flags)
	if flags.Parse(args[1:end]) != nil {
		return usageCode
	}
	return RunClosed(Pod{Ports: *ports, Addresses: flags.Args(), Observer: observer, Message: *message}, args[end+1:], stderr)
}
