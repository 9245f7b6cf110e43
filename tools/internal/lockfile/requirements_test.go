package lockfile

import (
	"errors"
	"strings"
	"testing"
)

func TestRequirements(t *testing.T) {
	for name, each := range map[string]struct {
		content string
		want    []Dependency
	}{
		"a pin with hashes on continued lines": {
			"Foo_bar==1.0 \\\n    --hash=sha256:bb \\\n    --hash sha256:aa\n", []Dependency{{Name: "foo-bar", Version: "1.0", Integrity: "sha256:aa sha256:bb"}},
		},
		"CRLF":                 {"a==1 \\\r\n --hash=sha256:aa\r\nb==2\r\n", []Dependency{{Name: "a", Version: "1", Integrity: "sha256:aa"}, {Name: "b", Version: "2"}}},
		"a byte order mark":    {"\ufeffa==1", []Dependency{{Name: "a", Version: "1"}}},
		"extras and markers":   {"a[x, y] == 1 ; python_version < '3' # b==2", []Dependency{{Name: "a", Version: "1"}}},
		"parentheses":          {"a (==1, <2)", []Dependency{{Name: "a", Version: "1"}}},
		"arbitrary equality":   {"a===1.0-x", []Dependency{{Name: "a", Version: "1.0-x"}}},
		"an epoch and a local": {"a==1!2.0+cpu", []Dependency{{Name: "a", Version: "1!2.0+cpu"}}},
		"what is not pinned has no version": {
			"a\nb>=2\nc==1.*\nd~=1.0\ne==1,==2\nf!=1\n", []Dependency{{Name: "a"}, {Name: "b"}, {Name: "c"}, {Name: "d"}, {Name: "e"}, {Name: "f"}},
		},
		"one package with two versions by marker": {
			"a==1; python_version<'3'\na==2; python_version>='3'", []Dependency{{Name: "a", Version: "1"}, {Name: "a", Version: "2"}},
		},
		"an index holds for all lines": {
			"a==1\n--index-url https://u:p@pypi.example.com/simple\nb==1",
			[]Dependency{{Name: "a", Version: "1", Source: "https://pypi.example.com"}, {Name: "b", Version: "1", Source: "https://pypi.example.com"}},
		},
		"each index may answer": {
			"-ihttps://b.example.com\n--extra-index-url=https://a.example.com/team/simple\n-f libs\n--find-links https://u:p@c.example.com/x?y\na==1",
			[]Dependency{{Name: "a", Version: "1", Source: "file:libs https://a.example.com/team/simple https://b.example.com https://c.example.com/x"}},
		},
		"included files are not read": {"-r other.txt\n--requirement=b.txt\n-c c.txt\n--constraint d.txt\n-rx.txt\na==1", []Dependency{{Name: "a", Version: "1"}}},
		"options without packages":    {"--no-index\n--pre\n--require-hashes\n--prefer-binary\n--trusted-host x\n--use-feature y", nil},
		"only source distributions of all": {
			"--no-binary :all:\na==1", []Dependency{{Name: "a", Version: "1", InstallCode: true}},
		},
		"only source distributions of some": {
			"a==1\nb==1\n--no-binary=A,c", []Dependency{{Name: "a", Version: "1", InstallCode: true}, {Name: "b", Version: "1"}},
		},
		"no-binary is taken back": {"--no-binary :all:\n--no-binary :none:\na==1", []Dependency{{Name: "a", Version: "1"}}},
		"options of a package in quotation marks": {
			`a==1 --config-settings "x=y z" --global-option='--a b' --hash=sha256:aa`, []Dependency{{Name: "a", Version: "1", Integrity: "sha256:aa"}},
		},
	} {
		t.Run(name, func(t *testing.T) { wantRead(t, "requirements", each.content, pypi, each.want) })
	}
}

