package layout

import (
	"os"
	"path/filepath"
	"testing"
)

func TestResolve(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", "/state")
	t.Setenv("LAB_DIR", "")
	expect := func(flag string, want Dir) {
		t.Helper()
		if got, err := Resolve(flag); err != nil || got != want {
			t.Errorf("%q: have %s, %v, want %s", flag, got, err, want)
		}
	}
	expect("", "/state/cleanroom/lab")
	t.Setenv("LAB_DIR", "/env")
	expect("", "/env")
	expect("/flag", "/flag")
	t.Setenv("LAB_DIR", "")
	t.Setenv("XDG_STATE_HOME", "")
	t.Setenv("HOME", "/home/x")
	expect("", "/home/x/.local/state/cleanroom/lab")
}

func TestOnlyALabsOwnFilesAreRemoved(t *testing.T) {
	dir := Dir(filepath.Join(t.TempDir(), "lab"))
	if err := dir.Prepare(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"state.json", "lock", "kubeconfig"} {
		if err := os.WriteFile(dir.path(name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := dir.Prepare(); err != nil {
		t.Errorf("a lab's leftovers are refused: %v", err)
	}
	if err := os.WriteFile(dir.path("mine"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := dir.Prepare(); err == nil {
		t.Error("a directory with a foreign file is taken")
	}
	if err := dir.Clean(); err != nil {
		t.Fatal(err)
	}
	if err := dir.Remove(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(string(dir))
	if err != nil || len(left) != 1 || left[0].Name() != "mine" {
		t.Errorf("left: %v, %v", left, err)
	}
}
