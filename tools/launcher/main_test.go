package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestOnlyWhatLaunchesIsInTheLauncher(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, each := range strings.Fields(string(out)) {
		if strings.Contains(each, ".") && !strings.HasPrefix(each, "vendor/") {
			got = append(got, each)
		}
	}
	slices.Sort(got)
	want := []string{"cleanroom.dev/tools/internal/gate", "cleanroom.dev/tools/internal/launch", "cleanroom.dev/tools/internal/process",
		"cleanroom.dev/tools/internal/wire", "cleanroom.dev/tools/launcher", "golang.org/x/sys/unix"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
