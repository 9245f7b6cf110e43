package lockfile

import (
	"encoding/xml"
	"errors"
	"fmt"
	"strings"
)

// Maven has no lockfile. A pom.xml says what this project asks for: dependencies, managed ones, plugins with theirs, extensions, and the
// parent, those of profiles too. What it gets by them, by its parent and by imported poms is in other files, so
//
//   - a version that the parent or an imported pom manages is empty,
//   - a property that this file does not define stays as ${name}; so do those of the command line and of .mvn/maven.config, which would win,
//   - the project's own modules and its parent are listed like any other: only Maven knows that they are in the project,
//   - Source is empty also where the pom declares repositories, because Maven asks all of them for each dependency.
//
// Properties are those of the file without its profiles, and then those with each profile alone. Combinations of profiles are not read.
func init() {
	formats["maven"] = format{max: MaxText, read: readPom}
	names["pom.xml"] = "maven"
}

const (
	// defaultPluginGroup is that of a plugin without groupId.
	defaultPluginGroup = "org.apache.maven.plugins"
	// maxProfiles limits the profiles of a pom, because it is read once with each, and maxEntries what is read in all these readings.
	maxProfiles = 100
	maxEntries  = 500_000
)

var pomSchema = makePomSchema()

func makePomSchema() xmlSchema {
	s := xmlSchema{
		"project":                            xmlObject,
		"project/profiles":                   xmlList,
		"project/profiles/profile":           xmlObject,
		"project/groupId":                    xmlText,
		"project/artifactId":                 xmlText,
		"project/version":                    xmlText,
		"project/build/extensions":           xmlList,
		"project/build/extensions/extension": xmlObject,
		"project/parent":                     xmlObject,
	}
	coordinates := func(place string) {
		s[place] = xmlObject
		for _, name := range []string{"groupId", "artifactId", "version", "type", "classifier", "scope", "systemPath"} {
			s[place+"/"+name] = xmlText
		}
	}
	dependencies := func(place string) {
		s[place+"/dependencies"] = xmlList
		coordinates(place + "/dependencies/dependency")
	}
	plugins := func(place string) {
		s[place] = xmlObject
		s[place+"/plugins"] = xmlList
		coordinates(place + "/plugins/plugin")
		dependencies(place + "/plugins/plugin")
	}
	coordinates("project/parent")
	coordinates("project/build/extensions/extension")
	for _, base := range []string{"project", "project/profiles/profile"} {
		s[base+"/properties"] = xmlList
		s[base+"/properties/*"] = xmlText
		s[base+"/dependencyManagement"] = xmlObject
		dependencies(base)
		dependencies(base + "/dependencyManagement")
		plugins(base + "/build")
		plugins(base + "/build/pluginManagement")
		plugins(base + "/reporting")
	}
	return s
}

// pomEntry is something with coordinates, as written.
type pomEntry struct {
	group, artifact, version, kind, classifier, systemPath string
	// profile is the number of the profile that has it, or -1.
	profile int
	// plugin is whether Maven runs it: a plugin, its dependency, or an extension.
	plugin bool
	// managed is whether it only says which version others get.
	managed bool
	// parent is the project's.
	parent bool
}

// pom is a pom.xml as written.
type pom struct {
	entries    []*pomEntry
	properties *properties
	// profiles are their properties.
	profiles []map[string]string
	// open are the entries that have not ended.
	open []*pomEntry
}

func readPom(data []byte) ([]Dependency, error) {
	p := &pom{properties: &properties{project: map[string]string{}, own: map[string]string{}}}
	// Maven takes HTML's entities, as for names of people.
	if err := readXML(data, xml.HTMLEntity, pomSchema, p.start, p.end); err != nil {
		return nil, err
	}
	for _, name := range []string{"groupId", "version"} {
		if _, own := p.properties.project[name]; !own {
			if inherited, known := p.properties.project["parent."+name]; known {
				p.properties.project[name] = inherited
			}
		}
	}
	if len(p.entries)*(len(p.profiles)+1) > maxEntries {
		return nil, ErrTooMany
	}
	var all set
	if err := p.resolve(&all, -1); err != nil {
		return nil, err
	}
	for profile := range p.profiles {
		if err := p.resolve(&all, profile); err != nil {
			return nil, err
		}
	}
	return all.list(), nil
}

