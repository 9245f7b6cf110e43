package lockfile

import (
	"strings"
	"testing"
)

const berry = "__metadata:\n  version: 8\n  cacheKey: 10c0\n"

func TestYarnsFormatIsWhatItsFirstCommentsSay(t *testing.T) {
	const old = "a@1:\n  version \"1.0.0\"\n"
	for _, header := range []string{"# yarn lockfile v1\n", "# x\r\n# yarn lockfile v1\r\n", "#  Yarn\tLockfile v1 \n"} {
		wantRows(t, "yarn", header+old, `a 1.0.0 from "" pinned ""`)
	}
	for _, header := range []string{"", "# yarn lockfile v2\n", "\n# yarn lockfile v1\n"} {
		wantNoReading(t, "yarn", header+old, "line")
	}
	wantNoReading(t, "yarn", "a: {resolution: \"a@npm:1.0.0\", version: 1.0.0}\n", "neither a lockfile of Yarn 1 nor of a newer one")
	wantNoReading(t, "yarn", "# yarn lockfile v1\n"+berry, "a text has no quotes")
}

func TestBerryResolutions(t *testing.T) {
	for _, c := range []struct{ name, resolution, version, wanted string }{
		{"of the registry", "@s/a@npm:1.0.0", "1.0.0", `@s/a 1.0.0 from "" pinned "sha512:ff"`},
		{"of another registry", "a@npm:1.0.0::__archiveUrl=https%3A%2F%2Fu%3Ap%40registry.example.com%2Fa%2F-%2Fa-1.0.0.tgz", "1.0.0",
			`a 1.0.0 from "https://registry.example.com" pinned "sha512:ff"`},
		{"another package behind the name", "a@npm:1.0.0::__archiveUrl=https%3A%2F%2Fregistry.example.com%2Fb%2F-%2Fb-1.0.0.tgz", "1.0.0",
			`a 1.0.0 from "https://registry.example.com/b/-/b-1.0.0.tgz" pinned "sha512:ff"`},
		{"a tarball", "a@https://other.example.com/a.tgz", "1.0.0", `a 1.0.0 from "https://other.example.com/a.tgz" pinned "sha512:ff"`},
		{"a repository", "a@https://u:p@git.example.com/o/a.git#commit=c0ffee", "1.0.0",
			`a 1.0.0 from "https://git.example.com/o/a.git#commit=c0ffee" pinned "sha512:ff"`},
		{"a repository with git's own address", "a@git@git.example.com:o/a.git#commit=c0ffee", "1.0.0",
			`a 1.0.0 from "git.example.com:o/a.git#commit=c0ffee" pinned "sha512:ff"`},
		{"a workspace", "a@workspace:packages/a", "0.0.0-use.local", `a 0.0.0-use.local from "file:packages/a" pinned "sha512:ff"`},
		{"a folder of a workspace", "a@file:../x#../x::hash=1&locator=app%40workspace%3Apackages%2Fapp", "1.0.0",
			`a 1.0.0 from "file:packages/x" pinned "sha512:ff"`},
		{"a portal", "a@portal:../x::locator=real%40workspace%3A.", "0.0.0-use.local", `a 0.0.0-use.local from "file:../x" pinned "sha512:ff"`},
		{"a generated package runs code", "a@exec:./x.js#./x.js::hash=1&locator=real%40workspace%3A.", "1.0.0",
			`a 1.0.0 from "exec:./x.js" pinned "sha512:ff" runs code`},
		{"a patch of the project", "a@patch:a@npm%3A1.0.0#~/.yarn/patches/a.patch::version=1.0.0&hash=1", "1.0.0",
			`a 1.0.0 from "patch:a@npm:1.0.0#~/.yarn/patches/a.patch" pinned "sha512:ff"`},
		{"a patch of a tarball", "a@patch:a@https%3A//u%3Ap%40other.example.com/a.tgz#x.patch::version=1.0.0&hash=1", "1.0.0",
			`a 1.0.0 from "patch:a@https://other.example.com/a.tgz#x.patch" pinned "sha512:ff"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			entry := "\"a@x\":\n  version: " + c.version + "\n  resolution: \"" + c.resolution + "\"\n  languageName: node\n"
			wantRows(t, "yarn", berry+entry+"  checksum: 10c0/ff\n", c.wanted)
		})
	}
}

func TestBerryLeavesOutTheProject(t *testing.T) {
	wantRows(t, "yarn", berry+"\"p@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"p@workspace:.\"\n")
}

func TestBerryChecksums(t *testing.T) {
	const entry = "\"a@npm:^1\":\n  version: 1.0.0\n  resolution: \"a@npm:1.0.0\"\n"
	wantRows(t, "yarn", berry+entry, `a 1.0.0 from "" pinned ""`)
	wantRows(t, "yarn", berry+entry+"  checksum: ffee\n", `a 1.0.0 from "" pinned "sha512:ffee"`)
	wantRows(t, "yarn", berry+entry+"  checksum: 10c0/ffee\n", `a 1.0.0 from "" pinned "sha512:ffee"`)
}

func TestBerryWritesALongKeyInItsOwnWay(t *testing.T) {
	key := strings.Repeat("a@npm:^1, ", 200) + "a@npm:^2"
	wantRows(t, "yarn", berry+"? \""+key+"\"\n:\n  version: 1.0.0\n  resolution: \"a@npm:1.0.0\"\n", `a 1.0.0 from "" pinned ""`)
}

func TestBerryLockfilesThatAreNotRead(t *testing.T) {
	for _, c := range []struct{ name, data, reason string }{
		{"a version of the future", "__metadata:\n  version: 11\n", "__metadata.version is not known"},
		{"no version", "__metadata: {}\n", "__metadata.version is not known"},
		{"an entry as a text", berry + "a: b\n", "line 4 is no mapping"},
		{"no resolution", berry + "a:\n  version: 1.0.0\n", "the package in line 5 has no resolution"},
		{"a resolution without a name", berry + "a:\n  resolution: \"@npm:1.0.0\"\n", "the package in line 5 has no resolution"},
		{"another version than its resolution", berry + "a:\n  version: 1.0.0\n  resolution: \"a@npm:1.0.1\"\n", "another version than its resolution"},
		{"parameters that cannot be read", berry + "a:\n  version: 1.0.0\n  resolution: \"a@npm:1.0.0::x=%zz\"\n", "a resolution that cannot be read"},
		{"a patch that cannot be read", berry + "a:\n  version: 1.0.0\n  resolution: \"a@patch:a@npm%zz1.0.0#x\"\n", "a resolution that cannot be read"},
		{"a number as version", berry + "a:\n  version: 1.0\n  resolution: \"a@npm:1.0\"\n", "line 5 is no text"},
		{"an entry twice", berry + "\"a@1\": {}\na@1: {}\n", "line 5 has a key twice"},
		{"two documents", berry + "---\n" + berry, "several documents"},
	} {
		t.Run(c.name, func(t *testing.T) { wantNoReading(t, "yarn", c.data, c.reason) })
	}
}
