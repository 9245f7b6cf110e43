package cluster

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"cleanroom.dev/lab/internal/layout"
)

// child is a component that this supervisor started.
type child struct {
	spec
	cmd *exec.Cmd
	log string
	// ended is closed when the process has ended; err then says how.
	ended chan struct{}
	err   error
}

// launcher starts all components from the thread that calls it: see childAttributes.
type launcher struct {
	dir    layout.Dir
	binary string
	// parentPipe is the read end that every child inherits. The write end is closed when this process ends.
	parentPipe, writeEnd *os.File
}

func newLauncher(dir layout.Dir) (*launcher, error) {
	binary, err := os.Executable()
	if err != nil {
		return nil, err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	return &launcher{dir, binary, read, write}, nil
}

func (l *launcher) start(s spec) (*child, error) {
	log, err := os.OpenFile(l.dir.Log(s.name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	binary, files := l.binary, []*os.File{l.parentPipe}
	if s.machine != nil {
		binary, files = s.machine.binary, append(files, s.machine.hostNetwork)
		defer s.machine.hostNetwork.Close()
	}
	cmd := &exec.Cmd{
		Path: binary, Args: append([]string{s.name}, s.args...), Dir: string(l.dir),
		Env:    append(os.Environ(), parentPipeEnv+"=1"),
		Stdout: log, Stderr: log, ExtraFiles: files, SysProcAttr: childAttributes(s.machine),
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", s.name, err)
	}
	c := &child{spec: s, cmd: cmd, log: l.dir.Log(s.name), ended: make(chan struct{})}
	go func() {
		c.err = cmd.Wait()
		close(c.ended)
	}()
	return c, nil
}

func (c *child) component() Component {
	return Component{newProcess(c.cmd.Process.Pid), c.name, c.port, c.health}
}

// awaitHealthy waits until the component is healthy, has ended, or has taken too long.
func (c *child) awaitHealthy(ctx context.Context, probe *prober, patience time.Duration) error {
	deadline := time.After(patience)
	for {
		err := probe.check(ctx, c.name, c.health)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-c.ended:
			return c.death()
		case <-deadline:
			return fmt.Errorf("%s is still not healthy after %s: %w\n%s", c.name, patience, err, c.lastLines())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (c *child) death() error {
	return fmt.Errorf("%s ended: %v\n%s", c.name, c.err, c.lastLines())
}

// lastLines returns the last lines of the log, indented, below its name.
func (c *child) lastLines() string {
	data, err := os.ReadFile(c.log)
	if err != nil {
		return "  (" + err.Error() + ")"
	}
	lines := strings.Split(strings.TrimRight(string(data), "\n"), "\n")
	lines = lines[max(0, len(lines)-15):]
	for i, line := range lines {
		// In a long line, the important part is at the start.
		lines[i] = line[:min(len(line), 300)]
	}
	return fmt.Sprintf("last lines of %s:\n  %s", filepath.Base(c.log), strings.Join(lines, "\n  "))
}

// kill uses SIGKILL, because nothing of a lab is kept.
func (c *child) kill() error {
	_ = c.cmd.Process.Signal(syscall.SIGKILL)
	select {
	case <-c.ended:
		return nil
	case <-time.After(10 * time.Second):
		return fmt.Errorf("%s (pid %d) does not end after SIGKILL", c.name, c.cmd.Process.Pid)
	}
}
