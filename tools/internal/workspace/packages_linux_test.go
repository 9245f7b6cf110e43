package workspace

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"cleanroom.dev/tools/internal/lockfile"
)

// fetched are the packages, a line each, without their digests.
func (r *Reading) fetched() string {
	var all strings.Builder
	for _, p := range r.Packages {
		fmt.Fprintf(&all, "%s %s %s@%s %v %d\n", p.Path, p.Ecosystem, p.Name, p.Version, p.Hooks, p.Native)
	}
	return all.String()
}

func (r *Reading) pkg(path string) Package {
	for _, p := range r.Packages {
		if p.Path == path {
			return p
		}
	}
	return Package{}
}

func (f folder) expect(fetched, unread string) *Reading {
	f.Helper()
	r := f.read()
	if got := r.fetched(); got != fetched || r.unread() != unread || r.Reason != "" {
		f.Errorf("%s\n%s\n%s", got, r.unread(), r.Reason)
	}
	return r
}

func TestPackagesOfNPMAreFound(t *testing.T) {
	f := newFolder(t)
	f.write(
		"node_modules/a/package.json", `{"name":"a","version":"1.0.0","scripts":{"test":"x"}}`,
		"node_modules/a/lib/package.json", `broken, but not the package's own`,
		"node_modules/a/node_modules/b/package.json", `{"name":"b","version":"2.0.0"}`,
		"node_modules/a/node_modules/.bin/b", "x",
		"node_modules/@s/c/package.json", `{"name":"@s/c","version":"3.0.0"}`,
		"node_modules/@s/c/binding.gyp", "{}",
		"node_modules/@s/c/build/c.node", "\x7fELF...",
		"node_modules/none/x.js", "",
		"node_modules/.package-lock.json", "{}",
		"node_modules/.pnpm/d@4.0.0/node_modules/d/package.json", `{"name":"d","version":"4.0.0","scripts":{"postinstall":"node x"}}`,
		"node_modules/.pnpm/d@4.0.0/node_modules/e/package.json", `{"name":"e","version":"5.0.0"}`,
		"web/node_modules/alias/package.json", `{"name":"real","version":"6.0.0"}`,
		"package.json", "{}",
	)
	f.do(os.Symlink(".pnpm/d@4.0.0/node_modules/d", f.at("node_modules/d")))
	r := f.expect(`node_modules npm @ [] 0
node_modules/.pnpm/d@4.0.0/node_modules/d npm d@4.0.0 [postinstall] 0
node_modules/.pnpm/d@4.0.0/node_modules/e npm e@5.0.0 [] 0
node_modules/@s/c npm @s/c@3.0.0 [binding.gyp] 1
node_modules/a npm a@1.0.0 [] 0
node_modules/a/node_modules npm @ [] 0
node_modules/a/node_modules/b npm b@2.0.0 [] 0
node_modules/none npm none@ [] 0
web/node_modules/alias npm real@6.0.0 [] 0
`, "")
	if r.paths() != "package.json" {
		t.Error(r.paths())
	}
}

