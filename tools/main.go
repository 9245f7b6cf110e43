// Command cleanroom-tools has the gate, the launcher and the observer, which run inside build pods, and the canary, to which the gate
// connects: see README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"syscall"
	"time"

	"cleanroom.dev/tools/internal/canary"
	"cleanroom.dev/tools/internal/gate"
	"cleanroom.dev/tools/internal/launch"
	"cleanroom.dev/tools/internal/observe"
	"cleanroom.dev/tools/internal/wire"
	"cleanroom.dev/tools/internal/workspace"
)

// version is the version of Cleanroom; the build sets it.
var version = "unknown"

const usage = `cleanroom-tools runs inside the pods of Cleanroom.

  cleanroom-tools canary [--beacon-port N] [--canary-port N] [--fetch-port N]
  cleanroom-tools gate [--beacon-port N] [--canary-port N] [--quiet DURATION] [--deadline DURATION] [--message FILE]
                       [--install DIR] ADDRESS...
` + launch.Usage + `  cleanroom-tools observe [--workspace FOLDER [--artifact PATTERN]... [--report PATTERN]...] [--message FILE] STEP...
  cleanroom-tools observe --probe
  cleanroom-tools --version
`

// usageCode is the exit code for wrong arguments.
const usageCode = 2

func main() {
	started := time.Now()
	os.Exit(run(started, os.Args[1:], os.Stdout, os.Stderr))
}

func run(started time.Time, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(stderr, usage)
		return usageCode
	}
	switch args[0] {
	case "canary":
		return runCanary(args[1:], stderr)
	case "gate":
		return runGate(started, args[1:], stdout, stderr)
	case "launch":
		return launch.Command(args[1:], stderr)
	case "observe":
		return runObserve(args[1:], stdout, stderr)
	case "--version":
		fmt.Fprintln(stdout, "cleanroom-tools", version)
		return 0
	case "--help":
		fmt.Fprint(stdout, usage)
		return 0
	}
	fmt.Fprintf(stderr, "cleanroom-tools: unknown command %q\n\n%s", args[0], usage)
	return usageCode
}

func runCanary(args []string, stderr io.Writer) int {
	flags, ports := wire.Flags("canary", stderr)
	wire.AddFetchPort(flags, ports)
	if flags.Parse(args) != nil {
		return usageCode
	}
	if flags.NArg() > 0 {
		fmt.Fprint(stderr, usage)
		return usageCode
	}
	// As the first process of its container, the canary would otherwise ignore these signals.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := canary.Run(ctx, *ports); err != nil {
		fmt.Fprintln(stderr, "canary:", err)
		return 1
	}
	return 0
}

func runGate(started time.Time, args []string, stdout, stderr io.Writer) int {
	flags, ports := wire.Flags("gate", stderr)
	quiet := flags.Duration("quiet", 500*time.Millisecond, "for how long the beacon must answer and the canary must not")
	deadline := flags.Duration("deadline", 30*time.Second, "after which time the gate fails")
	message := wire.AddMessage(flags)
	folder := flags.String("install", "", "the folder to which the launcher is copied")
	if flags.Parse(args) != nil {
		return usageCode
	}
	if *folder != "" {
		if err := install(*folder); err != nil {
			fmt.Fprintln(stderr, "install:", err)
			return 1
		}
	}
	settings := gate.Settings{Ports: *ports, Quiet: *quiet, Deadline: *deadline, Addresses: flags.Args()}
	return report(gate.Run(started, settings), *message, stdout, stderr)
}

// install copies the launcher, which is beside this program.
func install(folder string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return launch.Install(filepath.Join(filepath.Dir(self), launch.Program), folder)
}

// stepName is a label of DNS, as Kubernetes names containers.
var stepName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

func runObserve(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("cleanroom-tools observe", flag.ContinueOnError)
	flags.SetOutput(stderr)
	probe := flags.Bool("probe", false, "only report whether the observer of this pod is ready")
	folder := flags.String("workspace", "", "the folder that is read when a step starts, if there are more steps than one")
	parse := flags.String("parse", "", "only read a lockfile, an artifact or a report of this format from the standard input")
	var artifacts, reports []workspace.Pattern
	addPatterns(flags, "artifact", "which files of the workspace the build makes; * is any part of a name, ** any number of folders", &artifacts)
	addPatterns(flags, "report", "which files of the workspace are reports of scanners", &reports)
	message := wire.AddMessage(flags)
	if flags.Parse(args) != nil {
		return usageCode
	}
	invalid := func(step string) bool { return !stepName.MatchString(step) }
	if (*probe || *parse != "") != (flags.NArg() == 0) || *probe && *parse != "" || flags.NArg() > observe.MaxSteps ||
		len(artifacts)+len(reports) > 0 && *folder == "" || slices.ContainsFunc(flags.Args(), invalid) {
		fmt.Fprint(stderr, usage)
		return usageCode
	}
	var err error
	switch {
	case *probe:
		err = observe.Probe(wire.ObserverSocket, os.Getuid())
	case *parse != "":
		err = workspace.ParseChild(*parse, os.Stdin, stdout)
	default:
		// If it is not known, lockfiles are listed as not parsed.
		self, _ := os.Executable()
		// As the first process of its container, the observer would otherwise ignore these signals.
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
		defer stop()
		// Without this, a log that nobody reads any more would end the observer.
		signal.Ignore(syscall.SIGPIPE)
		err = observe.Run(ctx, observe.Settings{
			Version: version, Steps: flags.Args(), UID: os.Getuid(), Proc: "/proc", Resolver: observe.Resolver, Hello: wire.ObserverSocket,
			Workspace: *folder, Artifacts: artifacts, Reports: reports, Parse: []string{self, "observe", "--parse"}, Message: *message,
		}, stdout)
	}
	if err != nil {
		fmt.Fprintln(stderr, "observe:", err)
		return workspace.ExitCode(err)
	}
	return 0
}

// addPatterns adds a flag that may be given workspace.MaxPatterns times.
func addPatterns(flags *flag.FlagSet, name, usage string, to *[]workspace.Pattern) {
	flags.Func(name, usage, func(text string) error {
		pattern, err := workspace.ParsePattern(text)
		if err == nil && len(*to) == workspace.MaxPatterns {
			err = fmt.Errorf("there are more than %d patterns", workspace.MaxPatterns)
		}
		*to = append(*to, pattern)
		return err
	})
}

// report fails the gate if its outcome cannot be written, because then nobody could read it.
func report(outcome gate.Message, file string, stdout, stderr io.Writer) int {
	line := outcome.JSON()
	_, printed := stdout.Write(line)
	if err := errors.Join(printed, os.WriteFile(file, line, 0o644)); err != nil {
		fmt.Fprintln(stderr, "gate:", err)
		return 1
	}
	if outcome.Outcome != gate.Enforced {
		return 1
	}
	return 0
}
