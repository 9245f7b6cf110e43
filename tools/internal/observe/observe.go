// Package observe remembers what the steps of a build pod asked for and did not get: names, and connections without an answer. It runs
// beside them, under a user of its own, and so cannot be signalled or read by them.
//  1. It answers each question for a name at once: there is no such name.
//  2. It looks ten times a second at the sockets of the pod that wait for an answer, and at the start and the end at the kernel's counters.
//  3. The launcher of each step says hello, so each event has its step.
//  4. While the launcher waits, it reads the workspace: what goes into the build, and what each step changed.
//  5. At the end it reads the workspace once more: which inputs the build changed or removed, what is new, and the artifacts and reports that
//     the build was to make.
//  6. Then it writes what it remembers to its log, and a digest of the log to the log and to the termination message.
//
// Everything that it reads is hostile. Its memory and its log are bounded, and the report says what is left out.
package observe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"cleanroom.dev/tools/internal/workspace"
)

const (
	// MaxSteps is how many steps a pod may have.
	MaxSteps = 64
	// Resolver is the address at which pods ask for names. IPv6 pods have it too.
	Resolver = "127.0.0.1:53"
	// finishPatience is how long the end of the report may take to be written.
	finishPatience = 20 * time.Second
)

// Settings are those of an observer.
type Settings struct {
	Version string
	// Steps are named in the order in which they start.
	Steps []string
	// UID is the observer's own user. That of the steps is one less.
	UID int
	// Proc is /proc.
	Proc string
	// Resolver is the address at which names are asked.
	Resolver string
	// Hello is the socket at which launchers say hello.
	Hello string
	// Workspace is the folder that is read when a step starts, empty if none is. With Artifacts or Reports it is read at the end even if the
	// pod has one step.
	Workspace string
	// Artifacts and Reports are looked for in the workspace at the end.
	Artifacts, Reports []workspace.Pattern
	// Parse is the command of the process that reads lockfiles, artifacts and reports.
	Parse []string
	// Message is the file for the termination message.
	Message string
}

// Run observes until the context ends, and then writes the report.
func Run(ctx context.Context, s Settings, stdout io.Writer) error {
	r, out := newReport(s.Steps), newLog(stdout)
	before, unread := readCounters(s.Proc)
	resolver, err := newResolver(ctx, s.Resolver, r)
	if err != nil {
		return err
	}
	defer resolver.close()
	// A line that cannot be written fails the report at its end.
	_ = out.line(map[string]any{"observer": 1, "version": s.Version})
	// This socket is the last: a process that reaches it, as the probe does, knows that the observer is ready.
	socket, err := new(net.ListenConfig).Listen(ctx, "unix", s.Hello)
	if err != nil {
		return err
	}
	defer socket.Close()
	w := &watch{folder: s.Proc, uid: s.UID, resolver: resolver.address(), report: r}
	go resolver.serveUDP()
	go resolver.serveTCP()
	greeted := &hellos{socket: socket, proc: s.Proc, uid: s.UID - 1, report: r, log: out, inputs: s.inputs(r, out)}
	go greeted.serve(ctx)
	observing, stop := context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		defer stop()
		<-ctx.Done()
		newOutputs(s, out).close(greeted.inputs)
	}()
	w.run(observing)

	w.look(time.Now())
	counted, err := readCounters(s.Proc)
	if err = errors.Join(unread, err); err != nil {
		r.missed(unreadable)
		counted = before
	}
	counted = counted.since(before, uint64(resolver.datagrams.Load())+w.drops)
	return within(finishPatience, func() error { return r.finish(out, counted, s.Message) })
}

// inputs are nil where nothing is read: what a pod's only step starts with comes from nowhere but its environment.
func (s Settings) inputs(r *report, out *log) *inputs {
	if s.Workspace == "" || len(s.Steps) < 2 {
		return nil
	}
	settings := workspace.Settings{Root: s.Workspace, Parse: workspace.Child{Command: s.Parse}.Parse}
	return newInputs(settings, s.Steps[len(s.Steps)-1], r, out)
}

// within waits at most that long: nobody may read what the function writes.
func within(patience time.Duration, write func() error) error {
	done := make(chan error, 1)
	go func() { done <- write() }()
	select {
	case err := <-done:
		return err
	case <-time.After(patience):
		return errors.New("the report could not be written in time")
	}
}

// Probe reports whether an observer of the same user listens.
func Probe(hello string, uid int) error {
	peer, err := net.DialTimeout("unix", hello, time.Second)
	if err != nil {
		return err
	}
	defer peer.Close()
	_, listener, err := credentials(peer)
	if err != nil {
		return err
	}
	if listener != uid {
		return fmt.Errorf("user %d listens at %s, and not %d", listener, hello, uid)
	}
	return nil
}
