//go:build !linux

package cluster

import "syscall"

// childAttributes are empty: without the kernel's help, the pipe to the parent ends the child (DieWithParent).
func childAttributes(*machine) *syscall.SysProcAttr { return nil }

func processStamp(int) string { return "" }
