package machine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const cgroups = "/sys/fs/cgroup"

// controlGroup makes the group below which all pods are: in every hierarchy of version 1, or in the one of version 2,
// where it passes the controllers on that pods need.
func controlGroup(o options) error {
	if cgroupV2() {
		for _, group := range []string{cgroups, filepath.Join(cgroups, o.machine)} {
			if err := os.MkdirAll(group, 0o755); err != nil {
				return err
			}
			err := os.WriteFile(filepath.Join(group, "cgroup.subtree_control"), []byte("+cpu +cpuset +memory +pids +io"), 0)
			if err != nil {
				return fmt.Errorf("pods need the controllers of %s, which are passed on by a group without processes or by the root: %w", group, err)
			}
		}
		return nil
	}
	// Of a hierarchy with several names, one is a link.
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

// mayRaisePriority says whether processes may get a lower OOM score than their parents (CAP_SYS_RESOURCE, 24).
func mayRaisePriority() (bool, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return false, err
	}
	_, line, _ := strings.Cut(string(status), "CapEff:")
	var effective uint64
	if _, err := fmt.Sscanf(line, "%x", &effective); err != nil {
		return false, fmt.Errorf("the capabilities of this process: %w", err)
	}
	return effective&(1<<24) != 0, nil
}
