package lockfile

import "testing"

func TestCargoLock(t *testing.T) {
	const registry = "\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n"
	for name, each := range map[string]struct {
		content string
		want    []Dependency
	}{
		"version 4": {
			"version = 4\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"" + registry + "checksum = \"00ff\"\ndependencies = [\"b 1.0\"]\n",
			[]Dependency{{Name: "a", Version: "1.0.0", Integrity: "sha256:00ff"}},
		},
		"version 3": {"version = 3\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"" + registry, []Dependency{{Name: "a", Version: "1.0.0"}}},
		"version 2": {
			"[[package]]\nname = \"a\"\nversion = \"1.0.0\"" + registry + "checksum = \"00ff\"",
			[]Dependency{{Name: "a", Version: "1.0.0", Integrity: "sha256:00ff"}},
		},
		"version 1 has checksums in a table": {
			"[[package]]\nname = \"a\"\nversion = \"1.0.0\"" + registry + "[[package]]\nname = \"b\"\nversion = \"1.0.0\"" + registry +
				"[metadata]\n\"checksum a 1.0.0 (registry+https://github.com/rust-lang/crates.io-index)\" = \"00ff\"\n" +
				"\"checksum b 1.0.0 (registry+https://github.com/rust-lang/crates.io-index)\" = \"<none>\"",
			[]Dependency{{Name: "a", Version: "1.0.0", Integrity: "sha256:00ff"}, {Name: "b", Version: "1.0.0"}},
		},
		"two checksums of one package are both listed": {
			"[[package]]\nname = \"a\"\nversion = \"1.0.0\"" + registry + "checksum = \"aa\"\n" +
				"[metadata]\n\"checksum a 1.0.0 (registry+https://github.com/rust-lang/crates.io-index)\" = \"bb\"",
			[]Dependency{{Name: "a", Version: "1.0.0", Integrity: "sha256:aa sha256:bb"}},
		},
		"a table named root": {
			"[root]\nname = \"a\"\nversion = \"1.0.0\"", []Dependency{{Name: "a", Version: "1.0.0", Source: "file:"}},
		},
		"names are not folded": {
			"[[package]]\nname = \"A_b\"\nversion = \"1.0.0\"" + registry, []Dependency{{Name: "A_b", Version: "1.0.0"}},
		},
		"patches that are not used are no dependencies": {"version = 4\n[[patch.unused]]\nname = \"a\"\nversion = \"1.0.0\"", nil},
	} {
		t.Run(name, func(t *testing.T) { wantRead(t, "cargo", each.content, "cargo", each.want) })
	}
}

func TestSourcesOfCargoLock(t *testing.T) {
	for source, want := range map[string]string{
		"registry+https://github.com/rust-lang/crates.io-index":    "",
		"registry+https://github.com/other/crates.io-index":        "https://github.com/other/crates.io-index",
		"registry+https://u:p@registry.example.com/index":          "https://registry.example.com",
		"sparse+https://registry.example.com/index/":               "https://registry.example.com",
		"sparse+http://203.0.113.9/team":                           "http://203.0.113.9/team",
		"git+https://u:p@git.example.com/a?branch=main#0123456789": "git+https://git.example.com/a#0123456789",
		"path+file:///work/a":                                      "file:/work/a",
	} {
		t.Run(source, func(t *testing.T) {
			wantRead(t, "cargo", "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \""+source+"\"", "cargo",
				[]Dependency{{Name: "a", Version: "1.0.0", Source: want}})
		})
	}
}

func TestCargoLocksThatAreRefused(t *testing.T) {
	for name, each := range map[string][2]string{
		"a newer version":        {"version = 5", "version 5"},
		"no name":                {"[[package]]\nversion = \"1\"", `"name"`},
		"a name in another case": {"[[package]]\nName = \"a\"\nversion = \"1\"", `"name"`},
		"two names":              {"[[package]]\nname = \"a\"\nname = \"b\"\nversion = \"1\"", "already"},
		"another source":         {"[[package]]\nname = \"a\"\nversion = \"1\"\nsource = \"x+y\"", `"x"`},
		"a checksum of a number": {"[[package]]\nname = \"a\"\nversion = \"1\"\nchecksum = 1", `"checksum"`},
		"a table of packages":    {"[package]\nname = \"a\"", `"package"`},
		"deep nesting":           {nested(100)["arrays"], "nested"},
		"no UTF-8":               {"# \xff", "UTF-8"},
		"UTF-16":                 {"\xff\xfe#\x00", "invalid"},
		"a NUL":                  {"a = \"\x00\"", "control"},
	} {
		t.Run(name, func(t *testing.T) { wantProblem(t, "cargo", each[0], each[1]) })
	}
}

func FuzzCargoLock(f *testing.F) {
	f.Add([]byte("version = 4\n[[package]]\nname = \"a\"\nversion = \"1\"\nsource = \"git+https://git.example.com/a#b\"\nchecksum = \"00\""))
	f.Fuzz(func(t *testing.T, data []byte) { checkRead(t, "cargo", data) })
}
