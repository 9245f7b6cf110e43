package lockfile

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const javascript = "testdata/javascript"

// Each lockfile there was written by its package manager for one small project, which has an alias, a tarball by its URL, workspaces, a local
// folder, a package with others in its tarball, and one with native variants. Hosts are replaced, and npm's have a git repository and a
// tarball from elsewhere, written by hand. golden.sh there asks the package managers what they read.
func TestPackageManagersReadTheSamePackages(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(javascript, "*", "packages.txt"))
	if err != nil || len(files) != 9 {
		t.Fatalf("%q, %v", files, err)
	}
	for _, file := range files {
		folder := filepath.Base(filepath.Dir(file))
		t.Run(folder, func(t *testing.T) {
			golden, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			wanted := map[string]bool{}
			for line := range strings.Lines(string(golden)) {
				wanted[strings.TrimSuffix(line, "\n")] = true
			}
			switch folder {
			case "npm-1":
				// It reads the name of a local folder from its package.json, which is not here, and else takes the folder's.
				if !wanted["local "] {
					t.Error("npm does not list the local folder")
				}
				delete(wanted, "local ")
				wanted["fs-ext-local "] = true
			case "yarn-1":
				// It lists packages by the name they are asked for by, and workspaces, which are not in its lockfile.
				for _, listed := range []string{"left 1.3.0", "@scope/ms 2.1.3", "app 1.0.0", "lib 1.0.0"} {
					if !wanted[listed] {
						t.Errorf("Yarn 1 does not list %s", listed)
					}
					delete(wanted, listed)
				}
				wanted["left-pad 1.3.0"] = true
			}
			got := map[string]bool{}
			for _, d := range readReal(t, folder) {
				got[d.Name+" "+d.Version] = true
			}
			for name := range wanted {
				if !got[name] {
					t.Errorf("%q was not read", name)
				}
			}
			for name := range got {
				if !wanted[name] {
					t.Errorf("%q was read, and its package manager does not read it", name)
				}
			}
		})
	}
}

func TestEachManagersLockfileSaysWhereItsPackagesComeFrom(t *testing.T) {
	const registry = "https://registry.example.com"
	for folder, wanted := range map[string]map[string]string{
		"npm-3": {"ms 2.1.3": registry, "left-pad 1.3.0": registry, "debug 4.4.0": registry, "app 1.0.0": "file:packages/app",
			"fs-ext-local 0.0.1": "file:local", "tslib 2.8.0": "", "@esbuild/linux-x64 0.25.1": registry,
			"from-git 1.2.3": "git+ssh://git.example.com/group/from-git.git#0123456789abcdef0123456789abcdef01234567",
			"from-url 2.0.0": "https://downloads.example.com/from-url.tgz"},
		"npm-1": {"ms 2.1.3": registry, "left-pad 1.3.0": registry, "debug 4.4.0": registry, "app ": "file:packages/app",
			"fs-ext-local ": "file:local", "tslib 2.8.0": "",
			"from-git ": "git+ssh://git.example.com/group/from-git.git#0123456789abcdef0123456789abcdef01234567",
			"from-url ": "https://downloads.example.com/from-url.tgz"},
		"pnpm-5.4": {"left-pad 1.3.0": "", "lib ": "file:packages/lib", "fs-ext-local 0.0.1": "file:local"},
		"pnpm-9.0": {"left-pad 1.3.0": "", "lib ": "file:packages/lib", "fs-ext-local ": "file:local"},
		"yarn-1":   {"left-pad 1.3.0": registry, "debug 4.4.0": registry, "fs-ext-local 0.0.1": "file:local"},
		"yarn-4": {"left-pad 1.3.0": "", "debug 4.4.0": registry, "fs-ext-local 0.0.1": "file:local",
			"lib 0.0.0-use.local": "file:packages/lib"},
	} {
		got := map[string]string{}
		for _, d := range readReal(t, folder) {
			got[d.Name+" "+d.Version] = d.Source
		}
		for _, name := range slices.Sorted(maps.Keys(wanted)) {
			if source, there := got[name]; !there || source != wanted[name] {
				t.Errorf("%s: %q comes from %q (%v), want %q", folder, name, source, there, wanted[name])
			}
		}
	}
}

func TestLockfilesOfNPMAndOldOnesOfPNPMSayWhatRunsCode(t *testing.T) {
	for folder, wanted := range map[string][]string{
		"npm-3":    {"esbuild", "from-git"},
		"npm-1":    nil,
		"pnpm-9.0": nil,
		"yarn-1":   nil,
		"yarn-4":   nil,
	} {
		var got []string
		for _, d := range readReal(t, folder) {
			if d.InstallCode {
				got = append(got, d.Name)
			}
		}
		if !slices.Equal(got, wanted) {
			t.Errorf("%s: %q, want %q", folder, got, wanted)
		}
	}
	for _, folder := range []string{"pnpm-5.4", "pnpm-6.0"} {
		if all := readReal(t, folder); !slices.ContainsFunc(all, func(d Dependency) bool { return d.Name == "esbuild" && d.InstallCode }) {
			t.Errorf("%s: esbuild runs code", folder)
		}
	}
}

func readReal(t *testing.T, folder string) []Dependency {
	t.Helper()
	file, data := realLockfile(t, folder)
	all, err := Read(Format(file), data)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if !slices.IsSortedFunc(all, func(a, b Dependency) int { return strings.Compare(a.Name, b.Name) }) {
		t.Errorf("%s: not sorted", file)
	}
	return all
}

func realLockfile(t *testing.T, folder string) (file string, data []byte) {
	t.Helper()
	for name := range names {
		file := filepath.Join(javascript, folder, name)
		if data, err := os.ReadFile(file); err == nil {
			return file, data
		}
	}
	t.Fatalf("no lockfile in %s", folder)
	return "", nil
}

// rows are dependencies as texts, for comparing.
func rows(all []Dependency) (texts []string) {
	for _, d := range all {
		text := fmt.Sprintf("%s %s from %q pinned %q", d.Name, d.Version, d.Source, d.Integrity)
		if d.InstallCode {
			text += " runs code"
		}
		texts = append(texts, text)
	}
	return texts
}

// wantRows reads a lockfile and compares its dependencies.
func wantRows(t *testing.T, format, data string, wanted ...string) {
	t.Helper()
	all, err := Read(format, []byte(data))
	if err != nil {
		t.Fatal(err)
	}
	if got := rows(all); !slices.Equal(got, wanted) {
		t.Errorf("read\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(wanted, "\n  "))
	}
}

// wantNoReading reads a lockfile that cannot be read for this reason.
func wantNoReading(t *testing.T, format, data, reason string) {
	t.Helper()
	all, err := Read(format, []byte(data))
	if err == nil || !strings.Contains(err.Error(), reason) {
		t.Errorf("read %v, error %v, want %q", rows(all), err, reason)
	}
}

// manyJSON is one package more than a lockfile may name.
func manyJSON(before, after string) string {
	var all strings.Builder
	for i := range MaxDependencies + 1 {
		fmt.Fprintf(&all, "%sp%d%s", before, i, after)
	}
	return all.String()
}
