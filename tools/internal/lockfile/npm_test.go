package lockfile

import (
	"strings"
	"testing"
)

func TestNPMFilesAreKnownByName(t *testing.T) {
	for _, file := range []string{"package-lock.json", "a/b/npm-shrinkwrap.json"} {
		if Format(file) != "npm" {
			t.Errorf("%s is %q", file, Format(file))
		}
	}
	// npm's own copy of what it has installed.
	if got := Format("node_modules/.package-lock.json"); got != "" {
		t.Errorf("the hidden lockfile is %q", got)
	}
}

func TestNPMPackages(t *testing.T) {
	for _, c := range []struct {
		name, packages string
		wanted         []string
	}{
		{"the project itself is no dependency", `"": {"name": "project", "version": "1.0.0"}`, nil},
		{"the last folder is the name", `"node_modules/a/node_modules/@s/b": {"version": "1.0.0"}`, []string{`@s/b 1.0.0 from "" pinned ""`}},
		{"an alias has the package's own name", `"node_modules/safe": {"name": "evil", "version": "1.0.0",
			"resolved": "https://registry.example.com/evil/-/evil-1.0.0.tgz"}`, []string{`evil 1.0.0 from "https://registry.example.com" pinned ""`}},
		{"a name that claims another package shows its whole URL", `"node_modules/evil": {"name": "lodash", "version": "1.0.0",
			"resolved": "https://registry.example.com/evil/-/evil-1.0.0.tgz"}`,
			[]string{`lodash 1.0.0 from "https://registry.example.com/evil/-/evil-1.0.0.tgz" pinned ""`}},
		{"resolved and integrity both edited show the other host", `"node_modules/lodash": {"version": "4.17.21",
			"resolved": "https://other.example.com/lodash/-/lodash-4.17.21.tgz", "integrity": "sha512-evil"}`,
			[]string{`lodash 4.17.21 from "https://other.example.com" pinned "sha512-evil"`}},
		{"several hashes are sorted", `"node_modules/a": {"version": "1.0.0", "integrity": "sha512-b  sha1-a"}`,
			[]string{`a 1.0.0 from "" pinned "sha1-a sha512-b"`}},
		{"a package in another one's tarball counts", `"node_modules/a/node_modules/b": {"version": "1.0.0", "inBundle": true}`,
			[]string{`b 1.0.0 from "" pinned ""`}},
		{"install code", `"node_modules/a": {"version": "1.0.0", "hasInstallScript": true}`, []string{`a 1.0.0 from "" pinned "" runs code`}},
		{"a folder without a link counts", `"packages/@s/a": {"version": "1.0.0"}`, []string{`@s/a 1.0.0 from "file:packages/@s/a" pinned ""`}},
		{"a link and its folder are one", `"packages/a": {"name": "b", "version": "1.0.0", "hasInstallScript": true},
			"node_modules/b": {"resolved": "packages/a", "link": true}`, []string{`b 1.0.0 from "file:packages/a" pinned "" runs code`}},
		{"a link out of the project", `"../a": {"version": "1.0.0"}, "node_modules/a": {"resolved": "../a", "link": true}`,
			[]string{`a 1.0.0 from "file:../a" pinned ""`}},
		{"a link to the project", `"": {"name": "p", "version": "1.0.0"}, "node_modules/p": {"resolved": "", "link": true}`,
			[]string{`p 1.0.0 from "file:." pinned ""`}},
		{"a link to what is installed", `"node_modules/a": {"version": "1.0.0"}, "node_modules/b": {"resolved": "node_modules/a", "link": true}`,
			[]string{`a 1.0.0 from "" pinned ""`, `a 1.0.0 from "file:node_modules/a" pinned ""`}},
		{"npm sees keys of another case apart", `"node_modules/a": {"version": "1.0.0", "Resolved": "https://other.example.com/"}`,
			[]string{`a 1.0.0 from "" pinned ""`}},
		{"null is absent", `"node_modules/a": {"version": "1.0.0", "resolved": null, "link": null, "name": null}`, []string{`a 1.0.0 from "" pinned ""`}},
		{"packages may differ in case", `"node_modules/a": {"version": "1.0.0"}, "node_modules/A": {"version": "1.0.0"}`,
			[]string{`A 1.0.0 from "" pinned ""`, `a 1.0.0 from "" pinned ""`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantRows(t, "npm", `{"lockfileVersion": 3, "packages": {`+c.packages+`}}`, c.wanted...)
		})
	}
}

