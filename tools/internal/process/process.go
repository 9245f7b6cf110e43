// Package process looks at the processes of a build's pod, whose containers share a process namespace. The launcher and the observer ask it
// whether a step left processes behind.
package process

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

var errForm = errors.New("its stat has an unknown form")

// pausePID is the pause container's process, the first in the pod's process namespace.
const pausePID = 1

// View is what one process sees of the pod's process namespace.
type View struct {
	// Folder is /proc.
	Folder string
	// Self is the process that looks, or the one on whose behalf it is looked.
	Self int
	// UID is the user of all steps of the pod. The pod's companions have others, and no step can change its own: it has no capability,
	// and programs give it none (no_new_privs).
	UID int
}

// Process is one that runs. Its name is its own choice.
type Process struct {
	PID  int
	Name string
}

// Others returns the processes of the user that run and are neither Self nor the pause container's: an earlier step left them behind. An
// error means that there may be some that it cannot see.
func (v View) Others() ([]Process, error) {
	if v.Self == pausePID {
		return nil, errors.New("the pod's containers do not share a process namespace, so the launcher cannot see processes of the preparation")
	}
	entries, err := os.ReadDir(v.Folder)
	if err != nil {
		return nil, fmt.Errorf("the launcher cannot read processes: %w", err)
	}
	var pids []int
	var found []Process
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		pids = append(pids, pid)
		if pid == v.Self || pid == pausePID {
			continue
		}
		name, counts, err := v.look(pid)
		if err != nil {
			return nil, fmt.Errorf("the launcher cannot read process %d: %w", pid, err)
		}
		if counts {
			found = append(found, Process{pid, name})
		}
	}
	// If even these are hidden, others may be too.
	if !slices.Contains(pids, v.Self) || !slices.Contains(pids, pausePID) {
		return nil, errors.New("the launcher does not see all processes of the pod in /proc")
	}
	return found, nil
}

// Started returns when Self started, in the kernel's ticks. A process that gets the number of an earlier one has another start.
func (v View) Started() (string, error) {
	stat, err := os.ReadFile(v.path(v.Self, "stat"))
	if err != nil {
		return "", err
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	// The state is the third field of the line, the start the 22nd.
	if len(fields) < 20 {
		return "", errForm
	}
	return fields[19], nil
}

// look reports whether the process is the user's and one of its threads runs. What ends meanwhile counts, because before its end it may have
// started another process, which is not in the list.
func (v View) look(pid int) (name string, counts bool, err error) {
	status, err := os.ReadFile(v.path(pid, "status"))
	if gone(err) {
		return justEnded, true, nil
	}
	if err != nil {
		return "", false, err
	}
	// The owner of the folder would be root where a process cannot be dumped.
	uid, err := realUID(status)
	if err != nil || uid != v.UID {
		return "", false, err
	}
	return v.threads(pid)
}

// threads reports whether one of them runs. The first one, whose state is the process's, may have ended before the others: then the
// process looks like a zombie and still runs.
func (v View) threads(pid int) (name string, runs bool, err error) {
	threads, err := os.ReadDir(v.path(pid, "task"))
	if gone(err) {
		return justEnded, true, nil
	}
	if err != nil {
		return "", false, err
	}
	for _, thread := range threads {
		stat, err := os.ReadFile(v.path(pid, "task", thread.Name(), "stat"))
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

func (v View) path(pid int, names ...string) string {
	return filepath.Join(append([]string{v.Folder, strconv.Itoa(pid)}, names...)...)
}

func gone(err error) bool { return errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) }

// realUID reads the first number of the line Uid, as in proc_pid_status(5).
func realUID(status []byte) (int, error) {
	for line := range strings.Lines(string(status)) {
		if rest, found := strings.CutPrefix(line, "Uid:"); found {
			if fields := strings.Fields(rest); len(fields) > 0 {
				return strconv.Atoi(fields[0])
			}
		}
	}
	return 0, errors.New("its status does not name its user")
}

// parseStat reads a line as in proc_pid_stat(5): PID (NAME) STATE and more. The name may contain parentheses and spaces.
func parseStat(line []byte) (comm string, state byte, err error) {
	open, closed := bytes.IndexByte(line, '('), bytes.LastIndexByte(line, ')')
	if open < 0 || closed < open || len(line) < closed+3 || line[closed+1] != ' ' {
		return "", 0, errForm
	}
	return string(line[open+1 : closed]), line[closed+2], nil
}

// Describe names processes to a person.
func Describe(found []Process) string {
	var texts []string
	for _, each := range found[:min(len(found), maxNamed)] {
		texts = append(texts, fmt.Sprintf("%d (%s)", each.PID, each.Name[:min(len(each.Name), maxComm)]))
	}
	if more := len(found) - len(texts); more > 0 {
		texts = append(texts, fmt.Sprintf("%d more", more))
	}
	return strings.Join(texts, ", ")
}
