package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"cleanroom.dev/lab/internal/cluster"
	"cleanroom.dev/lab/internal/layout"
)

// dirFlag adds --dir to the flags; call the result after parsing.
func dirFlag(flags *flag.FlagSet) func() (layout.Dir, error) {
	value := flags.String("dir", "", "the lab's directory")
	return func() (layout.Dir, error) { return layout.Resolve(*value) }
}

func newFlags(name string) *flag.FlagSet {
	flags := flag.NewFlagSet("lab "+name, flag.ExitOnError)
	flags.Usage = func() { fmt.Fprint(os.Stderr, usage) }
	return flags
}

// parse ends the process on a wrong flag or on any argument: the commands that use it take no arguments.
func parse(flags *flag.FlagSet, args []string) {
	_ = flags.Parse(args)
	if flags.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "%s: unexpected argument %q\n\n%s", flags.Name(), flags.Arg(0), usage)
		os.Exit(2)
	}
}

// runningLab returns the state of a lab that is ready, or an error that says what to do.
func runningLab(dir layout.Dir) (*cluster.State, error) {
	state, err := cluster.ReadState(dir)
	switch {
	case err != nil:
		return nil, err
	case state != nil && state.Failure != "":
		return nil, fmt.Errorf("the lab in %s ended: %s; logs are in %s", dir, state.Failure, dir.Logs())
	case state == nil || !cluster.Running(dir):
		return nil, fmt.Errorf("no lab runs in %s: start one with `lab up --dir %s`", dir, dir)
	case !state.Ready:
		return nil, fmt.Errorf("the lab in %s is still starting: wait for it with `lab up --dir %s`", dir, dir)
	}
	return state, nil
}

// leadingDir takes --dir D or --dir=D from the front of args.
func leadingDir(args []string) (dir string, rest []string) {
	if len(args) == 0 {
		return "", args
	}
	if value, ok := strings.CutPrefix(args[0], "--dir="); ok {
		return value, args[1:]
	}
	if args[0] == "--dir" && len(args) > 1 {
		return args[1], args[2:]
	}
	return "", args
}
