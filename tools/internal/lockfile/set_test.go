package lockfile

import (
	"errors"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestSetHasEachDependencyOnce(t *testing.T) {
	var all set
	for _, d := range []Dependency{
		{Name: "b", Version: "1"},
		{Name: "a", Version: "2", Integrity: "y"},
		{Name: "a", Version: "2", Integrity: "x", InstallCode: true},
		{Name: "a", Version: "2", Integrity: "y"},
		{Name: "a", Version: "2", Source: "file:a"},
		{Name: "a", Version: "1"},
	} {
		if err := all.add(d); err != nil {
			t.Fatal(err)
		}
	}
	want := []Dependency{
		{Name: "a", Version: "1"},
		{Name: "a", Version: "2", Integrity: "x y", InstallCode: true},
		{Name: "a", Version: "2", Source: "file:a"},
		{Name: "b", Version: "1"},
	}
	if got := all.list(); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestSetHasALimit(t *testing.T) {
	var all set
	for i := range MaxDependencies {
		if err := all.add(Dependency{Name: strconv.Itoa(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := all.add(Dependency{Name: "0", Integrity: "x"}); err != nil {
		t.Errorf("one that is there already: %v", err)
	}
	if err := all.add(Dependency{Name: "one more"}); !errors.Is(err, ErrTooMany) {
		t.Errorf("got %v, want %v", err, ErrTooMany)
	}
}

// wantRead reads a text and compares. Those wanted get the ecosystem.
func wantRead(t *testing.T, format, text, ecosystem string, want []Dependency) {
	t.Helper()
	got, err := Read(format, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		want[i].Ecosystem = ecosystem
	}
	if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func wantProblem(t *testing.T, format, text, problem string) {
	t.Helper()
	got, err := Read(format, []byte(text))
	if err == nil || !strings.Contains(err.Error(), problem) {
		t.Errorf("got %+v and the error %v, want one that has %q", got, err, problem)
	}
}

// checkRead holds what is true of every file: reading ends, and what is read is sorted and has each dependency once.
func checkRead(t *testing.T, format string, data []byte) {
	got, err := Read(format, data)
	if err != nil {
		if got != nil {
			t.Fatalf("both dependencies and an error, %v", err)
		}
		return
	}
	var again set
	for _, d := range got {
		if d.Ecosystem == "" {
			t.Fatalf("%+v has no ecosystem", d)
		}
		if err := again.add(d); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(got, again.list()) {
		t.Fatalf("not sorted, or twice: %+v", got)
	}
}

func read1(t *testing.T, format, file string) []Dependency {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	all, err := Read(format, data)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return all
}

func versions(all []Dependency) []string {
	names := map[string]bool{}
	for _, d := range all {
		names[d.Name+" "+d.Version] = true
	}
	return sorted(names)
}

func sorted(names map[string]bool) []string { return slices.Sorted(maps.Keys(names)) }
