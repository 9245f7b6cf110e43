package machine

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
)

// self is this binary, whose own path the new mounts may hide.
const self = "/proc/self/exe"

// processes are the machine's processes. As its first process, this one also reaps those that have lost their parents.
type processes struct {
	mu    sync.Mutex
	names map[int]string
	// first is closed at the first start.
	first     chan struct{}
	firstOnce sync.Once
}

func newProcesses() *processes {
	return &processes{names: map[int]string{}, first: make(chan struct{})}
}

// start runs the binary with the name as argv[0], and writes its output to the log of that name.
func (p *processes) start(name, binary string, args ...string) error {
	binary, err := exec.LookPath(binary)
	if err != nil {
		return err
	}
	log, err := os.OpenFile(path("logs", name+".log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	// Locked, so that firstEnd knows the name of a process that ends at once.
	p.mu.Lock()
	defer p.mu.Unlock()
	process, err := os.StartProcess(binary, append([]string{name}, args...), &os.ProcAttr{
		Dir: "/", Env: os.Environ(), Files: []*os.File{nil, log, log},
	})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	p.names[process.Pid] = name
	p.firstOnce.Do(func() { close(p.first) })
	return nil
}

// firstEnd reaps until one of the started processes ends.
func (p *processes) firstEnd() error {
	<-p.first
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil {
			return fmt.Errorf("wait: %w", err)
		}
		p.mu.Lock()
		name, ours := p.names[pid]
		p.mu.Unlock()
		if ours {
			return fmt.Errorf("%s ended: exit status %d, signal %d; see its log", name, status.ExitStatus(), status.Signal())
		}
	}
}
