package workspace

import (
	"strings"
	"testing"
	"time"
)

func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern string
		matches string
		not     string
	}{
		{"target/*.jar", "target/app.jar target/.jar", "target/a/app.jar app.jar target/app.jar.asc target"},
		{"dist/**", "dist/a dist/a/b", "dista dist.d/a"},
		{"**/*.sarif", "a.sarif a/b/c.sarif", "a.sarif/b"},
		{"**", "a a/b", ""},
		{"a/**/b/**/c", "a/b/c a/x/b/y/z/c a/b/b/c", "a/c a/b/x"},
		{"*a*b*", "ab xaxbx", "ba a/b"},
		{"a**b", "ab axb", "a/b"},
		{"./a//b/", "a/b", "a b"},
		{"a..b", "a..b", "a"},
	} {
		p, err := ParsePattern(c.pattern)
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
		}
		for _, path := range strings.Fields(c.matches) {
			if !p.Matches(path) {
				t.Errorf("%s does not match %s", c.pattern, path)
			}
		}
		for _, path := range strings.Fields(c.not) {
			if p.Matches(path) {
				t.Errorf("%s matches %s", c.pattern, path)
			}
		}
	}
	for _, wrong := range []string{"", "/a", "..", "a/../b", `a\b`, "a?", "[a]", "{a}", "a\n", "é", strings.Repeat("a", 257)} {
		if p, err := ParsePattern(wrong); err != errPattern {
			t.Errorf("%q is %q, %v", wrong, p, err)
		}
	}
}

// A pattern that would take years if each of its wildcards were tried again.
func TestAPatternOfManyWildcards(t *testing.T) {
	started := time.Now()
	names, _ := ParsePattern(strings.Repeat("**/", 80) + "x")
	letters, _ := ParsePattern(strings.Repeat("*a", 120) + "x")
	if names.Matches(strings.Repeat("a/", 2000)+"y") || letters.Matches(strings.Repeat("a", 255)) {
		t.Error("matches")
	}
	if took := time.Since(started); took > time.Second {
		t.Errorf("this took %s", took)
	}
}
