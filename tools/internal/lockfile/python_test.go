package lockfile

import (
	"slices"
	"strings"
	"testing"
)

// read fails the test if the file cannot be read.
func read(t *testing.T, format, content string) []Dependency {
	t.Helper()
	all, err := Read(format, []byte(content))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// reads fails the test if the file does not name exactly these.
func reads(t *testing.T, format, content string, want ...Dependency) {
	t.Helper()
	if got := read(t, format, content); !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// refuses fails the test if the file can be read, or fails for another reason.
func refuses(t *testing.T, format, content, reason string) {
	t.Helper()
	if got, err := Read(format, []byte(content)); err == nil || !strings.Contains(err.Error(), reason) {
		t.Errorf("got %+v, %v, and not %q", got, err, reason)
	}
}

func TestNamesOfPythonPackagesAreFolded(t *testing.T) {
	for name, want := range map[string]string{"Foo.Bar": "foo-bar", "foo_-.bar": "foo-bar", "A": "a"} {
		if got := foldPython(name); got != want {
			t.Errorf("%q: %q", name, got)
		}
	}
}

func TestNamesOfPythonFilesHaveNameAndVersion(t *testing.T) {
	for file, want := range map[string][2]string{
		"a/Foo_bar-1.0-py3-none-any.whl": {"foo-bar", "1.0"},
		"foo-bar-1.0.tar.gz":             {"foo-bar", "1.0"},
		"foo.zip":                        {"foo", ""},
		"libs/foo":                       {"foo", ""},
		"foo-1.0-1-py3-none-any.whl":     {"foo", "1.0"},
		"not-a-wheel.whl":                {"not-a-wheel-whl", ""},
		".":                              {".", ""},
		"..":                             {"..", ""},
	} {
		if name, version := pythonFile(file); [2]string{name, version} != want {
			t.Errorf("%q: %q, %q", file, name, version)
		}
	}
}

func TestTheSourceOfAFileIsItsHostIfItsNameIsUsual(t *testing.T) {
	for url, want := range map[string]string{
		"https://files.example.com/a/b/foo_bar-1.0-py3-none-any.whl":  "https://files.example.com",
		"https://u:p@files.example.com/foo-bar-01.0.tar.gz?token=x#y": "https://files.example.com",
		"https://files.example.com/a/other-1.0.tar.gz":                "https://files.example.com/a/other-1.0.tar.gz",
		"https://files.example.com/foo_bar-2.0-py3-none-any.whl":      "https://files.example.com/foo_bar-2.0-py3-none-any.whl",
		"https://files.example.com/foo-bar":                           "https://files.example.com/foo-bar",
		"https://u:p/w@files.example.com/foo-bar-1.0.tar.gz":          "invalid",
		"file:///srv/foo-bar-1.0.tar.gz":                              "file:/srv/foo-bar-1.0.tar.gz",
	} {
		if got := (artifact{url: url}).source("foo-bar", "1.0"); got != want {
			t.Errorf("%s: %s", url, got)
		}
	}
}
