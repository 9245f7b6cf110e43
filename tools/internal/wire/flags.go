package wire

import (
	"flag"
	"io"
)

// Flags are those of a command that has to do with canaries.
func Flags(command string, stderr io.Writer) (*flag.FlagSet, *Ports) {
	flags := flag.NewFlagSet("cleanroom-tools "+command, flag.ContinueOnError)
	flags.SetOutput(stderr)
	ports := new(Ports)
	flags.IntVar(&ports.Beacon, "beacon-port", BeaconPort, "the port that the beacon policy allows")
	flags.IntVar(&ports.Canary, "canary-port", CanaryPort, "the port that no policy allows")
	return flags, ports
}

// AddFetchPort adds the flag for the third port.
func AddFetchPort(flags *flag.FlagSet, ports *Ports) {
	flags.IntVar(&ports.Fetch, "fetch-port", FetchPort, "the port that the policy of the preparation allows")
}

// AddMessage adds the flag for the termination message.
func AddMessage(flags *flag.FlagSet) *string {
	return flags.String("message", "/dev/termination-log", "the file to which the outcome is written")
}