func TestRequirementsThatNameAFile(t *testing.T) {
	for line, want := range map[string]Dependency{
		"Foo.bar @ https://u:p@files.example.com/x/Foo_bar-1.0-py3-none-any.whl?t#sha256=aa ; python_version > '3'": {
			Name: "foo-bar", Version: "1.0", Source: "https://files.example.com/x/Foo_bar-1.0-py3-none-any.whl", Integrity: "sha256:aa"},
		"a@https://files.example.com/a.zip --hash=sha256:bb": {
			Name: "a", Source: "https://files.example.com/a.zip", Integrity: "sha256:bb", InstallCode: true},
		"https://files.example.com/a-1.0.tar.gz#egg=b&md5=00": {
			Name: "b", Version: "1.0", Source: "https://files.example.com/a-1.0.tar.gz", Integrity: "md5:00", InstallCode: true},
		"a @ git+https://u:p@git.example.com/x.git@0123#subdirectory=y": {
			Name: "a", Source: "git+https://git.example.com/x.git#0123", InstallCode: true},
		"git+ssh://git@git.example.com/x.git": {Name: "x", Source: "git+ssh://git.example.com/x.git#", InstallCode: true},
		"git+https://SECRET@git.example.com":  {Name: "git-example-com", Source: "git+https://git.example.com#", InstallCode: true},
		"-e git+https://git.example.com/x@a/b#egg=y": {
			Name: "y", Source: "git+https://git.example.com/x#a/b", InstallCode: true},
		"--editable=./libs/a[x]":                 {Name: "a", Source: "file:./libs/a", InstallCode: true},
		"-e .":                                   {Name: ".", Source: "file:.", InstallCode: true},
		"./libs/a-1.0.tar.gz":                    {Name: "a", Version: "1.0", Source: "file:./libs/a-1.0.tar.gz", InstallCode: true},
		"a-1.0-py3-none-any.whl":                 {Name: "a", Version: "1.0", Source: "file:a-1.0-py3-none-any.whl"},
		"a @ file:///srv/a.whl":                  {Name: "a", Source: "file:/srv/a.whl"},
		"file:libs/a":                            {Name: "a", Source: "file:libs/a", InstallCode: true},
		"hg+https://hg.example.com/a@0123#egg=a": {Name: "a", Source: "hg+https://hg.example.com/a#0123", InstallCode: true},
		"https://${USER}:${SECRET}@files.example.com/a-1.0.zip": {
			Name: "a", Version: "1.0", Source: "https://files.example.com/a-1.0.zip", InstallCode: true},
	} {
		t.Run(line, func(t *testing.T) { wantRead(t, "requirements", line, pypi, []Dependency{want}) })
	}
}

func TestLinesEndWherePythonEndsThem(t *testing.T) {
	for _, end := range []string{"\n", "\r", "\r\n", "\v", "\f", "\x1c", "\x1d", "\x1e", "\u0085", "\u2028", "\u2029"} {
		wantRead(t, "requirements", "# a comment"+end+"a==1"+end+"b==2", pypi, []Dependency{{Name: "a", Version: "1"}, {Name: "b", Version: "2"}})
	}
}

func TestLinesAreJoinedAndCommentsEndAsInPip(t *testing.T) {
	for content, want := range map[string]string{
		"a\\\n#x\nb":     "a|b",
		"a\\\nb\\\nc":    "abc",
		"a\\":            "a",
		"a\\\\\nb":       "ab",
		"#a\\\nb":        "b",
		"  # a\\\nb":     "b",
		"a #x\\\nb":      "a",
		"a#x":            "a#x",
		"a\u00a0#x":      "a",
		"a\\ \nb":        "a\\|b",
		"\\\na":          "a",
		"a\\\n\\\n\nb":   "a|b",
		" \t a \x1f ":    "a",
		"a # b # c\n\nd": "a|d",
	} {
		var lines []string
		for line := range requirementLines(content) {
			lines = append(lines, line)
		}
		if got := strings.Join(lines, "|"); got != want {
			t.Errorf("%q: %q, want %q", content, got, want)
		}
	}
}

