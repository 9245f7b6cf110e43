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

// Options are the settings of a lab.
type Options struct {
	Dir   layout.Dir
	Nodes int
	Audit bool
	// Real is the real node; nil for simulated nodes.
	Real *RealNode
}

const (
	startPatience = 2 * time.Minute
	// A component that answers no health check for this long has failed, even on a busy machine.
	sickPatience  = 2 * time.Minute
	checkInterval = 5 * time.Second
)

// ErrStopped is the cause of a context that ends the lab on request.
var ErrStopped = errors.New("stopped")

// supervisor runs one lab:
//  1. it takes the directory's lock, and ends and removes what an earlier lab left;
//  2. it writes certificates and configuration, starts the components in order, and waits until each is healthy;
//  3. it calls ready, and then watches: a component that ends or stays unhealthy ends the lab;
//  4. it kills all components and removes the lab's files, but after a failure it keeps the logs.
type supervisor struct {
	Options
	say      func(format string, args ...any)
	state    State
	launcher *launcher
	probe    *prober
	children []*child
}

// Run runs the supervisor. It must be called from the main thread. Prepare creates the first objects in a new control plane.
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
	// The lines of the log were printed already, so they are left out here.
	s.state.Failure, _, _ = strings.Cut(err.Error(), "\n")
	return errors.Join(err, killed, s.state.write(dir))
}

// Clean ends and removes what a lab that no longer runs has left.
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

// startWithFreePorts tries again if another process took a port after it was chosen.
func (s *supervisor) startWithFreePorts(ctx context.Context) error {
	for attempt := 1; ; attempt++ {
		err := s.start(ctx)
		if err == nil {
			return nil
		}
		if attempt == 3 || !strings.Contains(err.Error(), "address already in use") {
			return err
		}
		s.say("another process took one of the chosen ports; starting again")
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
	// The components of a stage start at the same time. The next stage needs them healthy.
	first := []spec{etcdSpec(s.Dir, chosen)}
	last := []spec{controllerManagerSpec(s.Dir, chosen), schedulerSpec(s.Dir, chosen)}
	if s.Real != nil {
		// Starts before the API server, which listens on the link to the node.
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
	// If a component ends while a stage waits for it, the error names it.
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
		// The state is written after each start, so that a supervisor that is killed now leaves the pid.
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

// live watches the components from here on. When one ends, prepare ends too.
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

// watch returns when the lab should end, or a component has failed.
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
			return fmt.Errorf("%s has not been healthy for %s: %w\n%s", c.name, sickPatience, err, c.lastLines())
		}
	}
}

// killAll ends the components in reverse order of their start, so that none logs errors about a missing server.
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
