package lockfile

import (
	"fmt"
	"strings"
	"testing"
)

func TestPNPMKeys(t *testing.T) {
	for _, c := range []struct {
		major              byte
		key, name, version string
	}{
		{'5', "/lodash/4.17.21", "lodash", "4.17.21"},
		{'5', "/@babel/core/7.0.0", "@babel/core", "7.0.0"},
		{'5', "/@babel/core/7.0.0-rc.1+b_@a+b@1.0.0+c@2.0.0", "@babel/core", "7.0.0-rc.1+b"},
		{'5', "/a/1.0.0_3x5abc", "a", "1.0.0"},
		{'5', "/a/b/1.0.0", "a", ""},
		{'5', "/a", "a", ""},
		{'5', "registry.example.com/a/1.0.0", "", ""},
		{'5', "git.example.com/o/a/c0ffee", "", ""},
		{'5', "file:a", "", ""},
		{'6', "/lodash@4.17.21", "lodash", "4.17.21"},
		{'6', "/@babel/core@7.0.0(@a/b@1.0.0)(c@2.0.0(d@3.0.0))", "@babel/core", "7.0.0"},
		{'6', "git.example.com/o/a/c0ffee", "", ""},
		{'9', "lodash@4.17.21", "lodash", "4.17.21"},
		{'9', "@babel/core@7.0.0", "@babel/core", "7.0.0"},
		{'9', "a@https://codeload.example.com/o/a/tar.gz/c0ffee", "a", ""},
		{'9', "a@file:a(b@1.0.0)", "a", ""},
		{'9', "a@runtime:22.0.0", "a", ""},
		{'9', "/a@1.0.0", "/a", "1.0.0"},
	} {
		if name, version := splitPNPM(c.major, c.key); name != c.name || version != c.version {
			t.Errorf("%c: %q is %q %q, want %q %q", c.major, c.key, name, version, c.name, c.version)
		}
	}
	for key, wanted := range map[string]string{"a@1": "a@1", "a@1(b@2)": "a@1", "a@1(b@2(c@3))(d@4)": "a@1", "a@file:x(1)": "a@file:x", "a)": "a)", "(a)": "(a)",
		"a@1(patch_hash=ff)(b@2)": "a@1"} {
		if got := withoutPeers(key); got != wanted {
			t.Errorf("%q without peers is %q, want %q", key, got, wanted)
		}
	}
}

