package lockfile

import (
	"strings"
	"testing"
)

func TestXMLThatIsNotRead(t *testing.T) {
	dependency := "<dependency>" + slf4j + "<version>1</version></dependency>"
	for name, c := range map[string]struct{ text, problem string }{
		"trap: a document type":                            {"<!DOCTYPE project [<!ENTITY v '1'>]>" + pomOf("")[39:], "document type"},
		"trap: an entity of its own":                       {pomOf("<name>&v;</name>"), "invalid character entity &v;"},
		"trap: a prefix":                                   {pomOf("<m:dependencies xmlns:m=\"http://maven.apache.org/POM/4.0.0\">" + dependency + "</m:dependencies>"), `"m:dependencies" has a prefix`},
		"trap: a root with a prefix":                       {"<m:project xmlns:m=\"http://maven.apache.org/POM/4.0.0\"/>", `the root is "m:project"`},
		"trap: two roots":                                  {pomOf("") + "<project/>", "two roots"},
		"trap: an attribute twice":                         {"<project a='1' a='2'/>", `attribute "a" is there twice`},
		"trap: an element in a text":                       {pomOf("<dependencies><dependency><groupId>org.<b/>slf4j</groupId></dependency></dependencies>"), `"groupId" has elements`},
		"trap: text between dependencies":                  {pomOf("<dependencies>x" + dependency + "</dependencies>"), `"dependencies" has text`},
		"trap: another encoding is declared":               {"<?xml version='1.0' encoding='UTF-7'?><project/>", `the encoding "UTF-7" is not read`},
		"trap: Latin 1 is declared, and text is not ASCII": {"<?xml version='1.0' encoding='ISO-8859-1'?><project><name>\u00e4</name></project>", `the encoding "ISO-8859-1" is not read`},
		"trap: UTF-16":                                     {"\xff\xfe<\x00p\x00", "not UTF-8"},
		"trap: bytes that are not UTF-8":                   {pomOf("<name>\xe4</name>"), "not UTF-8"},
		"trap: deep elements":                              {strings.Repeat("<project>", maxXMLDepth+1), "nested more than 100 deep"},
		"another root":                                     {"<projekt/>", `the root is "projekt"`},
		"text after the root":                              {pomOf("") + "x", "text outside of the root"},
		"a declaration in the middle":                      {pomOf("<?xml version='1.0'?>"), "not at the beginning"},
		"an element that does not end":                     {"<project><dependencies>", "ends too early"},
		"an element that ends another":                     {"<project></dependencies>", `"dependencies" ends where it is not open`},
		"empty":                                            {"", "ends too early"},
		"too many attributes":                              {"<project" + strings.Repeat(" a='1'", maxXMLAttributes+1) + "/>", "more than 100 attributes"},
		"too many children":                                {pomOf(numbered(maxXMLChildren, func(int) string { return "" })), "more than 1000 children"},
	} {
		t.Run(name, func(t *testing.T) { wantProblem(t, "maven", c.text, c.problem) })
	}
}

func TestXMLThatIsRead(t *testing.T) {
	for name, text := range map[string]string{
		"a byte order mark":     "\ufeff" + pomOf(""),
		"Latin 1 that is ASCII": "<?xml version='1.0' encoding='ISO-8859-1'?><project/>",
		"no declaration":        "<project/>",
		"names of people":       pomOf("<developers><developer><name>S&oslash;ren &amp; &#x41;</name></developer></developers>"),
		"another namespace":     "<project xmlns='http://maven.apache.org/POM/4.1.0' xmlns:xsi='x' xsi:schemaLocation='y'/>",
		"comments around":       "<!-- a -->\n<project/>\n<!-- b --><?pi?>\n",
		"the greatest depth":    strings.Repeat("<project>", maxXMLDepth) + strings.Repeat("</project>", maxXMLDepth),
	} {
		t.Run(name, func(t *testing.T) { wantRead(t, "maven", text, "maven", nil) })
	}
}
