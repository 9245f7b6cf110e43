package lockfile

import (
	"fmt"
	"strings"
	"testing"
)

func TestPomProperties(t *testing.T) {
	for name, c := range map[string]struct{ properties, version, want string }{
		"a property":                         {"<v>1</v>", "${v}", "1"},
		"through another":                    {"<v>1-${w}</v><w>x</w>", "${v}.${w}", "1-x.x"},
		"trap: the last of two":              {"<v>1</v><v>2</v>", "${v}", "2"},
		"an unknown one stays":               {"", "1-${revision}", "1-${revision}"},
		"the project's version":              {"", "${project.version}/${pom.version}/${version}", "1.2/1.2/1.2"},
		"trap: a property for the project's": {"<project.version>9</project.version><version>8</version>", "${project.version}/${version}", "1.2/8"},
		"trap: nested braces are not nested": {"<a>1</a><b>a</b>", "${${b}}", "${${b}}"},
		"trap: a property that names itself": {"<a>${b}</a><b>${a}</b>", "${a}", "${a}"},
		"braces that do not close":           {"<a>1</a>", "${a}${a", "1${a"},
		"spaces around":                      {"<a> 1\n</a>", " ${a}\t", "1"},
	} {
		t.Run(name, func(t *testing.T) {
			content := "<properties>" + c.properties + "</properties><dependencies><dependency>" + slf4j + "<version>" + c.version + "</version></dependency></dependencies>"
			wantRead(t, "maven", pomOf(content), "maven", []Dependency{{Name: "org.slf4j:slf4j-api", Version: c.want}})
		})
	}
	t.Run("of the parent", func(t *testing.T) {
		wantRead(t, "maven", "<project><parent><groupId>g</groupId><artifactId>p</artifactId><version>7</version></parent><dependencies><dependency>"+
			"<groupId>${project.groupId}</groupId><artifactId>a</artifactId><version>${project.version}-${project.parent.version}</version></dependency></dependencies></project>",
			"maven", []Dependency{{Name: "g:a", Version: "7-7"}, {Name: "g:p", Version: "7"}})
	})
}

func TestPropertiesAreLimited(t *testing.T) {
	uses := "<dependencies><dependency><groupId>g</groupId><artifactId>a</artifactId><version>${p0}</version></dependency></dependencies>"
	properties := func(n int, value func(int) string) string {
		return "<properties>" + numbered(n, value) + "</properties>"
	}
	for name, c := range map[string]struct{ text, problem string }{
		"too many properties":              {pomOf(properties(maxProperties+1, func(int) string { return "" })), "more than 10000 properties"},
		"trap: properties that grow":       {pomOf(properties(40, func(i int) string { return fmt.Sprintf("x${p%d}${p%d}", i+1, i+1) }) + uses), "longer than 4096 bytes"},
		"trap: a long chain of properties": {pomOf(properties(maxReferences+1, func(i int) string { return fmt.Sprintf("${p%d}", i+1) }) + "<x/>" + uses), "refer to one another"},
	} {
		t.Run(name, func(t *testing.T) { wantProblem(t, "maven", c.text, c.problem) })
	}
}

// numbered are the elements p0, p1, and so on.
func numbered(n int, value func(int) string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<p%d>%s</p%d>", i, value(i), i)
	}
	return b.String()
}
