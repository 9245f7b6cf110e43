// Package cluster starts, watches and ends a lab's processes.
package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"

	"cleanroom.dev/lab/internal/layout"
)

// State is what the supervisor writes to the directory for the other commands.
type State struct {
	Supervisor Process     `json:"supervisor"`
	Components []Component `json:"components"`
	Nodes      int         `json:"nodes"`
	Real       bool        `json:"real"`
	// Policies are the flags of a real node's enforcement.
	Policies []string `json:"policies,omitempty"`
	Audit    bool     `json:"audit"`
	Ready    bool     `json:"ready"`
	// Failure is why the supervisor ended the lab; empty while it runs.
	Failure string `json:"failure,omitempty"`
}

// Process is a pid, and a stamp that distinguishes it from a later process with the same pid.
type Process struct {
	PID   int    `json:"pid"`
	Stamp string `json:"stamp"`
}

// Component is a started process, and the address of its health check.
type Component struct {
	Process
	Name   string `json:"name"`
	Port   int    `json:"port"`
	Health string `json:"health"`
}

// ReadState returns nil without an error if there is no lab in the directory.
func ReadState(dir layout.Dir) (*State, error) {
	data, err := os.ReadFile(dir.State())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var state State
	if err := json.Unmarshal(data, &state); err != nil {
		return nil, fmt.Errorf("%s cannot be read: end the processes that it names, then remove it: %w", dir.State(), err)
	}
	return &state, nil
}

func (s *State) write(dir layout.Dir) error {
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	// The file is renamed into place, so that a reader never reads half a state.
	tmp := dir.State() + ".tmp"
	if err := os.WriteFile(tmp, data, 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, dir.State())
}

func newProcess(pid int) Process { return Process{PID: pid, Stamp: processStamp(pid)} }

// Alive reports whether this process, and not a later one with its pid, still runs.
func (p Process) Alive() bool {
	return p.PID > 0 && syscall.Kill(p.PID, 0) == nil && processStamp(p.PID) == p.Stamp
}

// Kill ends the process and waits until it has ended.
func (p Process) Kill(sig syscall.Signal, patience time.Duration) error {
	if !p.Alive() {
		return nil
	}
	if err := syscall.Kill(p.PID, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("pid %d: %w", p.PID, err)
	}
	for deadline := time.Now().Add(patience); p.Alive(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			return fmt.Errorf("pid %d did not end within %s", p.PID, patience)
		}
	}
	return nil
}

// killLeftovers ends the processes that a killed supervisor left running.
func killLeftovers(state *State) error {
	var errs []error
	for _, component := range state.Components {
		if err := component.Kill(syscall.SIGKILL, 10*time.Second); err != nil {
			errs = append(errs, fmt.Errorf("cannot end %s, which an earlier lab left: %w", component.Name, err))
		}
	}
	return errors.Join(errs...)
}