func TestNPMIgnoresDependenciesIfPackagesExists(t *testing.T) {
	const tree = `"dependencies": {"tree": {"version": "1.0.0"}}`
	for _, packages := range []string{`"packages": {}`, `"packages": {"": {}}`} {
		wantRows(t, "npm", `{"lockfileVersion": 1, `+tree+`, `+packages+`}`)
		wantRows(t, "npm", `{"lockfileVersion": 2, `+packages+`, `+tree+`}`)
	}
	for _, lock := range []string{`{"lockfileVersion": 3, "packages": null, ` + tree + `}`, `{"lockfileVersion": 2, ` + tree + `}`, `{` + tree + `}`} {
		wantRows(t, "npm", lock, `tree 1.0.0 from "" pinned ""`)
	}
}

func TestNPMTreeOfVersion1(t *testing.T) {
	for _, c := range []struct {
		name, tree string
		wanted     []string
	}{
		{"a tree", `"a": {"version": "1.0.0", "requires": {"b": "1"}, "dependencies": {"@s/b": {"version": "2.0.0", "bundled": true}}}`,
			[]string{`@s/b 2.0.0 from "" pinned ""`, `a 1.0.0 from "" pinned ""`}},
		{"an alias", `"safe": {"version": "npm:@s/evil@1.0.0", "resolved": "https://registry.example.com/@s/evil/-/evil-1.0.0.tgz", "integrity": "sha512-a"}`,
			[]string{`@s/evil 1.0.0 from "https://registry.example.com" pinned "sha512-a"`}},
		{"a folder", `"a": {"version": "file:packages/a"}`, []string{`a  from "file:packages/a" pinned ""`}},
		{"a tarball in the project", `"a": {"version": "file:a-1.0.0.tgz", "integrity": "sha512-a"}`, []string{`a  from "file:a-1.0.0.tgz" pinned "sha512-a"`}},
		{"a registry's tarball", `"a": {"version": "https://registry.example.com/a/-/a-1.0.0.tgz"}`, []string{`a 1.0.0 from "https://registry.example.com" pinned ""`}},
		{"a tarball from elsewhere", `"a": {"version": "https://other.example.com/b/-/b-1.0.0.tgz"}`,
			[]string{`a  from "https://other.example.com/b/-/b-1.0.0.tgz" pinned ""`}},
		{"the address in version wins", `"a": {"version": "https://evil.example.com/a.tgz", "resolved": "https://registry.example.com/a/-/a-1.0.0.tgz"}`,
			[]string{`a  from "https://evil.example.com/a.tgz" pinned ""`}},
		{"a repository", `"a": {"version": "git+ssh://git@git.example.com/a.git#c0ffee", "from": "a@git+ssh://git@git.example.com/a.git"}`,
			[]string{`a  from "git+ssh://git.example.com/a.git#c0ffee" pinned ""`}},
		{"a repository by a short name", `"a": {"version": "github:o/a#c0ffee"}`, []string{`a  from "github:o/a#c0ffee" pinned ""`}},
		{"a repository only in from", `"a": {"version": "1.0.0", "from": "a@git+https://git.example.com/a.git"}`,
			[]string{`a 1.0.0 from "git+https://git.example.com/a.git" pinned ""`}},
		{"a range in from", `"a": {"version": "1.0.0", "from": "a@^1"}`, []string{`a 1.0.0 from "" pinned ""`}},
		{"only resolved", `"a": {"resolved": "https://other.example.com/a.tgz"}`, []string{`a  from "https://other.example.com/a.tgz" pinned ""`}},
		{"nothing is known", `"a": {}`, []string{`a  from "" pinned ""`}},
		{"null is absent", `"a": {"version": null, "dependencies": null}`, []string{`a  from "" pinned ""`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantRows(t, "npm", `{"lockfileVersion": 1, "dependencies": {`+c.tree+`}}`, c.wanted...)
		})
	}
}

