package lockfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// goModules are this repository's, read in place.
var goModules = []string{"tools", "lab", "lab/node", "lab/cosign2", "lab/cosign3"}

func TestGoModHasTheModulesThatGoReads(t *testing.T) {
	for _, folder := range goModules {
		file := filepath.Join("../../..", folder, "go.mod")
		out := output(t, ".", "go", "mod", "edit", "-json", file)
		var read struct {
			Require []struct{ Path, Version string }
			Replace []struct {
				Old, New struct{ Path, Version string }
			}
		}
		if err := json.Unmarshal(out, &read); err != nil {
			t.Fatal(err)
		}
		want := map[string]bool{}
		replaced := map[string]string{}
		for _, r := range read.Replace {
			if r.Old.Version != "" || r.New.Path != r.Old.Path {
				t.Fatalf("%s: this test does not know a replacement as that of %s", folder, r.Old.Path)
			}
			replaced[r.Old.Path] = r.New.Version
			want[r.New.Path+" "+r.New.Version] = true
		}
		for _, r := range read.Require {
			if with, ok := replaced[r.Path]; ok {
				r.Version = with
			}
			want[r.Path+" "+r.Version] = true
		}
		got := read1(t, "go-mod", file)
		if len(got) < 2 || !slices.Equal(versions(got), sorted(want)) {
			t.Errorf("%s: go.mod is read as\n%q\nbut go reads\n%q", folder, versions(got), sorted(want))
		}
	}
}

func TestGoSumHasTheHashesThatGoRecorded(t *testing.T) {
	for _, folder := range []string{"tools", "lab"} {
		root := filepath.Join("../../..", folder)
		sums := map[string]string{}
		for _, d := range read1(t, "go-sum", filepath.Join(root, "go.sum")) {
			sums[d.Name+" "+d.Version] = d.Integrity
		}
		named := versions(read1(t, "go-mod", filepath.Join(root, "go.mod")))
		// The modules whose code go builds here, each with the hash of its download in the module cache.
		cmd := exec.Command("go", "list", "-mod=readonly", "-deps", "-f",
			"{{with .Module}}{{if not .Main}}{{.Path}} {{with .Replace}}{{.Version}}{{else}}{{.Version}}{{end}}{{end}}{{end}}", "./...")
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "GOPROXY=off")
		out, err := cmd.Output()
		if err != nil {
			t.Skipf("%s: not all modules are in the module cache: %v", folder, err)
		}
		built := 0
		for module := range strings.Lines(string(out)) {
			module = strings.TrimSpace(module)
			if module == "" {
				continue
			}
			built++
			if !slices.Contains(named, module) {
				t.Errorf("%s: go builds %s, which go.mod is not read to name", folder, module)
			}
			if !strings.HasPrefix(sums[module], "h1:") {
				t.Errorf("%s: go.sum is read to have %q for %s", folder, sums[module], module)
			}
		}
		if built == 0 {
			t.Errorf("%s: go builds no module at all", folder)
		}
	}
}

