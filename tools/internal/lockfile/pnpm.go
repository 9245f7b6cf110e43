package lockfile

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// pnpm-lock.yaml names in `packages` every package by a key, from which pnpm takes name and version where it can:
//
//	/@scope/name/1.0.0_peers    lockfileVersion 5.x
//	/@scope/name@1.0.0(peers)   6.x
//	@scope/name@1.0.0           9.x, whose peers are in the keys of `snapshots`
//	name@https://..., file:...  what comes from elsewhere; its name or its version is a field
//
// Links to other projects of the workspace are in `importers`, or in the document itself if it has one project.
func init() {
	formats["pnpm"] = format{max: MaxText, read: readPNPM}
	names["pnpm-lock.yaml"] = "pnpm"
}

var (
	pnpmVersion = regexp.MustCompile(`^([569])\.[0-9]+$`)
	semver      = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.+-]+)?$`)
)

func readPNPM(data []byte) ([]Dependency, error) {
	document, err := parseYAML(data)
	if err != nil {
		return nil, err
	}
	top, err := fields(document)
	if err != nil {
		return nil, err
	}
	version := top["lockfileVersion"]
	if version == nil || version.Kind != yaml.ScalarNode || !pnpmVersion.MatchString(version.Value) {
		return nil, fmt.Errorf("its lockfileVersion is not known")
	}
	for _, name := range []string{"packages", "snapshots", "importers"} {
		if err := isMapping(top[name]); err != nil {
			return nil, err
		}
	}
	if err := checkSnapshots(top, version.Value[0] == '9'); err != nil {
		return nil, err
	}
	var all set
	if err := addLinks(&all, ".", document); err != nil {
		return nil, err
	}
	for folder, importer := range entries(top["importers"]) {
		if err := addLinks(&all, folder, importer); err != nil {
			return nil, err
		}
	}
	for key, value := range entries(top["packages"]) {
		if err := addPNPM(&all, version.Value[0], key, value); err != nil {
			return nil, err
		}
	}
	for _, snapshot := range entries(top["snapshots"]) {
		if err := addLinks(&all, ".", snapshot); err != nil {
			return nil, err
		}
	}
	return all.list(), nil
}

// checkSnapshots fails if pnpm would install a package that `packages` does not describe: it takes the two mappings as one.
func checkSnapshots(top map[string]*yaml.Node, separate bool) error {
	if !separate {
		if top["snapshots"] != nil {
			return fmt.Errorf("line %d has snapshots, which this version has not", top["snapshots"].Line)
		}
		return nil
	}
	packages, err := fields(top["packages"])
	if err != nil {
		return err
	}
	if len(packages) > 0 && top["snapshots"] == nil {
		return fmt.Errorf("the document has packages without snapshots")
	}
	for key, value := range entries(top["snapshots"]) {
		if packages[withoutPeers(key)] == nil {
			return fmt.Errorf("the snapshot in line %d has no package", value.Line)
		}
		snapshot, err := fields(value)
		if err != nil {
			return err
		}
		for _, name := range []string{"resolution", "name", "version"} {
			if snapshot[name] != nil {
				return fmt.Errorf("the snapshot in line %d has a field of a package", value.Line)
			}
		}
	}
	return nil
}

// withoutPeers returns a key without what pnpm puts in brackets at its end: peers, the hash of a patch.
func withoutPeers(key string) string {
	depth := 0
	for i := len(key) - 1; i >= 0 && strings.HasSuffix(key, ")"); i-- {
		switch key[i] {
		case ')':
			depth++
		case '(':
			depth--
		default:
			if depth == 0 {
				return key[:i+1]
			}
		}
	}
	return key
}

// addLinks adds the folders that a project, or a package, links to.
func addLinks(all *set, from string, project *yaml.Node) error {
	groups, err := fields(project)
	if err != nil {
		return err
	}
	for _, name := range []string{"dependencies", "devDependencies", "optionalDependencies"} {
		if err := isMapping(groups[name]); err != nil {
			return err
		}
		for alias, value := range entries(groups[name]) {
			if value.Kind == yaml.MappingNode {
				pinned, _ := fields(value)
				value = pinned["version"]
			}
			if value == nil || value.Kind != yaml.ScalarNode {
				return fmt.Errorf("the dependency %q has no version", alias)
			}
			folder, linked := strings.CutPrefix(value.Value, "link:")
			if !linked {
				continue
			}
			if !path.IsAbs(folder) {
				folder = path.Join(from, folder)
			}
			if err := all.add(Dependency{Ecosystem: npm, Name: alias, Source: "file:" + folder}); err != nil {
				return err
			}
		}
	}
	return nil
}

func addPNPM(all *set, major byte, key string, value *yaml.Node) error {
	entry, err := fields(value)
	if err != nil {
		return err
	}
	d := Dependency{Ecosystem: npm}
	if d.InstallCode, err = isTrue(entry["requiresBuild"]); err != nil {
		return err
	}
	if err := texts(entry, map[string]*string{"name": &d.Name, "version": &d.Version}); err != nil {
		return err
	}
	name, version := splitPNPM(major, key)
	if name != "" && d.Name != "" && name != d.Name || version != "" && d.Version != "" && version != d.Version {
		return fmt.Errorf("the package in line %d has another name or version than its key", value.Line)
	}
	if d.Name == "" {
		d.Name = name
	}
	if d.Version == "" {
		d.Version = version
	}
	if d.Name == "" || strings.HasPrefix(d.Name, "/") {
		return fmt.Errorf("the package in line %d has no name", value.Line)
	}
	return addResolution(all, d, value.Line, entry["resolution"])
}

// splitPNPM returns what of name and version pnpm takes from a key.
func splitPNPM(major byte, key string) (name, version string) {
	registry, fromRegistry := strings.CutPrefix(key, "/")
	switch {
	case major == '9':
		name, version = splitName(withoutPeers(key))
	case !fromRegistry:
		return "", ""
	case major == '6':
		name, version = splitName(withoutPeers(registry))
	default:
		scope, rest := "", registry
		if strings.HasPrefix(registry, "@") {
			scope, rest, _ = strings.Cut(registry, "/")
			scope += "/"
		}
		rest, version, _ = strings.Cut(rest, "/")
		name = scope + rest
		if peers := strings.IndexAny(version, "_("); peers >= 0 {
			version = version[:peers]
		}
	}
	if !semver.MatchString(version) {
		version = ""
	}
	return name, version
}

// addResolution adds a dependency by where pnpm gets it from.
func addResolution(all *set, d Dependency, line int, resolution *yaml.Node) error {
	from, err := fields(resolution)
	if err != nil {
		return err
	}
	var kind, tarball, integrity, registry, directory, repo, commit, folder, url string
	if err := texts(from, map[string]*string{"type": &kind, "tarball": &tarball, "integrity": &integrity, "registry": &registry,
		"directory": &directory, "repo": &repo, "commit": &commit, "path": &folder, "url": &url}); err != nil {
		return err
	}
	if resolution == nil {
		return fmt.Errorf("the package in line %d has no resolution", line)
	}
	// A path alone is below the registry.
	below, usual := registryPath("/"+tarball, d.Name, d.Version)
	switch {
	case kind == "variations":
		return addVariants(all, d, line, from["variants"])
	case kind == "directory" && directory != "":
		d.Source = "file:" + path.Clean(directory)
	case kind == "git" && repo != "":
		d.Source = gitSource(repo, commit)
	case kind == "binary" && url != "":
		d.Source = npmSource(url, d.Name, d.Version)
	case kind == "" && tarball != "" && !(usual && below == ""):
		d.Source = npmSource(tarball, d.Name, d.Version)
	case kind == "":
		d.Source = strings.TrimRight(npmSource(registry, "", ""), "/")
	default:
		return fmt.Errorf("the package in line %d has a resolution that is not known", line)
	}
	if folder != "" {
		d.Source += "#path:" + folder
	}
	return all.addPinned(d, integrity)
}

// gitSource is the source of a commit in a repository, whose address may be one that only git knows (host:path).
func gitSource(repo, commit string) string {
	start, host, rest := splitURL(repo)
	if !strings.HasSuffix(start, "//") {
		host, folder, _ := strings.Cut(start+host+rest, ":")
		return "git+ssh://" + strings.ToLower(host) + "/" + folder + "#" + commit
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, _, _ = strings.Cut(rest, "?")
	return "git+" + strings.TrimPrefix(start, "git+") + host + rest + "#" + commit
}

// addVariants adds what a package is on each platform.
func addVariants(all *set, d Dependency, line int, variants *yaml.Node) error {
	if variants == nil || variants.Kind != yaml.SequenceNode || len(variants.Content) == 0 {
		return fmt.Errorf("the package in line %d has no variants", line)
	}
	for _, each := range variants.Content {
		variant, err := fields(each)
		if err != nil {
			return err
		}
		if err := addResolution(all, d, each.Line, variant["resolution"]); err != nil {
			return err
		}
	}
	return nil
}
