package lockfile

import (
	"errors"
	"strings"
	"testing"
)

// nested are documents whose parser would call itself once for each of the repetitions.
func nested(times int) map[string]string {
	return map[string]string{
		"arrays":                 "a=" + strings.Repeat("[", times),
		"closed arrays":          "a=" + strings.Repeat("[", times) + strings.Repeat("]", times),
		"inline tables":          "a=" + strings.Repeat("{a=", times),
		"a dotted key":           "a" + strings.Repeat(".a", times) + "=1",
		"a key with spaces":      "a" + strings.Repeat(" . a", times) + "=1",
		"a quoted key":           `"."` + strings.Repeat(`."a"`, times) + "=1",
		"a header":               "[a" + strings.Repeat(".a", times) + "]",
		"after a basic text":     `b="\"#"` + "\na=" + strings.Repeat("[", times),
		"after a literal text":   `b='\'` + "\na=" + strings.Repeat("[", times),
		"after five quotes":      `b=""""` + `x"""""` + "\na=" + strings.Repeat("[", times),
		"after an empty text":    `b=""` + "\na=" + strings.Repeat("[", times),
		"after a long literal":   "b='''\n'\\'''" + "\na=" + strings.Repeat("[", times),
		"after a comment":        "# \"\na=" + strings.Repeat("[", times),
		"in an array of strings": "a=['[', " + strings.Repeat("[", times),
	}
}

func TestDeepNestingIsRefusedBeforeTheParser(t *testing.T) {
	for name, document := range nested(100) {
		t.Run(name, func(t *testing.T) {
			if _, err := parseTOML([]byte(document)); !errors.Is(err, errTOMLDepth) {
				t.Error(err)
			}
		})
	}
}

func TestNestingOfTheLimitIsRead(t *testing.T) {
	for _, document := range []string{
		"a=" + strings.Repeat("[", maxTOMLDepth) + strings.Repeat("]", maxTOMLDepth), "a" + strings.Repeat(".a", maxTOMLDepth-1) + "=1",
	} {
		if _, err := parseTOML([]byte(document)); err != nil {
			t.Error(err)
		}
	}
	for _, document := range []string{
		"a=" + strings.Repeat("[", maxTOMLDepth+1) + strings.Repeat("]", maxTOMLDepth+1), "a" + strings.Repeat(".a", maxTOMLDepth) + "=1",
	} {
		if _, err := parseTOML([]byte(document)); !errors.Is(err, errTOMLDepth) {
			t.Error(err)
		}
	}
}

func TestNestingOfEightMegabytesDoesNotEndTheProcess(t *testing.T) {
	for name, document := range nested(MaxText / 5) {
		if _, err := parseTOML([]byte(document)); !errors.Is(err, errTOMLDepth) {
			t.Error(name, err)
		}
	}
}

func TestBracketsAndDotsOfTextsAndCommentsAreNotNesting(t *testing.T) {
	many := strings.Repeat("[.{", 100)
	for name, document := range map[string]string{
		"basic":        `a="` + many + `"`,
		"escaped":      `a="\"` + many + `"`,
		"literal":      `a='` + many + `'`,
		"long":         "a=\"\"\"\n" + many + "\n\"\\\"\"\" \"\"\"\"\"",
		"long literal": "a='''\n" + many + "''\n'''",
		"comment":      "a=1 #" + many + "\n#" + many,
		"many values":  strings.Repeat("[[a]]\nb.c=[1.0, {d=1.5}]\n", 100),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := parseTOML([]byte(document)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestKeysThatDifferInCaseAreDifferentAndKeysThatAppearTwiceAreRefused(t *testing.T) {
	root, err := parseTOML([]byte("name='a'\nName='b'\nNAME='c'"))
	if err != nil || root.text("name") != "a" {
		t.Error(root, err)
	}
	for _, document := range []string{"a=1\na=2", "a=1\n\"a\"=2", "[a]\n[a]", "a={b=1}\n[a]", "a.b=1\n[a]", "a=[]\n[[a]]"} {
		if _, err := parseTOML([]byte(document)); err == nil {
			t.Errorf("%q is read", document)
		}
	}
}

func TestValuesOfOtherTypesAreAnError(t *testing.T) {
	for _, document := range []string{"text=1", "table=1", "table=[{}]", "tables={}", "tables=[1]", "texts=[1]", "texts='a'", "integer='1'"} {
		root, err := parseTOML([]byte(document))
		if err != nil {
			t.Fatal(err)
		}
		root.text("text")
		root.table("table").text("x")
		root.tables("tables")
		root.integer("integer")
		root.texts("texts")
		if _, err := root.result(new(set)); err == nil {
			t.Errorf("%q is read", document)
		}
	}
}

func FuzzTOMLIsNoDeeperThanItsLimit(f *testing.F) {
	for _, document := range nested(40) {
		f.Add([]byte(document))
	}
	f.Add([]byte("a=\"\"\"\"\"\\\"[[\"\"\"\"\"\n[[b.c]]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if root, err := parseTOML(data); err == nil {
			// Each bracket can hold one key of many parts.
			if depth := depthOf(root.values); depth > maxTOMLDepth*(maxTOMLDepth+2) {
				t.Errorf("%d deep", depth)
			}
			if brackets := bracketsOf(root.values); brackets > maxTOMLDepth+1 {
				t.Errorf("%d arrays within each other", brackets)
			}
		}
	})
}

func depthOf(v any) (depth int) {
	switch v := v.(type) {
	case map[string]any:
		for _, each := range v {
			depth = max(depth, 1+depthOf(each))
		}
	case []any:
		for _, each := range v {
			depth = max(depth, 1+depthOf(each))
		}
	}
	return depth
}

// bracketsOf counts arrays directly within each other.
func bracketsOf(v any) (depth int) {
	switch v := v.(type) {
	case map[string]any:
		for _, each := range v {
			depth = max(depth, bracketsOf(each))
		}
	case []any:
		for _, each := range v {
			if inner, ok := each.([]any); ok {
				depth = max(depth, 1+bracketsOf(inner))
			} else {
				depth = max(depth, bracketsOf(each))
			}
		}
	}
	return depth
}
