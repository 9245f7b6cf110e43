package lockfile

import "testing"

// poetryPackage is a lockfile with one package, which has these lines.
func poetryPackage(lines, metadata string) string {
	return "[[package]]\nname = \"Foo_bar\"\nversion = \"1.0\"\n" + lines + "\n[metadata]\n" + metadata
}

func TestPoetryLock(t *testing.T) {
	const one, two = `lock-version = "1.1"` + "\n", `lock-version = "2.1"` + "\n"
	for name, each := range map[string]struct {
		content string
		want    Dependency
	}{
		"version 2": {
			poetryPackage(`files = [{file = "foo_bar-1.0-py3-none-any.whl", hash = "sha256:bb"}, {file = "foo_bar-1.0.tar.gz", hash = "sha256:aa"}]`, two),
			Dependency{Integrity: "sha256:aa sha256:bb"},
		},
		"only an sdist is built": {
			poetryPackage(`files = [{file = "foo_bar-1.0.tar.gz", hash = "sha256:aa"}]`, two),
			Dependency{Integrity: "sha256:aa", InstallCode: true},
		},
		"version 1 has files in a table": {
			poetryPackage("", one+"[metadata.files]\nFoo_bar = [{file = \"foo_bar-1.0.tar.gz\", hash = \"sha256:aa\"}]"),
			Dependency{Integrity: "sha256:aa", InstallCode: true},
		},
		"version 1.0 has only hashes": {
			poetryPackage("", "lock-version = \"1.0\"\n[metadata.hashes]\nFoo_bar = [\"aa\", \"bb\"]"),
			Dependency{Integrity: "aa bb"},
		},
		"files of the package win": {
			poetryPackage("files = []", one+"[metadata.files]\nFoo_bar = [{file = \"foo_bar-1.0.tar.gz\", hash = \"sha256:aa\"}]"),
			Dependency{},
		},
		"another index": {
			poetryPackage("[package.source]\ntype = \"legacy\"\nurl = \"https://u:p@pypi.example.com/simple\"\nreference = \"ours\"", two),
			Dependency{Source: "https://pypi.example.com"},
		},
		"a repository": {
			poetryPackage("[package.source]\ntype = \"git\"\nurl = \"https://u:p@git.example.com/a\"\nreference = \"main\"\nresolved_reference = \"0123\"", two),
			Dependency{Source: "git+https://git.example.com/a#0123", InstallCode: true},
		},
		"a wheel at a URL": {
			poetryPackage("[package.source]\ntype = \"url\"\nurl = \"https://u:p@files.example.com/a.whl?x\"", two),
			Dependency{Source: "https://files.example.com/a.whl"},
		},
		"an archive": {
			poetryPackage("[package.source]\ntype = \"file\"\nurl = \"libs/../a.zip\"", two), Dependency{Source: "file:a.zip", InstallCode: true},
		},
		"a folder": {
			poetryPackage("[package.source]\ntype = \"directory\"\nurl = \"libs/a\"", two), Dependency{Source: "file:libs/a", InstallCode: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			each.want.Name, each.want.Version = "foo-bar", "1.0"
			wantRead(t, "poetry", each.content, pypi, []Dependency{each.want})
		})
	}
}

func TestPoetryLocksThatAreRefused(t *testing.T) {
	for name, each := range map[string][2]string{
		"no version":      {poetryPackage("", ""), `version ""`},
		"a newer version": {poetryPackage("", `lock-version = "3.0"`), `version "3.0"`},
		"another source":  {poetryPackage("[package.source]\ntype = \"x\"", `lock-version = "2.1"`), `"x"`},
		"hashes of no array": {
			poetryPackage("", "lock-version = \"1.0\"\n[metadata.hashes]\nFoo_bar = \"aa\""), `"Foo_bar"`,
		},
		"two sources":  {poetryPackage("[package.source]\n[package.source]", `lock-version = "2.1"`), "source"},
		"deep nesting": {nested(100)["a header"], "nested"},
	} {
		t.Run(name, func(t *testing.T) { wantProblem(t, "poetry", each[0], each[1]) })
	}
}

func FuzzPoetryLock(f *testing.F) {
	f.Add([]byte(poetryPackage(`files = [{file = "foo_bar-1.0.tar.gz", hash = "sha256:aa"}]`, `lock-version = "2.1"`)))
	f.Add([]byte(poetryPackage("", "lock-version = \"1.1\"\n[metadata.files]\nFoo_bar = [{file = \"foo_bar-1.0.tar.gz\", hash = \"sha256:aa\"}]")))
	f.Fuzz(func(t *testing.T, data []byte) { checkRead(t, "poetry", data) })
}
