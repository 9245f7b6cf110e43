// Package layout names the files in a lab's directory, and removes only those.
package layout

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Dir is a lab's directory.
type Dir string

// entries are all files and folders that a lab creates in its directory. `lab down` removes only these.
var entries = []string{"state.json", "lock", "kubeconfig", "kubeconfigs", "config", "pki", "etcd", "node", "logs"}

// Resolve returns the directory: the flag, otherwise $LAB_DIR, otherwise one in the XDG state directory.
func Resolve(flag string) (Dir, error) {
	for _, dir := range []string{flag, os.Getenv("LAB_DIR")} {
		if dir != "" {
			abs, err := filepath.Abs(dir)
			return Dir(abs), err
		}
	}
	state := os.Getenv("XDG_STATE_HOME")
	if state == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("there is no home directory: give --dir or set LAB_DIR: %w", err)
		}
		state = filepath.Join(home, ".local", "state")
	}
	return Dir(filepath.Join(state, "cleanroom", "lab")), nil
}

func (d Dir) path(parts ...string) string {
	return filepath.Join(append([]string{string(d)}, parts...)...)
}

// Lock is the file that the supervisor locks while it runs.
func (d Dir) Lock() string               { return d.path("lock") }
func (d Dir) State() string              { return d.path("state.json") }
func (d Dir) Kubeconfig() string         { return d.path("kubeconfig") }
func (d Dir) Kubeconfigs() string        { return d.path("kubeconfigs") }
func (d Dir) Config(name string) string  { return d.path("config", name) }
func (d Dir) VolumePlugins() string      { return d.path("config", "volume-plugins") }
func (d Dir) PKI() string                { return d.path("pki") }
func (d Dir) PKIFile(name string) string { return d.path("pki", name) }
func (d Dir) Etcd() string               { return d.path("etcd") }
func (d Dir) Logs() string               { return d.path("logs") }
func (d Dir) Log(component string) string {
	return d.path("logs", component+".log")
}

// AuditLog is the current audit file. Rotated ones are beside it as audit-*.jsonl.
func (d Dir) AuditLog() string { return d.path("logs", "audit.jsonl") }

// Prepare creates the directory, and refuses one that contains anything except what a lab left.
func (d Dir) Prepare() error {
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return err
	}
	found, err := os.ReadDir(string(d))
	if err != nil {
		return err
	}
	for _, entry := range found {
		if !ours(entry.Name()) {
			return fmt.Errorf("%s contains %q, which is not from a lab: choose an empty directory with --dir", d, entry.Name())
		}
	}
	return nil
}

// Clean removes the lab's files, except the lock, which the caller holds.
func (d Dir) Clean() error {
	var errs []error
	for _, name := range entries {
		if name != "lock" {
			errs = append(errs, os.RemoveAll(d.path(name)))
		}
	}
	return errors.Join(errs...)
}

// Remove removes the lock, and the directory if it is empty then.
func (d Dir) Remove() error {
	if err := os.Remove(d.Lock()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	err := os.Remove(string(d))
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !strings.Contains(err.Error(), "not empty") {
		return err
	}
	return nil
}

func ours(name string) bool {
	for _, entry := range entries {
		if name == entry || strings.HasPrefix(name, entry+".tmp") {
			return true
		}
	}
	return false
}
