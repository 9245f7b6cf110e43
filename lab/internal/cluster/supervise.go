package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"cleanroom.dev/lab/internal/layout"
)

// Options of a lab.
type Options struct {
	Dir   layout.Dir
	Nodes int
	Audit bool
	// Real is the real node, nil for simulated ones.
	Real *RealNode
}

const (
	startPatience = 2 * time.Minute
	// A component that answers no health check for this long has failed, however loaded the machine.
	sickPatience  = 2 * time.Minute
	checkInterval = 5 * time.Second
)

// ErrStopped is the cause of a context that ends the lab on request.
var ErrStopped = errors.New("stopped")

// supervisor runs one lab:
//  1. it takes the directory's lock, ends and removes leftovers;
//  2. writes certificates and configuration, starts the components in order, waits for each to be healthy;
//  3. calls ready, then watches: a component that dies or stays sick ends the lab;
//  4. kills all components and removes what the lab made, except after a failure, whose logs stay.
type supervisor struct {
	Options
	say      func(format string, args ...any)
	state    State
	launcher *launcher
	probe    *prober
	children []*child
}

// Run is the supervisor's life. It must be called from the main thread. Prepare fills a fresh control plane.
func Run(ctx context.Context, options Options, say func(string, ...any), prepare func(context.Context, layout.Dir) error, ready func()) error {
	dir := options.Dir
	if err := dir.Prepare(); err != nil {
		return err
	}
	lock, err := acquire(dir)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := cleanLeftovers(dir); err != nil {
		return err
	}
	s := &supervisor{Options: options, say: say}
	if err = s.startWithFreePorts(ctx); err == nil {
		err = s.live(ctx, prepare, ready)
	}
	killed := s.killAll()
	if errors.Is(err, ErrStopped) {
		return errors.Join(killed, dir.Clean(), dir.Remove())
	}
	s.state.Ready = false
	// The log's lines were told already; they are in the log.
	s.state.Failure, _, _ = strings.Cut(err.Error(), "\n")
	return errors.Join(err, killed, s.state.write(dir))
}

// Clean ends and removes the leftovers of a lab that no longer runs.
func Clean(dir layout.Dir) error {
	if _, err := os.Stat(string(dir)); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err := dir.Prepare(); err != nil {
		return err
	}
	lock, err := acquire(dir)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := cleanLeftovers(dir); err != nil {
		return err
	}
	return dir.Remove()
}

func cleanLeftovers(dir layout.Dir) error {
	state, err := ReadState(dir)
	if err != nil {
		return err
	}
	if state != nil {
		if err := killLeftovers(state); err != nil {
			return err
		}
		if state.Real {
			if err := awaitMachineGone(dir); err != nil {
				return err
			}
		}
	}
	return dir.Clean()
}

// startWithFreePorts tries again when another process took a port between its choice and its use.
func (s *supervisor) startWithFreePorts(ctx context.Context) error {
	for attempt := 1; ; attempt++ {
		err := s.start(ctx)
		if err == nil {
			return nil
		}
		if attempt == 3 || !strings.Contains(err.Error(), "address already in use") {
			return err
		}
		s.say("a chosen port was taken meanwhile, starting again")
		if err := errors.Join(s.killAll(), s.Dir.Clean()); err != nil {
			return err
		}
	}
}