func TestAPackagesDigestCoversItsOwnFiles(t *testing.T) {
	f := newFolder(t)
	f.write("node_modules/a/x", "1", "node_modules/a/node_modules/b/x", "1", "node_modules/c/x", "1")
	before := f.read()
	if before.pkg("node_modules/c").SHA256 != before.pkg("node_modules/a/node_modules/b").SHA256 {
		t.Error("the place of a package changes its digest")
	}
	want := sum(fmt.Sprintf("f 000 1 %x x\x00", sum("1")))
	if got := before.pkg("node_modules/c").SHA256; got == want {
		t.Error("the package's folder is not covered")
	}
	changed := func(files ...string) (paths []string) {
		f.write(files...)
		after := f.read()
		for _, p := range after.Packages {
			if before.pkg(p.Path).SHA256 != p.SHA256 {
				paths = append(paths, p.Path)
			}
		}
		before = after
		return paths
	}
	for path, want := range map[string]string{
		"node_modules/a/node_modules/b/x": "[node_modules/a/node_modules/b]",
		"node_modules/a/y":                "[node_modules/a]",
		"node_modules/c/d/x":              "[node_modules/c]",
		"node_modules/.cache/x":           "[node_modules]",
		"elsewhere/x":                     "[]",
	} {
		if got := fmt.Sprint(changed(path, "2")); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
}

func TestWhatIsPutIntoAPackageDoesNotChangeItsDigest(t *testing.T) {
	f := newFolder(t)
	f.write("node_modules/a/x", "1")
	before := f.read().pkg("node_modules/a").SHA256
	f.write("node_modules/a/node_modules/b/x", "1", "node_modules/a/node_modules/@s/c/x", "1")
	f.do(os.Mkdir(f.at("node_modules/a/node_modules/.bin"), 0o755))
	f.do(os.Symlink("../b/x", f.at("node_modules/a/node_modules/.bin/b")))
	r := f.read()
	if r.pkg("node_modules/a").SHA256 != before || len(r.Packages) != 3 {
		t.Error(r.fetched())
	}
	// A file that belongs to none of them is covered all the same.
	f.write("node_modules/a/node_modules/loose.js", "1")
	if r = f.read(); r.pkg("node_modules/a").SHA256 != before || r.pkg("node_modules/a/node_modules").Path == "" {
		t.Error(r.fetched())
	}
}

func TestInstallCodeIsCovered(t *testing.T) {
	f := newFolder(t)
	script := func(text string) { f.write("node_modules/a/package.json", text) }
	files := func(names ...string) {
		for _, each := range names {
			f.write("node_modules/a/"+each, each)
		}
	}
	files("setup.js", "lib/index.js", "tool", "gen.cjs", "other.js", "build.sh")
	code := func() string {
		p := f.read().pkg("node_modules/a")
		return fmt.Sprintf("%v %x", p.Hooks, p.InstallCode)
	}
	// Each of these changes what is covered, or not.
	for _, c := range []struct {
		scripts string
		covered string
	}{
		{`"postinstall":"node setup.js"`, "setup.js"},
		{`"install":"node ./setup.js && true"`, "setup.js"},
		{`"preinstall":"node setup"`, "setup.js"},
		{`"postinstall":"node 'lib'"`, "lib/index.js"},
		{`"prepare":"node setup.js"`, ""},
		{`"install":"sh -c \"./tool;node gen\""`, "tool gen.cjs"},
		{`"install":"npm run build","build":"sh build.sh","prebuild":"node gen"`, "build.sh gen.cjs"},
		{`"install":"x ../a/setup.js /setup.js other.jsx lib"`, "lib/index.js"},
	} {
		script("{\"name\":\"a\",\"scripts\":{" + c.scripts + "}}")
		for _, name := range []string{"setup.js", "lib/index.js", "tool", "gen.cjs", "other.js", "build.sh"} {
			before := code()
			f.write("node_modules/a/"+name, "changed by "+c.scripts)
			want := slices.Contains(strings.Fields(c.covered), name)
			if changed := code() != before; changed != want {
				t.Errorf("%s: %s: %t", c.scripts, name, changed)
			}
		}
	}
	script(`{"name":"a","scripts":{"install":"a","test":"x"}}`)
	before := code()
	if script(`{"name":"a","version":"2","scripts":{"install":"a","test":"y"}}`); code() != before {
		t.Error("what is no install code changes it")
	}
	if script(`{"name":"a","scripts":{"install":"b"}}`); code() == before {
		t.Error("the text of a script does not change it")
	}
	if script(`{"name":"a","scripts":{"test":"x","dependencies":"node setup.js"}}`); !strings.HasPrefix(code(), "[] 000") {
		t.Error(code())
	}
	f.write("node_modules/a/binding.gyp", "{}")
	if before = code(); !strings.HasPrefix(before, "[binding.gyp] ") {
		t.Error(before)
	}
	if f.write("node_modules/a/binding.gyp", "{ }"); code() == before {
		t.Error("binding.gyp does not change it")
	}
}

// npm runs prepare only for what it gets from a repository.
func TestPrepareIsInstallCodeOfWhatComesFromARepository(t *testing.T) {
	for source, hooks := range map[string]string{
		"git+ssh://git.example.com/a.git#c0ffee": "[prepare]", "https://registry.example.com": "[]", "https://example.com/a.tgz": "[]", "": "[]",
	} {
		f := newFolder(t)
		f.write("package-lock.json", "{}", "node_modules/a/package.json", `{"name":"a","scripts":{"prepare":"node setup.js"}}`)
		r := Read(t.Context(), Settings{Root: f.root, Parse: func(context.Context, string, io.Reader) ([]lockfile.Dependency, error) {
			return []lockfile.Dependency{{Ecosystem: "npm", Name: "a", Version: "1", Source: source}}, nil
		}})
		if got := fmt.Sprint(r.Packages[0].Hooks); got != hooks {
			t.Errorf("%s: %s, want %s", source, got, hooks)
		}
	}
}

func TestAHostilePackageJSONIsUnread(t *testing.T) {
	for text, reason := range map[string]string{
		`{"scripts":{},"scripts":{}}`:               Unparsable,
		`{"scripts":{},"Scripts":{"install":"x"}}`:  Unparsable,
		`{"scripts":{"install":"x","install":"y"}}`: Unparsable,
		`{"scripts":{"install":1}}`:                 Unparsable,
		`{"scripts":[]}`:                            Unparsable,
		`{"name":1}`:                                Unparsable,
		`{"version":{}}`:                            Unparsable,
		"\xef\xbb\xbf{}":                            Unparsable,
		"{}\x00":                                    Unparsable,
		"\xff\xfe{\x00}\x00":                        Unparsable,
		`[]`:                                        Unparsable,
		`{"scripts":{"install":"` + strings.Repeat("a ", maxWords+1) + `"}}`: Unparsable,
		``:                                   Unparsable,
		`{"x":` + strings.Repeat("[", 1<<19): Unparsable,
		`{"name":"` + strings.Repeat("a", maxName+1) + `"}`:    Unparsable,
		`{"version":"` + strings.Repeat("1", maxName+1) + `"}`: Unparsable,
		"{}" + strings.Repeat(" ", maxMetadata-1):              TooLong,
	} {
		f := newFolder(t)
		f.write("node_modules/a/package.json", text)
		f.expect("node_modules/a npm a@ [] 0\n", "node_modules/a/package.json "+reason)
	}
	f := newFolder(t)
	f.write("node_modules/a/package.json", "{}"+strings.Repeat(" ", maxMetadata-2), "node_modules/b/x", "")
	f.do(os.Symlink("x", f.at("node_modules/b/package.json")))
	f.expect("node_modules/a npm a@ [] 0\nnode_modules/b npm b@ [] 0\n", "node_modules/b/package.json Unreadable")
}

func TestPackagesOfPyPIAreFound(t *testing.T) {
	f := newFolder(t)
	f.write(
		"venv/lib/python3.12/site-packages/a/__init__.py", "",
		"venv/lib/python3.12/site-packages/a/x.so", "\x7fELF",
		"venv/lib/python3.12/site-packages/a/quo,ted.py", "",
		"venv/lib/python3.12/site-packages/a-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: A.a\nVersion: 1.0\n\nName: other\n",
		"venv/lib/python3.12/site-packages/a-1.0.dist-info/RECORD", "a/__init__.py,sha256=x,0\r\na/x.so,,\n\"a/quo,ted.py\",,\n../../../bin/a,,\na-1.0.dist-info/RECORD,,\nb.py,,\na.pth,,\n",
		"venv/lib/python3.12/site-packages/a.pth", "import os",
		"venv/lib/python3.12/site-packages/b.py", "",
		"venv/lib/python3.12/site-packages/b-2.0.dist-info/METADATA", "Name: b\nVersion: 2.0\nSummary: x\n continued: y\n",
		"venv/lib/python3.12/site-packages/b-2.0.dist-info/RECORD", "b.py,,\na/x.so,,\n/etc/passwd,,\n",
		"venv/lib/python3.12/site-packages/sitecustomize.py", "",
		"venv/lib/python3.12/site-packages/evil.pth", "import os",
		"venv/lib/python3.12/site-packages/c/setup.py", "",
		"venv/lib/python3.12/site-packages/c/d-1.dist-info/METADATA", "",
		"venv/bin/a", "",
	)
	const folder = "venv/lib/python3.12/site-packages"
	r := f.expect(folder+" pypi @ [*.pth sitecustomize.py] 0\n"+
		folder+"/a-1.0.dist-info pypi A.a@1.0 [*.pth] 1\n"+
		folder+"/b-2.0.dist-info pypi b@2.0 [] 0\n", "")
	before := r.pkg(folder + "/a-1.0.dist-info")
	f.write(folder+"/b.py", "1", folder+"/c/setup.py", "1")
	after := f.read()
	if after.pkg(folder+"/a-1.0.dist-info").SHA256 == before.SHA256 || after.pkg(folder+"/b-2.0.dist-info").SHA256 != r.pkg(folder+"/b-2.0.dist-info").SHA256 {
		t.Error("a file does not belong to the first package that records it")
	}
	if after.pkg(folder).InstallCode != r.pkg(folder).InstallCode {
		t.Error("what is no install code changes it")
	}
	f.write(folder+"/evil.pth", "import sys")
	if f.read().pkg(folder).InstallCode == r.pkg(folder).InstallCode {
		t.Error("a .pth does not change the install code")
	}
}

func TestHostileMetadataIsUnread(t *testing.T) {
	for text, reason := range map[string]string{
		"":                                Unparsable,
		"Name: a\n":                       Unparsable,
		"Name: a\nVersion: 1\nname: b\n":  Unparsable,
		"Name: a\nVersion: 1\nVERSION: 2": Unparsable,
		"Name:\nVersion: 1\n":             Unparsable,
		"\nName: a\nVersion: 1\n":         Unparsable,
		" Name: a\n Version: 1\n":         Unparsable,
		"Name: a\x00\nVersion: 1\n":       Unparsable,
		"Name: \xff\nVersion: 1\n":        Unparsable,
		"Name: a\nVersion: " + strings.Repeat("1", maxName+1): Unparsable,
		strings.Repeat("x", maxMetadata+1):                    TooLong,
	} {
		f := newFolder(t)
		f.write("dist-packages/a-1.dist-info/METADATA", text)
		f.expect("dist-packages/a-1.dist-info pypi a@ [] 0\n", "dist-packages/a-1.dist-info/METADATA "+reason)
	}
	for text, reason := range map[string]string{"\"x": Unparsable, "\xff": Unparsable, "a\x00": Unparsable, strings.Repeat("x\n", maxRecord/2+1): TooLong} {
		f := newFolder(t)
		f.write("dist-packages/a-1.dist-info/RECORD", text)
		f.expect("dist-packages/a-1.dist-info pypi a@ [] 0\n", "dist-packages/a-1.dist-info/RECORD "+reason)
	}
}

func TestModulesOfGoAreFound(t *testing.T) {
	f := newFolder(t)
	f.write(
		"vendor/modules.txt", "# example.com/a v1.0.0\n## explicit; go 1.20\nexample.com/a\nexample.com/a/x\n# example.com/a/sub v2.0.0\nexample.com/a/sub\n"+
			"# example.com/b v1.0.0 => example.com/fork v1.1.0\n# example.com/c v1.0.0 => ./c\n# example.com/unused v1.0.0\n# example.com/d => example.com/e v3.0.0\n",
		"vendor/example.com/a/a.go", "package a", "vendor/example.com/a/x/x.syso", "\x7fELF", "vendor/example.com/a/sub/s.go", "package sub",
		"vendor/example.com/b/b.go", "package b", "vendor/example.com/c/c.go", "package c", "vendor/example.com/d/d.go", "package d",
		"vendor/example.com/unknown/u.go", "package u",
	)
	r := f.expect(`vendor golang @ [] 0
vendor/example.com/a golang example.com/a@v1.0.0 [] 1
vendor/example.com/a/sub golang example.com/a/sub@v2.0.0 [] 0
vendor/example.com/b golang example.com/fork@v1.1.0 [] 0
vendor/example.com/c golang example.com/c@ [] 0
vendor/example.com/d golang example.com/e@v3.0.0 [] 0
`, "")
	f.write("vendor/example.com/unknown/u.go", "package v")
	if f.read().pkg("vendor").SHA256 == r.pkg("vendor").SHA256 {
		t.Error("what belongs to no module is not covered")
	}
	for _, text := range []string{"# a\n", "# a b c\n", "# => b\n", "# a b =>\n", "# a b => c d e\n", "# a \xff\n", "# a b\x00\n", "# a " + strings.Repeat("1", maxName+1)} {
		f := newFolder(t)
		f.write("vendor/modules.txt", text, "vendor/a/x", "")
		if r := f.read(); r.unread() != "vendor/modules.txt Unparsable" || r.pkg("vendor").Ecosystem != golang {
			t.Errorf("%q: %s, %s", text, r.unread(), r.fetched())
		}
	}
	// A module does not leave its folder.
	f = newFolder(t)
	f.write("vendor/modules.txt", "# ../src v1\n# . v1\n# / v1\n", "src/x", "")
	f.expect("vendor golang @ [] 0\n", "")
}

func TestCratesAreFound(t *testing.T) {
	f := newFolder(t)
	f.write(
		"vendor/a/.cargo-checksum.json", "{}", "vendor/a/Cargo.toml", "# x\n[package]\nedition = \"2021\"\nname = \"a\"\nversion = \"1.0.0\"\n", "vendor/a/src/lib.rs", "",
		"vendor/b/.cargo-checksum.json", "{}", "vendor/b/Cargo.toml", "[package]\nname='b'\nversion='2.0.0'\nbuild = \"src/x.rs\"", "vendor/b/src/x.rs", "1",
		"vendor/c/.cargo-checksum.json", "{}", "vendor/c/Cargo.toml", "[package]\nname = \"c\" # \"d\"\nversion = \"3.0.0\"\nbuild = false\n", "vendor/c/lib.a", "!<arch>\n",
		"vendor/d/.cargo-checksum.json", "{}", "vendor/d/Cargo.toml", "[package]\nname = \"d\"\nversion = \"4.0.0\"\n", "vendor/d/build.rs", "",
		"vendor/e/x", "",
	)
	r := f.expect(`vendor cargo @ [] 0
vendor/a cargo a@1.0.0 [] 0
vendor/b cargo b@2.0.0 [build.rs] 0
vendor/c cargo c@3.0.0 [] 1
vendor/d cargo d@4.0.0 [build.rs] 0
`, "")
	f.write("vendor/b/src/x.rs", "2")
	if f.read().pkg("vendor/b").InstallCode == r.pkg("vendor/b").InstallCode {
		t.Error("the build script does not change the install code")
	}
}

func TestACargoTomlIsRead(t *testing.T) {
	const head = "[package]\nname = \"a\"\nversion = \"1\"\n"
	for text, build := range map[string]string{
		head: "",
		head + "description = \"\"\"\n[package]\nbuild = \"evil\"\n\\\"\"\"\"\"\nbuild = \"b\"\n":           "b",
		head + "x = '''\nbuild = \"evil\"\n'''\n":                                                           "",
		head + "authors = [\n  \"x ]\", # ]\n  'y',\n]\nbuild = \"b\"\n":                                    "b",
		head + "x = { y = \"}\", z = [1] }\n\"build\" = \"b\"\n":                                            "b",
		head + "[lib]\nbuild = \"c\"\n[package.metadata]\nbuild = \"d\"\n":                                  "",
		head + "[[bin]]\nname = \"b\"\n\r\n":                                                                "",
		"cargo-features = [\"x\"]\n[dependencies]\na = \"1\"\n[package] # x\nname = \"a\"\nversion = \"1\"": "",
	} {
		if got, err := readCargo([]byte(text)); err != nil || got != (manifest{"a", "1", build}) {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "[package]\n", "name = \"a\"\nversion = \"1\"\n", "[ package ]\nname = \"a\"\nversion = \"1\"\n", "package.name = \"a\"\n" + head, "\"package\".name = 1\n" + head,
		head + "name = \"b\"\n", head + "build = \"\\u0061\"\n", head + "build = \"\"\"a\"\"\"\n", head + "build = 1\n", head + "\"b\\u0075ild\" = \"x\"\n",
		"[package]\nname = \"a\"\nversion.workspace = true\n", head + "x = \"a\n", head + "x = \"\"\"a", head + "x = [", head + "x", head + "x = [ # ]", head + "\x00", head + "\xff",
		"[package]\nname = \"\"\nversion = \"1\"",
	} {
		if got, err := readCargo([]byte(text)); err == nil {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

// A folder that is named like a tree is none if no package manager made it. What is in it is read like all other files.
func TestAnotherVendorFolderIsNoTree(t *testing.T) {
	f := newFolder(t)
	f.write("vendor/x/Makefile", "all:", "vendor/node_modules/a/package.json", `{"name":"a"}`, "vendor/x/Cargo.toml", "x")
	r := f.expect("vendor/node_modules/a npm a@ [] 0\n", "")
	if r.paths() != "vendor/x/Cargo.toml vendor/x/Makefile" {
		t.Error(r.paths())
	}
}

func TestProgramsAreRecognized(t *testing.T) {
	pe := "MZ" + strings.Repeat("\x00", 58) + "\x40\x00\x00\x00" + "PE\x00\x00"
	for head, want := range map[string]marks{
		"\x7fELF\x02": native, "!<arch>\n": native, "!<thin>\n": native, pe: native, "\xca\xfe\xba\xbe\x00\x00\x00\x02": native,
		"\xfe\xed\xfa\xce": native, "\xcf\xfa\xed\xfe": native,
		"\xca\xfe\xba\xbe\x00\x00\x00\x41": 0, "\xca\xfe\xba\xbe": 0, "MZ": 0, "MZ" + strings.Repeat("x", 100): 0, "#!/bin/sh": 0, "": 0, "ELF": 0,
	} {
		if got := magic([]byte(head)); got != want {
			t.Errorf("%q: %d", head, got)
		}
	}
}

func FuzzPackageJSON(f *testing.F) {
	f.Add([]byte(`{"name":"a","version":"1","scripts":{"install":"node x","preinstall":"npm run install"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := readPackageJSON(data)
		if err != nil {
			return
		}
		texts, _ := reached(m.scripts, installScripts)
		for name, text := range texts {
			if m.scripts[name] != text {
				t.Errorf("%q: %q", name, text)
			}
		}
	})
}

func FuzzMetadata(f *testing.F) {
	f.Add([]byte("Name: a\nVersion: 1\n\nx"))
	f.Add([]byte("a,b\n\"c,d\",e\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if name, version, err := readMetadata(data); err == nil && (name == "" || version == "" || strings.ContainsAny(name+version, "\n\x00")) {
			t.Errorf("%q, %q", name, version)
		}
		_ = readRecord(data, func(string) {})
	})
}

func FuzzModules(f *testing.F) {
	f.Add([]byte("# a v1 => b v2\n## explicit\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_ = readModules(data, func(m module) {
			if m.path == "" || strings.ContainsAny(m.path+m.name+m.version, " \n\x00") || len(m.name) > maxName {
				t.Errorf("%+v", m)
			}
		})
	})
}

func FuzzCargo(f *testing.F) {
	f.Add([]byte("[package]\nname = \"a\"\nversion = '1'\nbuild = false\nx = [\"\"\"\n\"\"\", {y=1}]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if m, err := readCargo(data); err == nil && (m.name == "" || m.version == "" || strings.ContainsAny(m.name+m.version+m.build, "\n\x00")) {
			t.Errorf("%+v", m)
		}
	})
}

func FuzzUTF8(f *testing.F) {
	f.Add([]byte("aé𝄞"), 1)
	f.Fuzz(func(t *testing.T, data []byte, size int) {
		size = max(size%7, 1)
		var check utf8Check
		for piece := range slices.Chunk(data, size) {
			check.write(piece)
		}
		if want := utf8.Valid(data) && !bytes.Contains(data, []byte{0}); check.ok() != want {
			t.Errorf("%q by %d: %t", data, size, !want)
		}
	})
}
