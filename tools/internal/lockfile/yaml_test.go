package lockfile

import (
	"strings"
	"testing"
)

func TestYAMLThatIsNotRead(t *testing.T) {
	for _, c := range []struct{ name, data, reason string }{
		{"nothing", "", "EOF"},
		{"only a comment", "# nothing\n", "EOF"},
		{"a list", "- a\n", "the document is no mapping"},
		{"a text", "a\n", "the document is no mapping"},
		{"not UTF-8", "a: \xff\n", "this is not UTF-8"},
		{"a byte order mark", "\ufeffa: b\n", "the text has the character U+FEFF"},
		{"NUL", "a: b\x00\n", "the text has the character U+0000"},
		{"a line separator that only old YAML knows", "# a\u2028b: c\n", "the text has the character U+2028"},
		{"a next line that only old YAML knows", "# a\u0085b: c\n", "the text has the character U+0085"},
		{"an anchor", "a: &x b\n", "line 1 has an anchor or an alias"},
		{"an alias", "a: &x b\nc: *x\n", "line 1 has an anchor or an alias"},
		{"a bomb of aliases", "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n", "line 1 has an anchor or an alias"},
		{"a merge key", "a:\n  <<: {b: c}\n", "line 2 has a key that is no text"},
		{"a merge key in quotes", "a:\n  \"<<\": {b: c}\n", "line 2 has a key that is no text"},
		{"a tag", "a: !!str b\n", "line 1 has a tag"},
		{"a tag of a mapping", "a: !!set {b}\n", "line 1 has a tag"},
		{"a directive", "%YAML 1.1\n---\na: b\n", "the document has a directive"},
		{"two documents", "a: b\n---\nc: d\n", "the file has several documents"},
		{"a key twice", "a: b\nc: d\n'a': e\n", "line 3 has a key twice"},
		{"a key twice, below", "a:\n  - {b: 1, \"\\x62\": 2}\n", "line 2 has a key twice"},
		{"a mapping as key", "{a: b}: c\n", "line 1 has a key that is no text"},
		{"a merge of two branches", "<<<<<<< HEAD\na: b\n=======\na: c\n>>>>>>> x\n", "mapping values are not allowed"},
		{"too deep", strings.Repeat("[", 50) + strings.Repeat("]", 50), "the document is no mapping"},
		{"too deep, below", "a: " + strings.Repeat("[", 50) + strings.Repeat("]", 50), "line 1 is nested too deeply"},
		{"too many values", "a: [" + strings.Repeat("x,", maxYAMLMarks) + "]", "the document has too many values"},
		{"too many empty lists", "a:\n" + strings.Repeat("- ", maxYAMLMarks), "the document has too many values"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := parseYAML([]byte(c.data)); err == nil || !strings.Contains(err.Error(), c.reason) {
				t.Errorf("error %v, want %q", err, c.reason)
			}
		})
	}
}

func TestYAMLTextsAreTexts(t *testing.T) {
	document, err := parseYAML([]byte("a: b\nn: 1.0\nd: 2001-01-01\nm: {}\nz: ~\ne:\nq: '1'\nt: true\nf: false\ny: yes\n"))
	if err != nil {
		t.Fatal(err)
	}
	all, err := fields(document)
	if err != nil {
		t.Fatal(err)
	}
	for key, wanted := range map[string]string{"a": "b", "z": "", "e": "", "absent": "", "q": "1", "n": "line 2 is no text", "d": "line 3 is no text",
		"m": "line 4 is no text", "t": "line 8 is no text", "y": "yes"} {
		got, err := text(all[key])
		if err != nil {
			got = err.Error()
		}
		if got != wanted {
			t.Errorf("%s is %q, want %q", key, got, wanted)
		}
	}
	for key, wanted := range map[string]string{"t": "", "f": "", "absent": "", "z": "", "y": "line 10 is neither true nor false",
		"q": "line 7 is neither true nor false"} {
		got, err := isTrue(all[key])
		if got != (key == "t") || err == nil && wanted != "" || err != nil && err.Error() != wanted {
			t.Errorf("%s is %v, %v", key, got, err)
		}
	}
}