func TestPNPMResolutions(t *testing.T) {
	for _, c := range []struct{ name, key, fields, wanted string }{
		{"of a registry", "a@1.0.0", "resolution: {integrity: sha512-a}", `a 1.0.0 from "" pinned "sha512-a"`},
		{"without a hash", "a@1.0.0", "resolution: {}", `a 1.0.0 from "" pinned ""`},
		{"of another registry", "a@1.0.0", "resolution: {integrity: sha512-a, tarball: https://registry.example.com/a/-/a-1.0.0.tgz}",
			`a 1.0.0 from "https://registry.example.com" pinned "sha512-a"`},
		{"another package behind the name", "a@1.0.0", "resolution: {integrity: sha512-a, tarball: https://registry.example.com/b/-/b-1.0.0.tgz}",
			`a 1.0.0 from "https://registry.example.com/b/-/b-1.0.0.tgz" pinned "sha512-a"`},
		{"relative to the registry", "'@s/a@1.0.0'", "resolution: {integrity: sha512-a, tarball: '@s/a/-/a-1.0.0.tgz'}", `@s/a 1.0.0 from "" pinned "sha512-a"`},
		{"another package relative to the registry", "a@1.0.0", "resolution: {integrity: sha512-a, tarball: b/-/b-1.0.0.tgz}",
			`a 1.0.0 from "b/-/b-1.0.0.tgz" pinned "sha512-a"`},
		{"a host relative to the registry's scheme", "a@1.0.0", "resolution: {tarball: //evil.example.com/a/-/a-1.0.0.tgz}",
			`a 1.0.0 from "//evil.example.com/a/-/a-1.0.0.tgz" pinned ""`},
		{"a registry in the resolution", "a@1.0.0", "resolution: {integrity: sha512-a, registry: 'https://u:p@registry.example.com/npm/'}",
			`a 1.0.0 from "https://registry.example.com/npm" pinned "sha512-a"`},
		{"a tarball from elsewhere", "a@https://codeload.example.com/o/a/tar.gz/c0ffee",
			"version: 1.0.0\n    resolution: {tarball: https://codeload.example.com/o/a/tar.gz/c0ffee, path: /packages/a}",
			`a 1.0.0 from "https://codeload.example.com/o/a/tar.gz/c0ffee#path:/packages/a" pinned ""`},
		{"a tarball in the project", "a@file:a.tgz", "version: 1.0.0\n    resolution: {integrity: sha512-a, tarball: file:a.tgz}",
			`a 1.0.0 from "file:a.tgz" pinned "sha512-a"`},
		{"a folder", "a@file:x/a", "resolution: {directory: x/a, type: directory}", `a  from "file:x/a" pinned ""`},
		{"a repository", "a@git+ssh://git@git.example.com/o/a.git#c0ffee",
			"version: 1.0.0\n    resolution: {type: git, repo: git@git.example.com:o/a.git, commit: c0ffee}",
			`a 1.0.0 from "git+ssh://git.example.com/o/a.git#c0ffee" pinned ""`},
		{"a runtime", "node@runtime:22.0.0", "version: 22.0.0\n    resolution: {type: variations, variants: [{targets: [{os: linux}], " +
			"resolution: {type: binary, url: 'https://dist.example.com/node.tar.gz', integrity: sha256-a}}]}",
			`node 22.0.0 from "https://dist.example.com/node.tar.gz" pinned "sha256-a"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantRows(t, "pnpm", fmt.Sprintf("lockfileVersion: '9.0'\npackages:\n  %s:\n    %s\nsnapshots: {}\n", c.key, c.fields), c.wanted)
		})
	}
}

func TestPNPMOldPackagesFromElsewhereHaveTheirNameInAField(t *testing.T) {
	wantRows(t, "pnpm", `lockfileVersion: 5.4
packages:
  codeload.example.com/o/a/tar.gz/c0ffee:
    resolution: {tarball: https://codeload.example.com/o/a/tar.gz/c0ffee}
    name: a
    version: 1.0.0
    prepare: true
    requiresBuild: true
`, `a 1.0.0 from "https://codeload.example.com/o/a/tar.gz/c0ffee" pinned "" runs code`)
}

func TestPNPMLinks(t *testing.T) {
	wantRows(t, "pnpm", `lockfileVersion: 5.4
dependencies: {a: link:../a, b: 1.0.0}
`, `a  from "file:../a" pinned ""`)
	wantRows(t, "pnpm", `lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      a: {specifier: workspace:*, version: link:packages/a}
  packages/a:
    devDependencies:
      b: {specifier: 'workspace:*', version: link:../b}
    optionalDependencies:
      c: {specifier: link:/c, version: link:/c}
      left: {specifier: 'npm:left-pad@1.3.0', version: left-pad@1.3.0}
packages:
  d@1.0.0: {resolution: {integrity: sha512-d}}
snapshots:
  d@1.0.0(e@1.0.0):
    dependencies: {e: link:packages/e}
`, `a  from "file:packages/a" pinned ""`, `b  from "file:packages/b" pinned ""`, `c  from "file:/c" pinned ""`, `d 1.0.0 from "" pinned "sha512-d"`,
		`e  from "file:packages/e" pinned ""`)
}

func TestPNPMLockfilesThatAreNotRead(t *testing.T) {
	const nine = "lockfileVersion: '9.0'\n"
	for _, c := range []struct{ name, data, reason string }{
		{"no version", "packages: {}\n", "lockfileVersion is not known"},
		{"a version of the future", "lockfileVersion: '10.0'\n", "lockfileVersion is not known"},
		{"an experiment", "lockfileVersion: 5.4-inlineSpecifiers\n", "lockfileVersion is not known"},
		{"two documents", nine + "---\n" + nine, "several documents"},
		{"packages as a list", nine + "packages: []\n", "line 2 is no mapping"},
		{"importers as a text", nine + "importers: x\n", "line 2 is no mapping"},
		{"a package as a text", nine + "packages: {a@1.0.0: x}\nsnapshots: {}\n", "line 2 is no mapping"},
		{"packages without snapshots", nine + "packages: {a@1.0.0: {resolution: {}}}\n", "packages without snapshots"},
		{"a snapshot without its package", nine + "snapshots: {a@1.0.0: {}}\n", "the snapshot in line 2 has no package"},
		{"a snapshot with the resolution", nine + "packages: {a@1.0.0: {}}\nsnapshots: {a@1.0.0: {resolution: {tarball: 'https://evil.example.com'}}}\n",
			"the snapshot in line 3 has a field of a package"},
		{"snapshots in an old version", "lockfileVersion: '6.0'\nsnapshots: {}\n", "line 2 has snapshots"},
		{"no resolution", nine + "packages: {a@1.0.0: {}}\nsnapshots: {}\n", "the package in line 2 has no resolution"},
		{"a resolution of the future", nine + "packages: {a@1.0.0: {resolution: {type: custom}}}\nsnapshots: {}\n", "a resolution that is not known"},
		{"no variants", nine + "packages: {a@1.0.0: {resolution: {type: variations}}}\nsnapshots: {}\n", "has no variants"},
		{"another name than its key", nine + "packages: {a@1.0.0: {resolution: {}, name: b}}\nsnapshots: {}\n", "another name or version than its key"},
		{"another version than its key", nine + "packages: {a@1.0.0: {resolution: {}, version: 1.0.1}}\nsnapshots: {}\n", "another name or version than its key"},
		{"an old key in a new version", nine + "packages: {/a@1.0.0: {resolution: {}}}\nsnapshots: {}\n", "has no name"},
		{"no name", "lockfileVersion: 5.4\npackages: {git.example.com/o/a/c0ffee: {resolution: {}}}\n", "the package in line 2 has no name"},
		{"a number as version", nine + "packages: {a@file:a: {resolution: {}, version: 1.0}}\nsnapshots: {}\n", "line 2 is no text"},
		{"a text as requiresBuild", "lockfileVersion: 5.4\npackages: {/a/1.0.0: {resolution: {}, requiresBuild: 'yes'}}\n", "neither true nor false"},
		{"a dependency without a version", nine + "importers: {.: {dependencies: {a: {specifier: '1'}}}}\n", `the dependency "a" has no version`},
		{"a dependency as a list", nine + "importers: {.: {dependencies: {a: []}}}\n", `the dependency "a" has no version`},
		{"too many", "lockfileVersion: 5.4\npackages:\n" + manyPNPM(), ErrTooMany.Error()},
		{"too long", strings.Repeat("#", MaxText+1), "the lockfile is longer than"},
	} {
		t.Run(c.name, func(t *testing.T) { wantNoReading(t, "pnpm", c.data, c.reason) })
	}
}

func manyPNPM() string {
	var all strings.Builder
	for i := range MaxDependencies + 1 {
		fmt.Fprintf(&all, "  /a/%d.0.0: {resolution: {}}\n", i)
	}
	return all.String()
}
