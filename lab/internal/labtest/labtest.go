// Package labtest runs the lab's binary ($LAB_BIN, otherwise bin/lab) for tests.
package labtest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Lab is a lab in a directory.
type Lab struct{ Dir string }

// Binary is the program under test.
func Binary() string {
	if path := os.Getenv("LAB_BIN"); path != "" {
		return path
	}
	return filepath.Join(module(), "bin", "lab")
}

// module is the directory of the lab's sources.
func module() string {
	folder, _ := os.Getwd()
	for folder != filepath.Dir(folder) {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			break
		}
		folder = filepath.Dir(folder)
	}
	return folder
}

// Run runs the binary on the lab and returns stdout, and after an error also stderr.
func (l Lab) Run(name string, args ...string) (string, error) {
	cmd := exec.Command(Binary(), append([]string{name}, args...)...)
	cmd.Env = append(os.Environ(), "LAB_DIR="+l.Dir)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.String() + stderr.String(), err
	}
	return stdout.String(), nil
}

// Must is Run, but a failure ends the test.
func (l Lab) Must(t testing.TB, name string, args ...string) string {
	t.Helper()
	out, err := l.Run(name, args...)
	if err != nil {
		t.Fatalf("lab %s %v: %v\n%s", name, args, err, out)
	}
	return out
}

// Demo runs the demo in the lab's directory, on nodes of the given kind ("" lets the demo choose), and returns its output.
// The demo ends with the test.
func (l Lab) Demo(t *testing.T, nodes string) string {
	t.Helper()
	t.Cleanup(func() { _, _ = l.demo("", "stop") })
	out, err := l.demo(nodes)
	if err != nil {
		t.Fatalf("the demo: %v\n%s", err, out)
	}
	return out
}

// StopDemo runs `make demo-stop`.
func (l Lab) StopDemo(t *testing.T) {
	t.Helper()
	if out, err := l.demo("", "stop"); err != nil {
		t.Fatalf("the demo's end: %v\n%s", err, out)
	}
}

func (l Lab) demo(nodes string, args ...string) (string, error) {
	cmd := exec.Command(filepath.Join(module(), "..", "scripts", "demo"), args...)
	cmd.Env = append(os.Environ(), "DEMO_DIR="+l.Dir, "NODES="+nodes)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// Await calls the function until it returns no error. When the time is over, the last error ends the test.
func Await(t testing.TB, within time.Duration, what string, check func() error) {
	t.Helper()
	for deadline := time.Now().Add(within); ; time.Sleep(50 * time.Millisecond) {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %v", what, err)
		}
	}
}
