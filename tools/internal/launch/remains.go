package launch

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

const (
	// maxNamed is how many processes a message names.
	maxNamed = 4
	// maxComm is how many characters of a process's name a message contains. The kernel keeps 15 bytes.
	maxComm = 16
	// justEnded is the name in messages of a process that ended before its name could be read.
	justEnded = "just ended"
)

// pausePID is the pause container's process, the first in the pod's process namespace.
const pausePID = 1

// processes looks at the processes of the pod's process namespace.
type processes struct {
	// folder is /proc.
	folder string
	self   int
}

// process is one that runs. Its name is its own choice.
type process struct {
	pid  int
	comm string
}

// remains returns the processes that run and are neither this one nor the pause container's: a preparation left them behind. An error
// means that there may be some that it cannot see.
func (p processes) remains() ([]process, error) {
	if p.self == pausePID {
		return nil, errors.New("the pod's containers do not share a process namespace, so the launcher cannot see processes of the preparation")
	}
	entries, err := os.ReadDir(p.folder)
	if err != nil {
		return nil, fmt.Errorf("the launcher cannot read processes: %w", err)
	}
	var pids []int
	var found []process
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		pids = append(pids, pid)
		if pid == p.self || pid == pausePID {
			continue
		}
		comm, runs, err := p.look(pid)
		if err != nil {
			return nil, fmt.Errorf("the launcher cannot read process %d: %w", pid, err)
		}
		if runs {
			found = append(found, process{pid, comm})
		}
	}
	// If even these are hidden, others may be too.
	if !slices.Contains(pids, p.self) || !slices.Contains(pids, pausePID) {
		return nil, errors.New("the launcher does not see all processes of the pod in /proc")
	}
	return found, nil
}

// look reports whether one of the process's threads runs. The first one, whose state is the process's, may have ended before the others:
// then the process looks like a zombie and still runs. What ends meanwhile counts as running, because before its end it may have started
// another process, which is not in the list.
func (p processes) look(pid int) (comm string, runs bool, err error) {
	folder := filepath.Join(p.folder, strconv.Itoa(pid), "task")
	threads, err := os.ReadDir(folder)
	if gone(err) {
		return justEnded, true, nil
	}
	if err != nil {
		return "", false, err
	}
	for _, thread := range threads {
		stat, err := os.ReadFile(filepath.Join(folder, thread.Name(), "stat"))
		if gone(err) {
			return justEnded, true, nil
		}
		if err != nil {
			return "", false, err
		}
		name, state, err := parseStat(stat)
		if err != nil {
			return "", false, err
		}
		if state != 'Z' && state != 'X' {
			return name, true, nil
		}
	}
	return "", false, nil
}

func gone(err error) bool { return errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) }

// parseStat reads a line as in proc_pid_stat(5): PID (NAME) STATE and more. The name may contain parentheses and spaces.
func parseStat(line []byte) (comm string, state byte, err error) {
	open, closed := bytes.IndexByte(line, '('), bytes.LastIndexByte(line, ')')
	if open < 0 || closed < open || len(line) < closed+3 || line[closed+1] != ' ' {
		return "", 0, errors.New("its stat has an unknown form")
	}
	return string(line[open+1 : closed]), line[closed+2], nil
}

// name describes processes to a person.
func name(found []process) string {
	var texts []string
	for _, each := range found[:min(len(found), maxNamed)] {
		texts = append(texts, fmt.Sprintf("%d (%s)", each.pid, each.comm[:min(len(each.comm), maxComm)]))
	}
	if more := len(found) - len(texts); more > 0 {
		texts = append(texts, fmt.Sprintf("%d more", more))
	}
	return strings.Join(texts, ", ")
}
