package lockfile

import "testing"

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