func TestGoMod(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []Dependency
	}{
		"indirect modules count": {
			"module example.com/app\nrequire (\n\texample.com/a v1.0.0\n\texample.com/b v0.0.0-20250102033503-faa5f7b0171c // indirect\n)\n",
			[]Dependency{{Name: "example.com/a", Version: "v1.0.0"}, {Name: "example.com/b", Version: "v0.0.0-20250102033503-faa5f7b0171c"}},
		},
		"trap: a replacement by another module": {
			"module example.com/app\nrequire example.com/a v1.0.0\nreplace example.com/a => example.org/fork v1.0.1\n",
			[]Dependency{{Name: "example.com/a", Version: "v1.0.0", Source: "example.org/fork@v1.0.1"}},
		},
		"trap: a replacement by a folder": {
			"module example.com/app\nrequire example.com/a v1.0.0\nreplace example.com/a => ../a\n",
			[]Dependency{{Name: "example.com/a", Version: "v1.0.0", Source: "file:../a"}},
		},
		"trap: the replacement of one version wins over that of all": {
			"module example.com/app\nrequire example.com/a v1.0.0\nreplace example.com/a => ./all\nreplace example.com/a v1.0.0 => ./one\n",
			[]Dependency{{Name: "example.com/a", Source: "file:./all"}, {Name: "example.com/a", Version: "v1.0.0", Source: "file:./one"}},
		},
		"trap: a replacement of a module that only another one requires": {
			"module example.com/app\nreplace example.com/deep v1.2.0 => example.org/fork v1.2.0\n",
			[]Dependency{{Name: "example.com/deep", Version: "v1.2.0", Source: "example.org/fork@v1.2.0"}},
		},
		"a replacement by a version of the same module is that version": {
			"module example.com/app\nrequire example.com/a v0.0.0\nreplace example.com/a => example.com/a v1.5.0\n",
			[]Dependency{{Name: "example.com/a", Version: "v1.5.0"}},
		},
		"trap: a version that go looks up": {
			"module example.com/app\nrequire example.com/a v1\n",
			[]Dependency{{Name: "example.com/a", Version: "v1"}},
		},
		"two versions of a module": {
			"module example.com/app\nrequire example.com/a v1.0.0\nrequire example.com/a v1.1.0\n",
			[]Dependency{{Name: "example.com/a", Version: "v1.0.0"}, {Name: "example.com/a", Version: "v1.1.0"}},
		},
		"toolchain, tool, exclude and retract name no module": {
			"module example.com/app\ngo 1.26\ntoolchain go1.26.8\ntool example.com/a/cmd\nexclude example.com/b v1.0.0\nretract v0.1.0\nrequire example.com/a v1.0.0\n",
			[]Dependency{{Name: "example.com/a", Version: "v1.0.0"}},
		},
		"quoted names": {
			"module example.com/app\nrequire \"example.com/a\" \"v1.0.0\"\n",
			[]Dependency{{Name: "example.com/a", Version: "v1.0.0"}},
		},
		"no module": {"module example.com/app\n", nil},
	} {
		t.Run(name, func(t *testing.T) { wantRead(t, "go-mod", c.text, golang, c.want) })
	}
}

func TestGoModThatGoRefuses(t *testing.T) {
	for name, c := range map[string]struct{ text, problem string }{
		"trap: two replacements of one module": {
			"module example.com/app\nreplace example.com/a => ./x\nreplace example.com/a => ./y\n", "conflicting replacements of example.com/a",
		},
		"trap: a branch instead of a version": {"module example.com/app\nrequire example.com/a main\n", `version "main" invalid`},
		"an unknown directive":                {"module example.com/app\nrequired example.com/a v1.0.0\n", "unknown directive: required"},
		"a block that does not end":           {"module example.com/app\nrequire (\n", "syntax error"},
		"a path with a version": {
			"module example.com/app\nreplace example.com/a => example.org/b@v1.0.0\n", "must match format 'path version'",
		},
	} {
		t.Run(name, func(t *testing.T) { wantProblem(t, "go-mod", c.text, c.problem) })
	}
}

func TestGoWorkReplacesModules(t *testing.T) {
	wantRead(t, "go-work", "go 1.26\nuse ./app\nreplace example.com/a => example.org/fork v1.0.0\n", golang,
		[]Dependency{{Name: "example.com/a", Source: "example.org/fork@v1.0.0"}})
	wantProblem(t, "go-work", "go 1.26\nreplace example.com/a => ./x\nreplace example.com/a => ./y\n", "conflicting replacements")
}