func TestNPMLockfilesThatAreNotRead(t *testing.T) {
	for _, c := range []struct{ name, data, reason string }{
		{"empty", ``, "this is not an object"},
		{"no object", `[]`, "this is not an object"},
		{"a byte order mark", "\ufeff{}", "this is not an object"},
		{"not UTF-8", "{\"a\": \"\xff\"}", "this is not UTF-8"},
		{"something follows", `{"lockfileVersion": 3} {}`, "something follows the document"},
		{"a merge", "<<<<<<< HEAD\n{}", "this is not an object"},
		{"a key twice", `{"packages": {}, "packages": {}}`, "an object has a key twice"},
		{"a key twice, escaped", `{"packages": {"node_modules/a": {}, "node_modules/\u0061": {}}}`, "an object has a key twice"},
		{"RESOLVED beside resolved", `{"packages": {"node_modules/a": {"resolved": "https://registry.example.com/", "RESOLVED": "https://evil.example.com/"}}}`,
			"an object has a key twice"},
		{"Packages beside packages", `{"packages": {}, "Packages": {}}`, "an object has a key twice"},
		{"too deep", `{"dependencies": ` + strings.Repeat(`{"a": {"dependencies": `, 100), "nested too deeply"},
		{"a version of the future", `{"lockfileVersion": 4}`, `lockfileVersion "4" is not known`},
		{"a version as text", `{"lockfileVersion": "3"}`, "no number"},
		{"packages as a list", `{"packages": []}`, "this is not an object"},
		{"a package as a text", `{"packages": {"node_modules/a": "1.0.0"}}`, "this is not an object"},
		{"a number as version", `{"packages": {"node_modules/a": {"version": 1}}}`, "no string"},
		{"a text as hasInstallScript", `{"packages": {"node_modules/a": {"hasInstallScript": "yes"}}}`, "neither true nor false"},
		{"a folder that is another", `{"packages": {"node_modules/lodash/../evil": {}}}`, "is no folder of a package"},
		{"a folder with a slash at its end", `{"packages": {"node_modules/a/": {}}}`, "is no folder of a package"},
		{"an absolute folder", `{"packages": {"/node_modules/a": {}}}`, "is no folder of a package"},
		{"the project by another name", `{"packages": {".": {}}}`, "is no folder of a package"},
		{"a link to nothing", `{"packages": {"node_modules/a": {"link": true, "resolved": "a"}}}`, "leads to no package"},
		{"a link to itself", `{"packages": {"node_modules/a": {"link": true, "resolved": "node_modules/a"}}}`, "leads to no package"},
		{"a tree's package as null", `{"dependencies": {"a": null}}`, "this is not an object"},
		{"a tree's version as false", `{"dependencies": {"a": {"version": false}}}`, "no string"},
		{"a tree's dependencies as a list", `{"dependencies": {"a": {"dependencies": []}}}`, "this is not an object"},
		{"a path as name", `{"dependencies": {"../a": {}}}`, "is no name of a package"},
		{"a path below as name", `{"dependencies": {"a/b": {}}}`, "is no name of a package"},
		{"an empty name", `{"dependencies": {"": {}}}`, "is no name of a package"},
		{"an alias of nothing", `{"dependencies": {"a": {"version": "npm:"}}}`, `the alias "a" has no name`},
		{"too many packages", `{"packages": {"": {}` + manyJSON(`,"node_modules/`, `":{}`) + `}}`, ErrTooMany.Error()},
		{"too many in a tree", `{"dependencies": {"a": {}` + manyJSON(`,"`, `":{}`) + `}}`, ErrTooMany.Error()},
		{"too long", strings.Repeat(" ", MaxJSON+1), "the lockfile is longer than"},
	} {
		t.Run(c.name, func(t *testing.T) { wantNoReading(t, "npm", c.data, c.reason) })
	}
}
