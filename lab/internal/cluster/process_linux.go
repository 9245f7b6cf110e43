package cluster

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
)

// childAttributes make the kernel kill the child when the supervisor's main thread ends, also after kill -9. When the first
// process of a machine ends, the kernel kills the others.
func childAttributes(m *machine) *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if m != nil {
		attributes.Cloneflags = syscall.CLONE_NEWPID | syscall.CLONE_NEWNS | syscall.CLONE_NEWNET | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC
	}
	return attributes
}

// processStamp returns the process's start time in ticks since boot; empty if the process does not exist or all of its threads have ended.
func processStamp(pid int) string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	// The command in parentheses may contain spaces, so fields are counted after it: the state is the 3rd, the start time the 22nd.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 20 || fields[0][0] == 'Z' && !hasThreads(pid) {
		return ""
	}
	return string(fields[19])
}

// hasThreads reports whether other threads of a process still run or end. Meanwhile a process whose first thread has ended looks like
// a zombie, as a machine's first process does while the kernel ends the machine's other processes.
func hasThreads(pid int) bool {
	threads, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	return len(threads) > 1
}