func TestGoSum(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []Dependency
	}{
		"a module, and the hash of its go.mod": {
			"example.com/a v1.0.0 h1:AAA=\nexample.com/a v1.0.0/go.mod h1:BBB=\n",
			[]Dependency{{Name: "example.com/a", Version: "v1.0.0", Integrity: "h1:AAA="}},
		},
		"a module whose code is not read": {"example.com/a v1.0.0/go.mod h1:BBB=\n", nil},
		"trap: a second hash of a module shows": {
			"example.com/a v1.0.0 h1:AAA=\nexample.com/a v1.0.0 h1:000=\nexample.com/a v1.0.0 h1:AAA=\n",
			[]Dependency{{Name: "example.com/a", Version: "v1.0.0", Integrity: "h1:000= h1:AAA="}},
		},
		"trap: a hash of an algorithm that go ignores pins nothing": {
			"example.com/a v1.0.0 h2:AAA=\n", []Dependency{{Name: "example.com/a", Version: "v1.0.0"}},
		},
		"the hash of an empty go.mod is ignored": {"example.com/a v1.0.0 " + emptyGoMod + "\n", nil},
		"empty lines, no last newline, other spaces": {
			"\n\r\n\texample.com/a\tv1.0.0  h1:AAA=\r\n\nexample.com/b v1.0.0 h1:BBB=",
			[]Dependency{
				{Name: "example.com/a", Version: "v1.0.0", Integrity: "h1:AAA="}, {Name: "example.com/b", Version: "v1.0.0", Integrity: "h1:BBB="},
			},
		},
		"empty": {"", nil},
	} {
		t.Run(name, func(t *testing.T) { wantRead(t, "go-sum", c.text, golang, c.want) })
	}
	wantProblem(t, "go-sum", "example.com/a v1.0.0 h1:AAA=\nexample.com/b v1.0.0\n", "line 2 has 2 fields")
}

func TestGoNamesTooManyModules(t *testing.T) {
	var mod, sum strings.Builder
	mod.WriteString("module example.com/app\nrequire (\n")
	for i := range MaxDependencies + 1 {
		fmt.Fprintf(&mod, "example.com/a%d v1.0.0\n", i)
		fmt.Fprintf(&sum, "example.com/a%d v1.0.0 h1:AAA=\n", i)
	}
	mod.WriteString(")\n")
	for format, text := range map[string]string{"go-mod": mod.String(), "go-sum": sum.String()} {
		if _, err := Read(format, []byte(text)); !errors.Is(err, ErrTooMany) {
			t.Errorf("%s: %v, want %v", format, err, ErrTooMany)
		}
	}
}

func TestGoModIsLimited(t *testing.T) {
	for _, format := range []string{"go-mod", "go-work"} {
		wantRead(t, format, "go 1.26"+strings.Repeat("\n", maxGoModLines), golang, nil)
		wantProblem(t, format, "go 1.26"+strings.Repeat("\n", maxGoModLines+1), "more than 100000 lines")
		wantProblem(t, format, strings.Repeat(" ", maxGoMod+1), "longer than 2097152 bytes")
	}
}

func TestGoModWithManyProblemsHasOneError(t *testing.T) {
	for _, format := range []string{"go-mod", "go-work"} {
		if _, err := Read(format, []byte("go 1.26\n"+strings.Repeat("x\n", 1000))); err == nil || len(err.Error()) > 100 {
			t.Errorf("%s: %v", format, err)
		}
	}
}

func TestGoFilesAreKnownByName(t *testing.T) {
	for file, want := range map[string]string{
		"go.mod": "go-mod", "lab/go.sum": "go-sum", "go.work": "go-work", "go.work.sum": "go-sum", "go.mod.orig": "", "GO.MOD": "",
	} {
		if got := Format(file); got != want {
			t.Errorf("%s has the format %q, want %q", file, got, want)
		}
	}
}

func FuzzGoMod(f *testing.F) {
	f.Add([]byte("module m\nrequire (\n\ta.b/c v1.0.0 // indirect\n)\nreplace a.b/c => ../c\nreplace a.b/d v1.0.0 => a.b/e/v2 v2.0.0\n"))
	f.Add([]byte("module \"m\"\nrequire a.b/c.v3 v3.0.0\nretract [v1.0.0, v1.1.0]\ngodebug x=y\nignore ./x\ntool a.b/c\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		checkRead(t, "go-mod", data)
		checkRead(t, "go-work", data)
	})
}

func FuzzGoSum(f *testing.F) {
	f.Add([]byte("a.b/c v1.0.0 h1:AAA=\na.b/c v1.0.0/go.mod h1:BBB=\n"))
	f.Fuzz(func(t *testing.T, data []byte) { checkRead(t, "go-sum", data) })
}

func output(t *testing.T, dir string, command ...string) []byte {
	t.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%q: %v", command, err)
	}
	return out
}
