package lockfile

import "testing"

// pipfilePackages is a lockfile with two indexes and these packages.
func pipfilePackages(packages string) string {
	return `{"default": {` + packages + `}, "_meta": {"sources": [
		{"name": "a", "url": "https://u:p@a.example.com/simple", "verify_ssl": true}, {"name": "b", "url": "https://b.example.com/simple"}]}}`
}

func TestPipfileLock(t *testing.T) {
	for name, each := range map[string]struct {
		entry string
		want  Dependency
	}{
		"an index":    {`{"index": "b", "version": "==1.0", "hashes": ["sha256:bb", "sha256:aa"]}`, Dependency{Version: "1.0", Source: "https://b.example.com", Integrity: "sha256:aa sha256:bb"}},
		"any index":   {`{"version": "==1.0", "extras": ["x"]}`, Dependency{Version: "1.0", Source: "https://a.example.com https://b.example.com"}},
		"no version":  {`{"index": "a", "version": "*"}`, Dependency{Source: "https://a.example.com"}},
		"repository":  {`{"git": "https://u:p@git.example.com/a", "ref": "0123"}`, Dependency{Source: "git+https://git.example.com/a#0123", InstallCode: true}},
		"folder":      {`{"path": "./libs/a", "editable": true}`, Dependency{Source: "file:./libs/a", InstallCode: true}},
		"wheel":       {`{"file": "https://u:p@files.example.com/a.whl"}`, Dependency{Source: "https://files.example.com/a.whl"}},
		"source file": {`{"file": "a.zip"}`, Dependency{Source: "file:a.zip", InstallCode: true}},
	} {
		t.Run(name, func(t *testing.T) {
			each.want.Name = "foo-bar"
			wantRead(t, "pipfile", pipfilePackages(`"Foo_bar": `+each.entry), pypi, []Dependency{each.want})
		})
	}
}

func TestPackagesOfAllGroupsOfAPipfileLockAreRead(t *testing.T) {
	wantRead(t, "pipfile", `{"default": {"a": {"version": "==1"}}, "develop": {"a": {"version": "==1"}, "b": {"version": "==1"}}, "docs": {"c": {"version": "==2"}}}`,
		pypi, []Dependency{{Name: "a", Version: "1"}, {Name: "b", Version: "1"}, {Name: "c", Version: "2"}})
}

func TestPipfileLocksThatAreRefused(t *testing.T) {
	for name, each := range map[string][2]string{
		"a key twice":                {pipfilePackages(`"a": {"version": "==1", "version": "==2"}`), "twice"},
		"a key in another case":      {pipfilePackages(`"a": {"version": "==1", "Version": "==2"}`), "twice"},
		"a package twice":            {pipfilePackages(`"a": {}, "a": {}`), "twice"},
		"an index without a URL":     {pipfilePackages(`"a": {"index": "c"}`), "does not describe"},
		"a section that is no table": {`{"default": []}`, "an object"},
		"a hash that is no text":     {pipfilePackages(`"a": {"hashes": [1]}`), "string"},
		"something after the end":    {`{} {}`, "follows"},
	} {
		t.Run(name, func(t *testing.T) { wantProblem(t, "pipfile", each[0], each[1]) })
	}
}

func FuzzPipfileLock(f *testing.F) {
	f.Add([]byte(pipfilePackages(`"a": {"index": "a", "version": "==1.0", "hashes": ["sha256:bb"]}, "b": {"git": "https://git.example.com/a", "ref": "x"}`)))
	f.Fuzz(func(t *testing.T, data []byte) { checkRead(t, "pipfile", data) })
}
