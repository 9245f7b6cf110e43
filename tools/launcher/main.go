// Command cleanroom-launcher starts the steps of a build pod, which find it in a volume, by the name cleanroom-tools. It is cleanroom-tools
// launch alone: nothing that answers a network or reads hostile files is in the steps' containers.
package main

import (
	"fmt"
	"os"

	"cleanroom.dev/tools/internal/launch"
)

func main() {
	if len(os.Args) < 2 || os.Args[1] != "launch" {
		fmt.Fprint(os.Stderr, launch.Usage)
		os.Exit(2)
	}
	os.Exit(launch.Command(os.Args[2:], os.Stderr))
}
