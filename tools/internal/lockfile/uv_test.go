package lockfile

import (
	"fmt"
	"strings"
	"testing"
)

// uvPackage is a lockfile with one package, which has these lines.
func uvPackage(lines string) string { return "version = 1\n[[package]]\nname = \"Foo_bar\"\n" + lines }

const uvRegistry = "version = \"1.0\"\nsource = { registry = \"https://pypi.example.com/simple\" }\n"

func TestUVLock(t *testing.T) {
	for name, each := range map[string]struct {
		lines string
		want  Dependency
	}{
		"wheels and an sdist": {
			uvRegistry + `sdist = { url = "https://files.example.com/aa/foo_bar-1.0.tar.gz", hash = "sha256:aa", size = 1 }
wheels = [{ url = "https://files.example.com/bb/foo_bar-1.0-py3-none-any.whl", hash = "sha256:bb" }]`,
			Dependency{Version: "1.0", Source: "https://files.example.com https://pypi.example.com", Integrity: "sha256:aa sha256:bb"},
		},
		"only an sdist is built": {
			uvRegistry + `sdist = { url = "https://pypi.example.com/aa/foo_bar-1.0.tar.gz", hash = "sha256:aa" }`,
			Dependency{Version: "1.0", Source: "https://pypi.example.com", Integrity: "sha256:aa", InstallCode: true},
		},
		"no files are known": {uvRegistry, Dependency{Version: "1.0", Source: "https://pypi.example.com"}},
		"a file of another package": {
			uvRegistry + `wheels = [{ url = "https://u:p@pypi.example.com/bb/other-1.0-py3-none-any.whl?x", hash = "sha256:bb" }]`,
			Dependency{Version: "1.0", Source: "https://pypi.example.com https://pypi.example.com/bb/other-1.0-py3-none-any.whl", Integrity: "sha256:bb"},
		},
		"a file of another host": {
			uvRegistry + `wheels = [{ url = "http://203.0.113.9/foo_bar-1.0-py3-none-any.whl", hash = "sha256:bb" }]`,
			Dependency{Version: "1.0", Source: "http://203.0.113.9 https://pypi.example.com", Integrity: "sha256:bb"},
		},
		"an index in a folder": {
			"version = \"1.0\"\nsource = { registry = \"../wheels\" }\nwheels = [{ path = \"foo_bar-1.0-py3-none-any.whl\" }]",
			Dependency{Version: "1.0", Source: "file:../wheels file:foo_bar-1.0-py3-none-any.whl"},
		},
		"a repository": {
			"version = \"1.0\"\nsource = { git = \"https://t@git.example.com/a?rev=main#0123\" }",
			Dependency{Version: "1.0", Source: "git+https://git.example.com/a#0123", InstallCode: true},
		},
		"an archive at a URL": {
			"version = \"1.0\"\nsource = { url = \"https://t@files.example.com/a.zip\" }\nsdist = { hash = \"sha256:aa\" }",
			Dependency{Version: "1.0", Source: "https://files.example.com/a.zip", Integrity: "sha256:aa", InstallCode: true},
		},
		"a wheel at a path": {
			"version = \"1.0\"\nsource = { path = \"libs/foo_bar-1.0-py3-none-any.whl\" }",
			Dependency{Version: "1.0", Source: "file:libs/foo_bar-1.0-py3-none-any.whl"},
		},
		"a folder":          {"source = { directory = \"libs/a\" }", Dependency{Source: "file:libs/a", InstallCode: true}},
		"an editable":       {"source = { editable = \"libs/a\" }", Dependency{Source: "file:libs/a", InstallCode: true}},
		"a virtual project": {"source = { virtual = \"libs/a\" }", Dependency{Source: "file:libs/a"}},
	} {
		t.Run(name, func(t *testing.T) {
			each.want.Name = "foo-bar"
			wantRead(t, "uv", uvPackage(each.lines), pypi, []Dependency{each.want})
		})
	}
}

func TestTheProjectItselfIsNoDependencyOfUVLock(t *testing.T) {
	for _, kind := range []string{"directory", "editable", "virtual"} {
		wantRead(t, "uv", uvPackage("source = { "+kind+" = \".\" }"), pypi, nil)
	}
}

func TestTheOlderNameOfPackagesIsReadInUVLock(t *testing.T) {
	wantRead(t, "uv", "version = 1\n[[distribution]]\nname = \"a\"\n"+uvRegistry, pypi,
		[]Dependency{{Name: "a", Version: "1.0", Source: "https://pypi.example.com"}})
}

func TestManyHashesAndSourcesAreOneHash(t *testing.T) {
	var wheels strings.Builder
	for i := range 200 {
		fmt.Fprintf(&wheels, "{ url = \"https://files%03d.example.com/foo_bar-1.0-py3-none-any.whl\", hash = \"sha256:%064x\" },\n", i, i)
	}
	all, err := Read("uv", []byte(uvPackage(uvRegistry+"wheels = [\n"+wheels.String()+"]")))
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	for _, text := range []string{all[0].Integrity, all[0].Source} {
		if hex, found := strings.CutPrefix(text, "sha256:"); !found || len(hex) != 64 {
			t.Error(text)
		}
	}
}

func TestJoinedTextsDoNotDependOnTheirOrderAndAreLimited(t *testing.T) {
	if got := joined([]string{"b", "a", "b"}); got != "a b" {
		t.Error(got)
	}
	long := strings.Repeat("x", MaxJoined)
	if got := joined([]string{long}); got != long {
		t.Error(got)
	}
	one, other := joined([]string{long, "y"}), joined([]string{"y", long})
	if one != other || len(one) != len("sha256:")+64 || one == joined([]string{long, "z"}) {
		t.Error(one, other)
	}
}

func TestUVLocksThatAreRefused(t *testing.T) {
	for name, each := range map[string][2]string{
		"no version":          {"", "version 0"},
		"a newer version":     {"version = 2", "version 2"},
		"two sources":         {uvPackage("source = { registry = \"https://pypi.example.com\", url = \"https://files.example.com/a.whl\" }"), "two sources"},
		"another source":      {uvPackage("source = { svn = \"x\" }"), "no known source"},
		"no source":           {uvPackage(""), "no known source"},
		"a source of a text":  {uvPackage("source = \"registry+https://pypi.example.com\""), "no known source"},
		"keys in other cases": {"version = 1\n[[package]]\nNAME = \"a\"\nsource = { registry = \"x\" }", `"name"`},
		"two hashes":          {uvPackage(uvRegistry + "sdist = { hash = \"sha256:a\", hash = \"sha256:b\" }"), "already"},
		"deep nesting":        {nested(100)["inline tables"], "nested"},
	} {
		t.Run(name, func(t *testing.T) { wantProblem(t, "uv", each[0], each[1]) })
	}
}

func FuzzUVLock(f *testing.F) {
	f.Add([]byte(uvPackage(uvRegistry + `wheels = [{ url = "https://files.example.com/foo_bar-1.0-py3-none-any.whl", hash = "sha256:bb" }]`)))
	f.Add([]byte(uvPackage("source = { git = \"https://t@git.example.com/a?rev=main#0123\" }")))
	f.Fuzz(func(t *testing.T, data []byte) { checkRead(t, "uv", data) })
}
