package lockfile

import "testing"

// pylockPackage is a lockfile with one package, which has these lines.
func pylockPackage(lines string) string {
	return "lock-version = \"1.0\"\n[[packages]]\nname = \"Foo_bar\"\nversion = \"1.0\"\n" + lines
}

func TestPylock(t *testing.T) {
	for name, each := range map[string]struct {
		lines string
		want  Dependency
	}{
		"wheels and an sdist": {
			`index = "https://pypi.example.com/simple"
sdist = { url = "https://files.example.com/foo_bar-1.0.tar.gz", hashes = { sha256 = "aa", md5 = "00" } }
wheels = [{ url = "https://files.example.com/foo_bar-1.0-py3-none-any.whl", hashes = { sha256 = "bb" } }]`,
			Dependency{Source: "https://files.example.com https://pypi.example.com", Integrity: "md5:00 sha256:aa sha256:bb"},
		},
		"only an sdist is built": {
			`sdist = { path = "libs/foo_bar-1.0.tar.gz", hashes = { sha256 = "aa" } }`,
			Dependency{Source: "file:libs/foo_bar-1.0.tar.gz", Integrity: "sha256:aa", InstallCode: true},
		},
		"a file of another package": {
			`wheels = [{ url = "https://u:p@files.example.com/other-1.0-py3-none-any.whl" }]`,
			Dependency{Source: "https://files.example.com/other-1.0-py3-none-any.whl"},
		},
		"a repository": {
			`vcs = { type = "hg", url = "https://u:p@hg.example.com/a", commit-id = "0123" }`,
			Dependency{Source: "hg+https://hg.example.com/a#0123", InstallCode: true},
		},
		"a repository in a folder": {
			`vcs = { type = "git", path = "libs/a", commit-id = "0123" }`, Dependency{Source: "git+file:libs/a#0123", InstallCode: true},
		},
		"a folder": {`directory = { path = "libs/a", editable = true }`, Dependency{Source: "file:libs/a", InstallCode: true}},
		"an archive": {
			`archive = { url = "https://u:p@files.example.com/a.zip?x", hashes = { sha256 = "aa" } }`,
			Dependency{Source: "https://files.example.com/a.zip", Integrity: "sha256:aa", InstallCode: true},
		},
		"no source": {"", Dependency{}},
	} {
		t.Run(name, func(t *testing.T) {
			each.want.Name, each.want.Version = "foo-bar", "1.0"
			wantRead(t, "pylock", pylockPackage(each.lines), pypi, []Dependency{each.want})
		})
	}
}

func TestPylocksThatAreRefused(t *testing.T) {
	for name, each := range map[string][2]string{
		"no version":      {"", `version ""`},
		"a newer version": {`lock-version = "2.0"`, `version "2.0"`},
		"no commit":       {pylockPackage(`vcs = { type = "git", url = "https://git.example.com/a" }`), `"commit-id"`},
		"a wrong hash":    {pylockPackage(`wheels = [{ hashes = { sha256 = 1 } }]`), `"sha256"`},
		"deep nesting":    {nested(100)["a dotted key"], "nested"},
	} {
		t.Run(name, func(t *testing.T) { wantProblem(t, "pylock", each[0], each[1]) })
	}
}

func TestPylocksMayHaveANameOfTheirOwn(t *testing.T) {
	for file, want := range map[string]string{"a/pylock.toml": "pylock", "pylock.dev.toml": "pylock", "pylock.toml.bak": "", "xpylock.toml": ""} {
		if got := Format(file); got != want {
			t.Errorf("%s: %q", file, got)
		}
	}
}

func FuzzPylock(f *testing.F) {
	f.Add([]byte(pylockPackage(`wheels = [{ url = "https://files.example.com/foo_bar-1.0-py3-none-any.whl", hashes = { sha256 = "bb" } }]`)))
	f.Fuzz(func(t *testing.T, data []byte) { checkRead(t, "pylock", data) })
}
