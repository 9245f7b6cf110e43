// Package layout names the files of a lab's directory, and removes them and nothing else.
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

// entries are all that a lab ever makes in its directory; down removes these and nothing else.
var entries = []string{"state.json", "lock", "kubeconfig", "kubeconfigs", "config", "pki", "etcd", "node", "logs"}

// Resolve picks the directory: the flag, else $LAB_DIR, else the XDG state directory.
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
			return "", fmt.Errorf("no home directory: give --dir or set LAB_DIR: %w", err)
		}
		state = filepath.Join(home, ".local", "state")
	}
	return Dir(filepath.Join(state, "cleanroom", "lab")), nil
}

func (d Dir) path(parts ...string) string {
	return filepath.Join(append([]string{string(d)}, parts...)...)
}

// Lock is held by the supervisor for as long as it lives.
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

// AuditLog is the current audit file; rotated ones lie beside it as audit-*.jsonl.
func (d Dir) AuditLog() string { return d.path("logs", "audit.jsonl") }

// Prepare makes the directory, and refuses one that holds anything but a lab's leftovers.
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
			return fmt.Errorf("%s holds %q, which no lab made: choose an empty directory with --dir", d, entry.Name())
		}
	}
	return nil
}

// Clean removes what a lab made, the lock excepted: whoever cleans holds it.
func (d Dir) Clean() error {
	var errs []error
	for _, name := range entries {
		if name != "lock" {
			errs = append(errs, os.RemoveAll(d.path(name)))
		}
	}
	return errors.Join(errs...)
}

// Remove removes what Clean left: the lock, and the directory if nothing else is in it.
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
