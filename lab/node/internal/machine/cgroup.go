package machine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const cgroups = "/sys/fs/cgroup"

// controlGroup creates the group for all pods: in every hierarchy of version 1, or in the one of version 2, where it delegates
// the controllers that pods need.
func controlGroup(o options) error {
	if cgroupV2() {
		for _, group := range []string{cgroups, filepath.Join(cgroups, o.machine)} {
			if err := os.MkdirAll(group, 0o755); err != nil {
				return err
			}
			err := os.WriteFile(filepath.Join(group, "cgroup.subtree_control"), []byte("+cpu +cpuset +memory +pids +io"), 0)
			if err != nil {
				return fmt.Errorf("pods need the controllers of %s, which only a group without processes, or the root group, can delegate: %w", group, err)
			}
		}
		return nil
	}
	// If a hierarchy has several names, all but one are links.
	hierarchies, err := filepath.Glob(cgroups + "/*/cgroup.procs")
	if err != nil {
		return err
	}
	if len(hierarchies) == 0 {
		return errors.New("no control groups are mounted at " + cgroups)
	}
	for _, file := range hierarchies {
		if err := os.MkdirAll(filepath.Join(filepath.Dir(file), o.machine), 0o755); err != nil {
			return err
		}
	}
	return nil
}

func cgroupV2() bool {
	_, err := os.Stat(filepath.Join(cgroups, "cgroup.controllers"))
	return err == nil
}

// mayRaisePriority reports whether processes may get a lower OOM score than their parents (CAP_SYS_RESOURCE, 24).
func mayRaisePriority() (bool, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return false, err
	}
	_, line, _ := strings.Cut(string(status), "CapEff:")
	var effective uint64
	if _, err := fmt.Sscanf(line, "%x", &effective); err != nil {
		return false, fmt.Errorf("cannot read the capabilities of this process: %w", err)
	}
	return effective&(1<<24) != 0, nil
}
