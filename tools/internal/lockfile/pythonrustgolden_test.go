package lockfile

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The golden files are what the package managers read in the same lockfiles (testdata/python-rust/regenerate).
func TestRealLockfilesAreReadAsTheirPackageManagerReadsThem(t *testing.T) {
	folder := filepath.Join("testdata", "python-rust")
	goldens, err := filepath.Glob(filepath.Join(folder, "*.golden"))
	if err != nil || len(goldens) != 6 {
		t.Fatal(goldens, err)
	}
	for _, golden := range goldens {
		file := strings.TrimSuffix(golden, ".golden")
		t.Run(filepath.Base(file), func(t *testing.T) {
			content, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			want := strings.Split(strings.TrimSpace(string(content)), "\n")
			slices.Sort(want)
			if got := versions(readFile(t, file)); !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

func TestRealLockfilesHaveHashesSourcesAndInstallCode(t *testing.T) {
	for file, want := range map[string]struct{ source, installCode string }{
		"requirements.txt": {"https://pypi.example.com", ""},
		"uv.lock":          {"https://files.example.com https://pypi.example.com", "docopt"},
		"pylock.toml":      {"https://files.example.com https://pypi.example.com", "docopt"},
		"poetry.lock":      {"", "docopt"},
		"Pipfile.lock":     {"https://pypi.example.com", ""},
		"Cargo.lock":       {"", ""},
	} {
		t.Run(file, func(t *testing.T) {
			var installCode []string
			for _, each := range readFile(t, filepath.Join("testdata", "python-rust", file)) {
				if each.Name == "example" {
					if each.Source != "file:" || each.Integrity != "" {
						t.Errorf("%+v", each)
					}
					continue
				}
				if each.Source != want.source || !strings.HasPrefix(each.Integrity, "sha256:") || len(each.Integrity) > MaxJoined {
					t.Errorf("%+v", each)
				}
				if each.InstallCode {
					installCode = append(installCode, each.Name)
				}
			}
			if got := strings.Join(installCode, " "); got != want.installCode {
				t.Errorf("install code of %q", got)
			}
		})
	}
}

func readFile(t *testing.T, file string) []Dependency {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	all, err := Read(Format(file), content)
	if err != nil {
		t.Fatal(err)
	}
	return all
}
