package cluster

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
)

// childAttributes: the kernel kills the child when the supervisor's main thread dies, kill -9 included.
// A machine's processes die with its first.
func childAttributes(m *machine) *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if m != nil {
		attributes.Cloneflags = syscall.CLONE_NEWPID | syscall.CLONE_NEWNS | syscall.CLONE_NEWNET | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC
	}
	return attributes
}

// processStamp is the process's start time in ticks since boot; empty if there is no such process or all of it has ended.
func processStamp(pid int) string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	// The command in parentheses may hold spaces; fields count from behind it: state is the 3rd, start time the 22nd.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 20 || fields[0][0] == 'Z' && !hasThreads(pid) {
		return ""
	}
	return string(fields[19])
}

// hasThreads: a process whose first thread has ended looks like a zombie while others of it still run or end, as a machine's
// first process does while the kernel ends the machine's other ones.
func hasThreads(pid int) bool {
	threads, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	return len(threads) > 1
}
