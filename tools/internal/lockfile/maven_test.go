package lockfile

import (
	"encoding/xml"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// secondPom is another reading of a pom without profiles, by another part of the library.
type secondPom struct {
	Parent       second   `xml:"parent"`
	Dependencies []second `xml:"dependencies>dependency"`
	Managed      []second `xml:"dependencyManagement>dependencies>dependency"`
	Plugins      []second `xml:"build>plugins>plugin"`
	ManagedBuild []second `xml:"build>pluginManagement>plugins>plugin"`
}

type second struct {
	Group        string   `xml:"groupId"`
	Artifact     string   `xml:"artifactId"`
	Version      string   `xml:"version"`
	Dependencies []second `xml:"dependencies>dependency"`
}

func secondReading(t *testing.T, file string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var p secondPom
	if err := xml.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	add := func(all []second, group string) {
		for _, d := range all {
			if d.Group == "" {
				d.Group = group
			}
			if name := d.Group + ":" + d.Artifact; name != ":" && found[name] == "" {
				found[name] = d.Version
			}
		}
	}
	add([]second{p.Parent}, "")
	add(p.Dependencies, "")
	add(p.Managed, "")
	for _, plugins := range [][]second{p.Plugins, p.ManagedBuild} {
		add(plugins, defaultPluginGroup)
		for _, plugin := range plugins {
			add(plugin.Dependencies, "")
		}
	}
	return found
}

func TestPomsOfThisRepositoryAreReadWhole(t *testing.T) {
	for _, file := range []string{"pom.xml", "crds/pom.xml", "operator/pom.xml"} {
		file = filepath.Join("../../..", file)
		want := secondReading(t, file)
		got := map[string]bool{}
		for _, d := range read1(t, "maven", file) {
			name := strings.ReplaceAll(d.Name, "dev.cleanroom", "${project.groupId}")
			got[d.Name], got[name] = true, true
			if raw := want[d.Name]; raw != "" && !strings.Contains(raw, "${") && d.Version != raw {
				t.Errorf("%s: %s has version %q, want %q", file, d.Name, d.Version, raw)
			}
			if strings.Contains(d.Version, "${") && strings.HasSuffix(file, "../pom.xml") {
				t.Errorf("%s: %s has version %q, but this file has all its properties", file, d.Name, d.Version)
			}
		}
		if len(want) < 5 {
			t.Errorf("%s: the second reading has only %d", file, len(want))
		}
		for name := range want {
			if !got[name] {
				t.Errorf("%s: %s is not read", file, name)
			}
		}
	}
}

// TestPomAgainstMavensOwnReading compares with files that testdata/maven/golden.sh made.
func TestPomAgainstMavensOwnReading(t *testing.T) {
	effective := secondReading(t, "testdata/maven/effective.xml")
	old := secondReading(t, "testdata/maven/effective-old.xml")
	// What a pom alone does not say: its parent has it.
	unknown := map[string]string{
		"com.example:parent":                             "${revision}",
		"info.picocli:picocli":                           "",
		"org.junit.jupiter:junit-jupiter":                "",
		"org.apache.maven.plugins:maven-compiler-plugin": "",
	}
	read := read1(t, "maven", "testdata/maven/app/pom.xml")
	for _, d := range read {
		if effective[d.Name] == "" {
			t.Errorf("Maven does not know %s", d.Name)
		}
		if version, is := unknown[d.Name]; is {
			if d.Version != version {
				t.Errorf("%s is read with version %q, want %q", d.Name, d.Version, version)
			}
			delete(unknown, d.Name)
		} else if d.Version != effective[d.Name] && d.Version != old[d.Name] {
			t.Errorf("%s is read with version %q; Maven reads %q, and %q with the profile", d.Name, d.Version, effective[d.Name], old[d.Name])
		}
	}
	if len(unknown) > 0 {
		t.Errorf("not read: %v", unknown)
	}
	if effective["org.slf4j:slf4j-api"] == old["org.slf4j:slf4j-api"] {
		t.Error("the profile changes nothing")
	}
	for _, v := range []string{effective["org.slf4j:slf4j-api"], old["org.slf4j:slf4j-api"]} {
		if !slices.Contains(versions(read), "org.slf4j:slf4j-api "+v) {
			t.Errorf("slf4j-api is not read with version %s", v)
		}
	}
	list, err := os.ReadFile("testdata/maven/dependencies.txt")
	if err != nil {
		t.Fatal(err)
	}
	read = append(read, read1(t, "maven", "testdata/maven/pom.xml")...)
	var missing []string
	for line := range strings.Lines(string(list)) {
		parts := strings.Split(strings.TrimSpace(line), ":")
		if len(parts) != 5 {
			continue
		}
		if !slices.Contains(versions(read), parts[0]+":"+parts[1]+" "+parts[3]) {
			missing = append(missing, parts[1])
		}
	}
	// Dependencies of dependencies, and versions of an imported pom: the poms of other projects have them.
	want := []string{"byte-buddy", "apiguardian-api", "junit-jupiter-api", "junit-jupiter-engine", "junit-jupiter-params", "junit-jupiter",
		"junit-platform-commons", "junit-platform-engine", "opentest4j"}
	if !slices.Equal(missing, want) {
		t.Errorf("of Maven's list the poms do not say %q, want %q", missing, want)
	}
}

const slf4j = "<groupId>org.slf4j</groupId><artifactId>slf4j-api</artifactId>"

// pomOf is a pom with this in it.
func pomOf(content string) string {
	return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<project xmlns=\"http://maven.apache.org/POM/4.0.0\">\n" +
		"<groupId>com.example</groupId><artifactId>app</artifactId><version>1.2</version>" + content + "\n</project>\n"
}

func TestPom(t *testing.T) {
	for name, c := range map[string]struct {
		content string
		want    []Dependency
	}{
		"nothing":      {"", nil},
		"a dependency": {"<dependencies><dependency>" + slf4j + "<version>2.0</version></dependency></dependencies>", []Dependency{{Name: "org.slf4j:slf4j-api", Version: "2.0"}}},
		"trap: a parent": {
			"<parent><groupId>org.example</groupId><artifactId>p</artifactId><version>3</version><relativePath/></parent>",
			[]Dependency{{Name: "org.example:p", Version: "3"}},
		},
		"trap: an imported pom": {
			"<dependencyManagement><dependencies><dependency><groupId>g</groupId><artifactId>bom</artifactId><version>1</version><type>pom</type><scope>import</scope></dependency></dependencies></dependencyManagement>",
			[]Dependency{{Name: "g:bom", Version: "1"}},
		},
		"trap: a plugin, its dependencies, a managed one, one for the site, and an extension run code": {
			"<build><extensions><extension><groupId>g</groupId><artifactId>ext</artifactId><version>1</version></extension></extensions>" +
				"<plugins><plugin><artifactId>maven-jar-plugin</artifactId><version>2</version><dependencies><dependency><groupId>g</groupId><artifactId>in</artifactId><version>3</version></dependency></dependencies></plugin></plugins>" +
				"<pluginManagement><plugins><plugin><groupId>g</groupId><artifactId>managed</artifactId><version>4</version></plugin></plugins></pluginManagement></build>" +
				"<reporting><plugins><plugin><groupId>g</groupId><artifactId>site</artifactId><version>5</version></plugin></plugins></reporting>",
			[]Dependency{
				{Name: "g:ext", Version: "1", InstallCode: true},
				{Name: "g:in", Version: "3", InstallCode: true},
				{Name: "g:managed", Version: "4", InstallCode: true},
				{Name: "g:site", Version: "5", InstallCode: true},
				{Name: "org.apache.maven.plugins:maven-jar-plugin", Version: "2", InstallCode: true},
			},
		},
		"trap: a profile has dependencies and plugins": {
			"<profiles><profile><id>x</id><dependencies><dependency>" + slf4j + "<version>9</version></dependency></dependencies>" +
				"<build><plugins><plugin><groupId>g</groupId><artifactId>p</artifactId></plugin></plugins></build></profile></profiles>",
			[]Dependency{{Name: "g:p", InstallCode: true}, {Name: "org.slf4j:slf4j-api", Version: "9"}},
		},
		"trap: a profile sets a property": {
			"<properties><v>1</v></properties><dependencies><dependency>" + slf4j + "<version>${v}</version></dependency></dependencies>" +
				"<profiles><profile><properties><v>2</v></properties></profile></profiles>",
			[]Dependency{{Name: "org.slf4j:slf4j-api", Version: "1"}, {Name: "org.slf4j:slf4j-api", Version: "2"}},
		},
		"trap: a profile manages a version": {
			"<dependencies><dependency>" + slf4j + "</dependency></dependencies><profiles><profile><dependencyManagement><dependencies><dependency>" +
				slf4j + "<version>2</version></dependency></dependencies></dependencyManagement></profile></profiles>",
			[]Dependency{{Name: "org.slf4j:slf4j-api"}, {Name: "org.slf4j:slf4j-api", Version: "2"}},
		},
		"a managed version is that of the dependency": {
			"<dependencyManagement><dependencies><dependency>" + slf4j + "<version>1</version></dependency></dependencies></dependencyManagement>" +
				"<dependencies><dependency>" + slf4j + "</dependency></dependencies>",
			[]Dependency{{Name: "org.slf4j:slf4j-api", Version: "1"}},
		},
		"a managed version of another type is not": {
			"<dependencyManagement><dependencies><dependency>" + slf4j + "<type>test-jar</type><version>1</version></dependency></dependencies></dependencyManagement>" +
				"<dependencies><dependency>" + slf4j + "</dependency></dependencies>",
			[]Dependency{{Name: "org.slf4j:slf4j-api"}, {Name: "org.slf4j:slf4j-api", Version: "1"}},
		},
		"trap: the same dependency twice": {
			"<dependencies><dependency>" + slf4j + "<version>1</version></dependency><dependency>" + slf4j + "<version>2</version></dependency></dependencies>",
			[]Dependency{{Name: "org.slf4j:slf4j-api", Version: "1"}, {Name: "org.slf4j:slf4j-api", Version: "2"}},
		},
		"trap: a file of the project in place of an artifact": {
			"<dependencies><dependency>" + slf4j + "<version>1</version><scope>system</scope><systemPath>${project.basedir}/lib/x.jar</systemPath></dependency></dependencies>",
			[]Dependency{{Name: "org.slf4j:slf4j-api", Version: "1", Source: "file:lib/x.jar"}},
		},
		"repositories are no dependencies, and exclusions neither": {
			"<repositories><repository><id>r</id><url>https://repo.example.com</url></repository></repositories><pluginRepositories><pluginRepository><id>p</id><url>https://repo.example.com</url></pluginRepository></pluginRepositories>" +
				"<dependencies><dependency>" + slf4j + "<version>1</version><exclusions><exclusion><groupId>a</groupId><artifactId>b</artifactId></exclusion></exclusions></dependency></dependencies>",
			[]Dependency{{Name: "org.slf4j:slf4j-api", Version: "1"}},
		},
		"coordinates in a plugin's configuration are not read": {
			"<build><plugins><plugin><artifactId>p</artifactId><configuration><version>7</version><dependencies><dependency/><dependency/></dependencies>text<version/></configuration></plugin></plugins></build>",
			[]Dependency{{Name: "org.apache.maven.plugins:p", InstallCode: true}},
		},
		"trap: text in pieces": {
			"<dependencies><dependency><groupId> org.<!-- c -->sl<![CDATA[f4]]>j\n</groupId><artifactId>slf4j-<?pi x?>&#97;pi</artifactId><version>1</version></dependency></dependencies>",
			[]Dependency{{Name: "org.slf4j:slf4j-api", Version: "1"}},
		},
		"properties named as what is read elsewhere": {
			"<properties><profile>a</profile><dependency>b</dependency><plugin>${dependency}</plugin></properties><dependencies><dependency><groupId>${profile}</groupId><artifactId>${plugin}</artifactId></dependency></dependencies>",
			[]Dependency{{Name: "a:b"}},
		},
	} {
		t.Run(name, func(t *testing.T) { wantRead(t, "maven", pomOf(c.content), "maven", c.want) })
	}
}

func TestPomsThatAreNotRead(t *testing.T) {
	dependency := "<dependency>" + slf4j + "<version>1</version></dependency>"
	for name, c := range map[string]struct{ text, problem string }{
		"trap: dependencies twice":       {pomOf("<dependencies/><dependencies>" + dependency + "</dependencies>"), `"dependencies" is there twice`},
		"trap: a version twice":          {pomOf("<dependencies><dependency>" + slf4j + "<version>1</version><version>2</version></dependency></dependencies>"), `"version" is there twice`},
		"too many profiles":              {pomOf("<profiles>" + strings.Repeat("<profile/>", maxProfiles+1) + "</profiles>"), "more than 100 profiles"},
		"a URL as a file of the project": {pomOf("<dependencies><dependency>" + slf4j + "<systemPath>https://user:password@example.com/x.jar</systemPath></dependency></dependencies>"), "a systemPath is a URL"},
		"a long version":                 {pomOf("<dependencies><dependency>" + slf4j + "<version>" + strings.Repeat("1", maxValue+1) + "</version></dependency></dependencies>"), "longer than 4096 bytes"},
	} {
		t.Run(name, func(t *testing.T) { wantProblem(t, "maven", c.text, c.problem) })
	}
	if _, err := Read("maven", []byte(pomOf("<dependencies>"+strings.Repeat("<dependency/>", MaxDependencies+1)+"</dependencies>"))); !errors.Is(err, ErrTooMany) {
		t.Errorf("too many dependencies: %v, want %v", err, ErrTooMany)
	}
}

func TestPomWithManyProfilesAndDependencies(t *testing.T) {
	for entries, want := range map[int]error{maxEntries / 10: nil, maxEntries/10 + 1: ErrTooMany} {
		_, err := Read("maven", []byte(pomOf("<dependencies>"+strings.Repeat("<dependency/>", entries)+"</dependencies><profiles>"+
			strings.Repeat("<profile/>", 9)+"</profiles>")))
		if !errors.Is(err, want) {
			t.Errorf("%d dependencies with 9 profiles: %v, want %v", entries, err, want)
		}
	}
}

func FuzzPom(f *testing.F) {
	f.Add([]byte(pomOf("<properties><v>${w}</v></properties><dependencies><dependency>" + slf4j + "<version>${v}</version></dependency></dependencies>" +
		"<profiles><profile><properties><v>2</v></properties></profile></profiles><build><plugins><plugin/></plugins></build>")))
	f.Add([]byte("<extensions><extension><groupId>g</groupId></extension></extensions>"))
	f.Add([]byte("<!DOCTYPE a [<!ENTITY b 'c'>]><project a='&b;'><![CDATA[x]]></project>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		checkRead(t, "maven", data)
		checkRead(t, "maven-extensions", data)
	})
}
