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
)

// seek says where there are the bytes that NAME=HEX stands for: in files, and in environments and command lines of
// processes; and then which processes there are. In hex, for else it would find what it was asked.
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
	fail(filepath.WalkDir("/", func(path string, entry fs.DirEntry, err error) error {
		if slices.Contains([]string{"/proc", "/sys"}, path) {
			return fs.SkipDir
		}
		// A file that cannot be read is not a finding.
		if err == nil && entry.Type().IsRegular() {
			if content, err := os.ReadFile(path); err == nil {
				look("file "+path, content)
			}
		}
		return nil
	}))
	var commands []string
	for _, pid := range processes() {
		environment, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		command, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		program, _, _ := strings.Cut(string(command), "\x00")
		look("environment of "+program, environment)
		look("command line of "+program, command)
		commands = append(commands, program)
	}
	slices.Sort(commands)
	tell("processes", strings.Join(commands, " "))
}