func (p *pom) start(e xmlElement) error {
	profile := -1
	if strings.HasPrefix(e.place, "project/profiles/profile") {
		profile = len(p.profiles) - 1
	}
	if strings.HasSuffix(e.place, "/*") {
		return nil
	}
	switch e.name {
	case "profile":
		if len(p.profiles) == maxProfiles {
			return fmt.Errorf("the pom has more than %d profiles", maxProfiles)
		}
		p.profiles = append(p.profiles, map[string]string{})
	case "dependency", "plugin", "extension", "parent":
		if len(p.entries) == MaxDependencies {
			return ErrTooMany
		}
		entry := &pomEntry{
			profile: profile,
			plugin:  e.name == "extension" || strings.Contains(e.place, "/plugins/plugin"),
			managed: strings.Contains(e.place, "anagement/"),
			parent:  e.name == "parent",
		}
		if e.name == "plugin" {
			entry.group = defaultPluginGroup
		}
		p.entries = append(p.entries, entry)
		p.open = append(p.open, entry)
	}
	return nil
}

func (p *pom) end(e xmlElement) error {
	parent := e.place[:max(strings.LastIndex(e.place, "/"), 0)]
	switch {
	case strings.HasSuffix(e.place, "/*"):
		if strings.HasPrefix(e.place, "project/profiles/profile/") {
			return putProperty(p.profiles[len(p.profiles)-1], e)
		}
		return putProperty(p.properties.own, e)
	case e.name == "dependency" || e.name == "plugin" || e.name == "extension" || e.name == "parent":
		p.open = p.open[:len(p.open)-1]
	case pomSchema[e.place] != xmlText:
	case parent == "project":
		p.properties.project[e.name] = e.text
	default:
		p.field(p.open[len(p.open)-1], e)
	}
	return nil
}

func (p *pom) field(entry *pomEntry, e xmlElement) {
	if entry.parent {
		p.properties.project["parent."+e.name] = e.text
	}
	entry.set(e)
}

// set sets a field of the entry; other elements have none.
func (entry *pomEntry) set(e xmlElement) {
	switch e.name {
	case "groupId":
		entry.group = e.text
	case "artifactId":
		entry.artifact = e.text
	case "version":
		entry.version = e.text
	case "type":
		entry.kind = e.text
	case "classifier":
		entry.classifier = e.text
	case "systemPath":
		entry.systemPath = e.text
	}
}

// managementKey is that by which a managed version applies.
type managementKey struct {
	plugin                 bool
	name, kind, classifier string
}

// resolved is an entry with its properties replaced.
type resolved struct {
	Dependency
	key managementKey
}

// resolve adds what the file names with the properties of a profile, or of none (-1).
func (p *pom) resolve(all *set, profile int) error {
	values := &properties{project: p.properties.project, own: p.properties.own}
	if profile >= 0 {
		values.profile = p.profiles[profile]
	}
	managed := map[managementKey]bool{}
	var unmanaged []resolved
	for _, entry := range p.entries {
		if entry.profile >= 0 && entry.profile != profile {
			continue
		}
		r, err := entry.resolve(values)
		if err != nil {
			return err
		}
		if entry.managed {
			managed[r.key] = true
		} else if r.Version == "" && r.Source == "" {
			unmanaged = append(unmanaged, r)
			continue
		}
		if err := all.add(r.Dependency); err != nil {
			return err
		}
	}
	for _, r := range unmanaged {
		if managed[r.key] {
			continue
		}
		if err := all.add(r.Dependency); err != nil {
			return err
		}
	}
	return nil
}

func (e *pomEntry) resolve(values *properties) (resolved, error) {
	texts := [...]string{e.group, e.artifact, e.version, e.kind, e.classifier, e.systemPath}
	for i := range texts {
		var err error
		if texts[i], err = values.expand(texts[i], 0); err != nil {
			return resolved{}, err
		}
	}
	r := resolved{Dependency: Dependency{Ecosystem: "maven", Name: texts[0] + ":" + texts[1], Version: texts[2], InstallCode: e.plugin}}
	kind := texts[3]
	if kind == "" {
		kind = "jar"
	}
	r.key = managementKey{e.plugin, r.Name, kind, texts[4]}
	if path := texts[5]; path != "" {
		for _, base := range []string{"${project.basedir}/", "${basedir}/", "${pom.basedir}/"} {
			path = strings.TrimPrefix(path, base)
		}
		if strings.Contains(path, "://") {
			return resolved{}, errors.New("a systemPath is a URL, which Maven refuses, and which could have credentials")
		}
		r.Source = "file:" + path
	}
	return r, nil
}
