// Package proctest makes folders like /proc for tests.
package proctest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// UID is the user of processes unless a test says otherwise.
const UID = 1000

// Folder is like /proc.
type Folder string

// Thread is one of a process.
type Thread struct {
	ID    int
	Name  string
	State byte
}

// New returns a folder with the pause container's process and one more, whose number is self.
func New(t *testing.T, self int) Folder {
	t.Helper()
	f := Folder(t.TempDir())
	f.Add(t, 1, UID, Thread{1, "pause", 'S'})
	f.Add(t, self, UID, Thread{self, "cleanroom-tools", 'R'}, Thread{self + 1, "cleanroom-tools", 'S'})
	f.Write(t, "", "uptime")
	return f
}

// NewThread returns one of a process's threads.
func NewThread(id int, name string, state byte) Thread { return Thread{id, name, state} }

// Add adds a process. It started at the tick that is ten times its number.
func (f Folder) Add(t *testing.T, pid, uid int, threads ...Thread) {
	t.Helper()
	for _, each := range threads {
		f.Write(t, stat(each.ID, each.Name, each.State, 10*pid), strconv.Itoa(pid), "task", strconv.Itoa(each.ID), "stat")
	}
	f.Write(t, stat(pid, threads[0].Name, threads[0].State, 10*pid), strconv.Itoa(pid), "stat")
	// Only the first of the four, the real user, counts.
	f.Write(t, fmt.Sprintf("Name:\tUid:\t9\nState:\tS (sleeping)\nUid:\t%d\t7\t7\t7\nGid:\t7\t7\t7\t7\n", uid), strconv.Itoa(pid), "status")
}

func stat(id int, name string, state byte, start int) string {
	return fmt.Sprintf("%d (%s) %c 1 7 7 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 %d 0 0\n", id, name, state, start)
}

// End removes a process.
func (f Folder) End(t *testing.T, pid int) {
	t.Helper()
	f.Remove(t, strconv.Itoa(pid))
}

// Write writes a file.
func (f Folder) Write(t *testing.T, content string, path ...string) {
	t.Helper()
	file := f.Path(path...)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Remove removes a file or a folder.
func (f Folder) Remove(t *testing.T, path ...string) {
	t.Helper()
	if err := os.RemoveAll(f.Path(path...)); err != nil {
		t.Fatal(err)
	}
}

// MakeFolder replaces a file with a folder, which cannot be read as a file.
func (f Folder) MakeFolder(t *testing.T, path ...string) {
	t.Helper()
	f.Remove(t, path...)
	if err := os.MkdirAll(f.Path(path...), 0o700); err != nil {
		t.Fatal(err)
	}
}

// Path is that of a file in the folder.
func (f Folder) Path(path ...string) string {
	return filepath.Join(append([]string{string(f)}, path...)...)
}