func TestTheCodingOfARequirementsFile(t *testing.T) {
	for name, each := range map[string]struct{ content, problem string }{
		"UTF-8":                          {"# -*- coding: utf-8 -*-\n# \u00e4\na==1", ""},
		"ASCII that declares Latin 1":    {"#\n# vim: set fileencoding=Latin-1 :\na==1", ""},
		"Latin 1":                        {"# coding: latin-1\n# \xe4\na==1", "not ASCII"},
		"UTF-8 that declares Latin 1":    {"# coding: latin-1\n# \u2028a==1", "not ASCII"},
		"UTF-7":                          {"# coding: utf-7\na==1", "coding"},
		"a declaration in the third":     {"#\n#\n# coding: utf-7\na==1", ""},
		"a declaration after the mark":   {"\ufeff# coding: utf-7\na==1", ""},
		"a declaration in no comment":    {" # coding: utf-7\na==1", ""},
		"bytes that are not UTF-8":       {"# \xe4\na==1", "not UTF-8"},
		"UTF-16 with its mark":           {"\xff\xfea\x00=\x00=\x001\x00", "not UTF-8"},
		"UTF-16 without a mark":          {"a\x00=\x00=\x001\x00", "not UTF-8"},
		"a declaration of two in a line": {"# coding: utf-7 coding: utf-8\na==1", "coding"},
	} {
		t.Run(name, func(t *testing.T) {
			if each.problem != "" {
				wantProblem(t, "requirements", each.content, each.problem)
				return
			}
			wantRead(t, "requirements", each.content, pypi, []Dependency{{Name: "a", Version: "1"}})
		})
	}
}

func TestRequirementsThatAreRefused(t *testing.T) {
	for name, each := range map[string][2]string{
		"a sentence":                 {"please install a", "no requirement"},
		"a variable":                 {"${A}==1", "no requirement"},
		"a variable as a version":    {"a==${A}", "no requirement"},
		"an option that is not":      {"--absent\na==1", "not known"},
		"an abbreviated option":      {"--extra-index https://a.example.com", "not known"},
		"an option without a value":  {"--index-url", "has a value"},
		"an option with a value":     {"--no-index=1", "has no value"},
		"a word after an option":     {"a==1 --hash=sha256:aa b==2", "not known"},
		"a quotation without an end": {"a==1 --hash='", "quotation"},
		"a letter that looks alike":  {"\u0430==1", "ASCII"},
		"two requirements":           {"a==1 -e .", "two requirements"},
		"an operator that is not":    {"a=1", "no requirement"},
		"a wildcard in the middle":   {"a==1.*1", "no requirement"},
		"a name that ends wrong":     {"a-==1", "no requirement"},
	} {
		t.Run(name, func(t *testing.T) { wantProblem(t, "requirements", each[0], each[1]) })
	}
}

func TestALineOfARequirementsFileHasALimit(t *testing.T) {
	line := "a==1 \\\n" + strings.Repeat(" ", maxRequirement-len("a==1 --pre")) + "--pre"
	wantRead(t, "requirements", line, pypi, []Dependency{{Name: "a", Version: "1"}})
	wantProblem(t, "requirements", line+" --pre", "longer than 262144 bytes")
}

func TestARequirementsFileNamesTooManyPackages(t *testing.T) {
	if _, err := Read("requirements", []byte(strings.Repeat("a\n", MaxDependencies+1))); !errors.Is(err, ErrTooMany) {
		t.Error(err)
	}
}

func TestNamesOfRequirementsFiles(t *testing.T) {
	for file, want := range map[string]string{
		"requirements.txt": "requirements", "a/requirements-dev.txt": "requirements", "requirements/dev.txt": "requirements",
		"a/requirements/dev.txt": "requirements", "constraints.txt": "requirements", "constraints-3.txt": "requirements",
		"requirements.in": "", "a/dev.txt": "", "requirements/a/dev.txt": "", "requirements.txt/a": "",
	} {
		if got := Format(file); got != want {
			t.Errorf("%s: %q", file, got)
		}
	}
}

func FuzzRequirements(f *testing.F) {
	for _, seed := range []string{
		"a==1 \\\n --hash=sha256:aa\n-i https://pypi.example.com/simple\n", "a @ git+https://u:p@git.example.com/x@y#egg=z ; python_version<'3'",
		"# coding: latin-1\f-e ./a[x]", "a[b] (>=1,==2) --config-settings \"x\\\"=y\"",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) { checkRead(t, "requirements", data) })
}
