package lockfile

import (
	"encoding/json"
	"regexp"
	"slices"
	"testing"
)

// hasCredentials finds a user in an address, and a query.
var hasCredentials = regexp.MustCompile(`^([a-z+]+:)?//[^/\\?#]*@|^https?://[^#]*\?`)

// fuzzJavaScript holds what must be true of any lockfile that is read.
func fuzzJavaScript(t *testing.T, format string, data []byte) {
	all, err := Read(format, data)
	if err != nil {
		if all != nil {
			t.Errorf("an error (%v) and dependencies", err)
		}
		return
	}
	for _, d := range all {
		if d.Ecosystem != npm || d.Name == "" {
			t.Errorf("a dependency without an ecosystem or name: %+v", d)
		}
		if hasCredentials.MatchString(d.Source) {
			t.Errorf("the source %q has credentials or a query", d.Source)
		}
	}
	again, err := Read(format, data)
	if err != nil || !slices.Equal(all, again) {
		t.Errorf("read again it is %v, %v, and was %v", again, err, all)
	}
}

func FuzzNPM(f *testing.F) {
	f.Add([]byte(`{"lockfileVersion": 3, "packages": {"": {}, "packages/a": {"name": "b", "version": "1.0.0"},
		"node_modules/b": {"link": true, "resolved": "packages/a"}, "node_modules/@s/c": {"version": "1.0.0", "integrity": "sha512-a",
		"resolved": "https://u:p@registry.example.com/@s/c/-/c-1.0.0.tgz?q#f", "hasInstallScript": true}}}`))
	f.Add([]byte(`{"dependencies": {"a": {"version": "npm:@s/b@1.0.0", "dependencies": {"c": {"version": "git+ssh://git@git.example.com/c.git#c0ffee"},
		"d": {"from": "d@u:p@git.example.com/d"}}}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzzJavaScript(t, "npm", data)
		if _, err := Read("npm", data); err == nil && !json.Valid(data) {
			t.Error("this is no JSON")
		}
	})
}

func FuzzPNPM(f *testing.F) {
	f.Add([]byte("lockfileVersion: 5.4\ndependencies: {a: link:../a}\npackages:\n  /@s/b/1.0.0_c@1.0.0: {resolution: {integrity: sha512-a}, requiresBuild: true}\n" +
		"  git.example.com/d: {name: d, version: 1.0.0, resolution: {type: git, repo: 'git@git.example.com:d', commit: c0ffee}}\n"))
	f.Add([]byte("lockfileVersion: '6.0'\npackages:\n  /b@1.0.0(c@1.0.0):\n    resolution:\n      tarball: https://u:p@registry.example.com/b/-/b-1.0.0.tgz?q#f\n"))
	f.Add([]byte("lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      a: {specifier: x, version: 'link:a'}\npackages:\n  b@file:b:\n" +
		"    resolution: {directory: b, type: directory}\nsnapshots:\n  b@file:b(c@1.0.0): {}\n"))
	f.Fuzz(func(t *testing.T, data []byte) { fuzzJavaScript(t, "pnpm", data) })
}

func FuzzYarn(f *testing.F) {
	f.Add([]byte(yarn1 + "\"@s/a@npm:b@^1\", c@1:\n  version \"1.0.0\"\n  resolved \"https://u:p@registry.example.com/b/-/b-1.0.0.tgz?q#f\"\n" +
		"  integrity sha512-a\n  dependencies:\n    d \"1\"\n"))
	f.Add([]byte(berry + "\"a@npm:^1\":\n  version: 1.0.0\n  resolution: \"a@npm:1.0.0::__archiveUrl=https%3A%2F%2Fu%3Ap%40registry.example.com%2Fx\"\n  checksum: 10c0/ff\n" +
		"\"b@patch:x\":\n  resolution: \"b@patch:b@https%3A//u%3Ap%40other.example.com/b.tgz#x.patch::version=1.0.0&hash=1\"\n" +
		"\"c@file:x\":\n  resolution: \"c@file:../x#../x::locator=app%40workspace%3Aapp\"\n"))
	f.Fuzz(func(t *testing.T, data []byte) { fuzzJavaScript(t, "yarn", data) })
}
