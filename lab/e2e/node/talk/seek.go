//go:build linux

package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// seek says where there are the bytes that NAME=HEX stands for: in files, also those that other processes see, and in
// environments and command lines of processes; and then which processes there are. In hex, for else it would find what it was asked.
func seek(names []string) {
	needles := map[string][]byte{}
	for _, name := range names {
		name, encoded, _ := strings.Cut(name, "=")
		needle, err := hex.DecodeString(encoded)
		fail(err)
		needles[name] = needle
	}
	look := func(place string, content []byte) {
		for name, needle := range needles {
			if bytes.Contains(content, needle) {
				tell(name, place)
			}
		}
	}
	walk := func(root, place string) {
		fail(filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			path = "/" + strings.TrimPrefix(strings.TrimPrefix(path, root), "/")
			if slices.Contains([]string{"/proc", "/sys"}, path) {
				return fs.SkipDir
			}
			// A file that cannot be read is not a finding.
			if err == nil && entry.Type().IsRegular() {
				if content, err := os.ReadFile(filepath.Join(root, path)); err == nil {
					look(place+path, content)
				}
			}
			return nil
		}))
	}
	walk("/", "file ")
	// The pod's first process reaps what a step left within seconds.
	for started := time.Now(); time.Since(started) < 10*time.Second && slices.ContainsFunc(processes(), ended); {
		time.Sleep(100 * time.Millisecond)
	}
	var commands []string
	for _, pid := range processes() {
		environment, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		command, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		program, _, _ := strings.Cut(string(command), "\x00")
		look("environment of "+program, environment)
		look("command line of "+program, command)
		if root := fmt.Sprintf("/proc/%d/root/", pid); !same("/", root) {
			walk(root, "root of "+program+" file ")
		}
		commands = append(commands, program)
	}
	slices.Sort(commands)
	tell("processes", strings.Join(commands, " "))
}

// ended processes have no command line, until they are reaped.
func ended(pid int) bool {
	command, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return err == nil && len(command) == 0
}

// same is also true where one of them cannot be read.
func same(a, b string) bool {
	one, errOne := os.Stat(a)
	other, errOther := os.Stat(b)
	return errOne != nil || errOther != nil || os.SameFile(one, other)
}