func (s *supervisor) start(ctx context.Context) error {
	chosen, err := choosePorts()
	if err != nil {
		return err
	}
	s.state = State{Supervisor: newProcess(os.Getpid()), Nodes: s.Nodes, Real: s.Real != nil, Audit: s.Audit}
	if s.Real != nil {
		s.state.Policies = s.Real.Policies.Flags()
	}
	if err := s.state.write(s.Dir); err != nil {
		return err
	}
	s.say("writing certificates and configuration to %s", s.Dir)
	if s.Real != nil {
		if chosen.address, chosen.node, err = chooseLink(s.Dir); err != nil {
			return err
		}
	}
	if err := setUp(s.Dir, chosen, s.Audit); err != nil {
		return err
	}
	if s.launcher == nil {
		if s.launcher, err = newLauncher(s.Dir); err != nil {
			return err
		}
	}
	if s.probe, err = newProber(s.Dir); err != nil {
		return err
	}
	// Those of a stage start at the same time; the next stage needs them healthy.
	first := []spec{etcdSpec(s.Dir, chosen)}
	last := []spec{controllerManagerSpec(s.Dir, chosen), schedulerSpec(s.Dir, chosen)}
	if s.Real != nil {
		// Before the API server, which listens on the link to it.
		node, err := realNodeSpec(s.Dir, chosen, *s.Real)
		if err != nil {
			return err
		}
		first = append(first, node)
	} else {
		last = append(last, nodesSpec(s.Dir, chosen, s.Nodes))
	}
	stages := [][]spec{first, {apiServerSpec(s.Dir, chosen, s.Audit)}, last}
	for i, stage := range stages {
		var names []string
		for _, spec := range stage {
			names = append(names, spec.name)
		}
		s.say("[%d/%d] starting %s", i+1, len(stages), strings.Join(names, ", "))
		if err := s.startStage(ctx, stage); err != nil {
			return err
		}
	}
	return nil
}

func (s *supervisor) startStage(ctx context.Context, stage []spec) error {
	first := len(s.children)
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	// A stage that waits for a component which died meanwhile says so.
	for _, earlier := range s.children {
		go func() {
			select {
			case <-earlier.ended:
				end(earlier.death())
			case <-ctx.Done():
			}
		}()
	}
	for _, spec := range stage {
		child, err := s.launcher.start(spec)
		if err != nil {
			return err
		}
		s.children = append(s.children, child)
		s.state.Components = append(s.state.Components, child.component())
		// Written after each start: a supervisor killed right now leaves the pid behind.
		if err := s.state.write(s.Dir); err != nil {
			return err
		}
	}
	for _, child := range s.children[first:] {
		if err := child.awaitHealthy(ctx, s.probe, startPatience); err != nil {
			return err
		}
	}
	return nil
}

// live watches from here on; prepare, too, ends when a component does.
func (s *supervisor) live(ctx context.Context, prepare func(context.Context, layout.Dir) error, ready func()) error {
	healthy, end := context.WithCancelCause(ctx)
	go func() { end(s.watch(ctx)) }()
	if err := prepare(healthy, s.Dir); err != nil {
		return err
	}
	s.state.Ready = true
	if err := s.state.write(s.Dir); err != nil {
		return err
	}
	ready()
	<-healthy.Done()
	return context.Cause(healthy)
}

// watch returns when the lab is to end, or has to.
func (s *supervisor) watch(ctx context.Context) error {
	died := make(chan *child, len(s.children))
	sick := make(chan error, len(s.children))
	for _, c := range s.children {
		go func() {
			<-c.ended
			died <- c
		}()
		go func() { sick <- s.watchHealth(ctx, c) }()
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case c := <-died:
		return c.death()
	case err := <-sick:
		return err
	}
}

func (s *supervisor) watchHealth(ctx context.Context, c *child) error {
	healthy := time.Now()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(checkInterval):
		}
		err := s.probe.check(ctx, c.name, c.health)
		if err == nil {
			healthy = time.Now()
		} else if time.Since(healthy) > sickPatience {
			return fmt.Errorf("%s is not healthy for %s: %w\n%s", c.name, sickPatience, err, c.lastLines())
		}
	}
}

// killAll ends the components, the last started first, so that none complains about a missing server.
func (s *supervisor) killAll() error {
	var errs []error
	for _, child := range slices.Backward(s.children) {
		errs = append(errs, child.kill())
	}
	s.children = nil
	if s.Real != nil {
		errs = append(errs, awaitMachineGone(s.Dir))
	}
	return errors.Join(errs...)
}
