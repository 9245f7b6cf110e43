package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"cleanroom.dev/lab/internal/cluster"
	"cleanroom.dev/lab/internal/layout"
)

func cmdUp(args []string) error {
	flags := newFlags("up")
	resolve := dirFlag(flags)
	nodes := flags.Int("nodes", 2, "simulated nodes")
	node := flags.String("node", "", "real: one real node instead of simulated ones")
	check := flags.Bool("check", false, "with --node real: only report whether this machine can have one")
	policies := policyFlags(flags)
	audit := flags.Bool("audit", false, "log writes, for `lab writes`")
	foreground := flags.Bool("foreground", false, "stay in the foreground, and end on a signal or at the end of stdin")
	detached := flags.Bool("detached-supervisor", false, "internal: the process that `lab up` leaves behind")
	parse(flags, args)
	dir, err := resolve()
	if err != nil {
		return err
	}
	if *nodes < 0 {
		return fmt.Errorf("--nodes %d: must be 0 or more", *nodes)
	}
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	options := cluster.Options{Dir: dir, Nodes: *nodes, Audit: *audit}
	if given["node"] {
		if *node != "real" || given["nodes"] {
			return fmt.Errorf("--node %s: the only value is real, and it cannot be combined with --nodes", *node)
		}
		if *check {
			return nodeNeeds()
		}
		options.Nodes = 1
		if options.Real, err = realNode(policies); err != nil {
			return err
		}
	} else if given["established"] || given["policy-lag"] || given["enforce"] {
		return errors.New("--established, --policy-lag and --enforce require --node real")
	}
	if *foreground || *detached {
		return supervise(options, *detached)
	}
	if cluster.Running(dir) {
		return reuse(options, given["nodes"])
	}
	return detach(options)
}

func say(format string, args ...any) { fmt.Fprintf(os.Stderr, "lab: "+format+"\n", args...) }

// supervise runs the process that owns the lab.
func supervise(options cluster.Options, detached bool) error {
	// The process that read our output may have ended. That must not end this process.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		<-signals
		stop(cluster.ErrStopped)
	}()
	ready := make(chan struct{})
	if !isNull(os.Stdin) {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			select {
			case <-ready:
				// `lab up` has returned, and a detached lab continues.
				if detached {
					return
				}
			default:
			}
			stop(cluster.ErrStopped)
		}()
	}
	started := time.Now()
	announce := func() {
		close(ready)
		say("ready after %.1f s", time.Since(started).Seconds())
		fmt.Println(options.Dir.Kubeconfig())
		if detached {
			leaveTerminal(options.Dir)
		}
	}
	return cluster.Run(ctx, options, say, awaitUsable, announce)
}

// leaveTerminal redirects later output to a log, so that readers of our output see its end.
func leaveTerminal(dir layout.Dir) {
	log, err := os.OpenFile(dir.Log("supervisor"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		say("no log of the supervisor: %v", err)
		return
	}
	defer log.Close()
	for _, stream := range []*os.File{os.Stdout, os.Stderr} {
		if err := unix.Dup2(int(log.Fd()), int(stream.Fd())); err != nil {
			say("no log of the supervisor: %v", err)
		}
	}
}

// isNull reports whether stdin is /dev/null, whose end does not mean that a parent ended.
func isNull(file *os.File) bool {
	mine, err := file.Stat()
	if err != nil {
		return true
	}
	null, err := os.Stat(os.DevNull)
	return err == nil && os.SameFile(mine, null)
}

// detach starts the supervisor in a new session and waits until its lab is ready.
func detach(options cluster.Options) error {
	binary, err := os.Executable()
	if err != nil {
		return err
	}
	args := []string{"up", "--detached-supervisor", "--dir", string(options.Dir)}
	if options.Real != nil {
		args = append(append(args, "--node", "real"), options.Real.Policies.Flags()...)
	} else {
		args = append(args, "--nodes", strconv.Itoa(options.Nodes))
	}
	if options.Audit {
		args = append(args, "--audit")
	}
	cmd := exec.Command(binary, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Dir = "/"
	cmd.Stderr = os.Stderr
	// Until its lab is ready, the supervisor ends with this pipe, and so with this process.
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	defer stdin.Close()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		_ = cmd.Wait()
		return errors.New("the lab did not start: see the messages above; logs are in " + options.Dir.Logs())
	}
	fmt.Println(strings.TrimSpace(line))
	return nil
}

// reuse waits for the lab that already runs or starts in the directory, and prints its kubeconfig if it is healthy.
func reuse(options cluster.Options, nodesGiven bool) error {
	dir := options.Dir
	say("a lab runs in %s already", dir)
	for deadline := time.Now().Add(5 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		if !cluster.Running(dir) {
			return detach(options)
		}
		state, err := cluster.ReadState(dir)
		if err != nil {
			return err
		}
		if state != nil && state.Ready {
			return describe(options, state, nodesGiven)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the lab in %s does not become ready: run `lab down --dir %s`, then lab up again", dir, dir)
		}
	}
}

func describe(options cluster.Options, state *cluster.State, nodesGiven bool) error {
	dir := options.Dir
	if options.Audit && !state.Audit {
		return fmt.Errorf("the lab in %s runs without --audit: run `lab down --dir %s`, then lab up again", dir, dir)
	}
	if (options.Real != nil) != state.Real && (options.Real != nil || nodesGiven) {
		return fmt.Errorf("the lab in %s has another kind of nodes (real or simulated): run `lab down --dir %s`, then lab up again", dir, dir)
	}
	if options.Real != nil && !slices.Equal(options.Real.Policies.Flags(), state.Policies) {
		return fmt.Errorf("the lab in %s runs with %s: run `lab down --dir %s`, then lab up again", dir, strings.Join(state.Policies, " "), dir)
	}
	if nodesGiven && options.Nodes != state.Nodes {
		return fmt.Errorf("the lab in %s runs with --nodes %d: run `lab down --dir %s`, then lab up again", dir, state.Nodes, dir)
	}
	health, err := cluster.Health(context.Background(), dir, state)
	if err != nil {
		return err
	}
	for name, sick := range health {
		if sick != nil {
			return fmt.Errorf("the lab in %s runs, but %s is not healthy (%w): run `lab down --dir %s`, then lab up again", dir, name, sick, dir)
		}
	}
	fmt.Println(dir.Kubeconfig())
	return nil
}

func cmdDown(args []string) error {
	flags := newFlags("down")
	resolve := dirFlag(flags)
	parse(flags, args)
	dir, err := resolve()
	if err != nil {
		return err
	}
	return cluster.Down(dir)
}
