package lockfile

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// berryVersion are the versions of the lockfiles of Yarn 2 to 4.
var berryVersion = regexp.MustCompile(`^([4-9]|10)$`)

// readBerry reads a lockfile of Yarn 2 and newer. Its `resolution` says what is installed, as name@PROTOCOL:REST#FRAGMENT::PARAMETERS; a package
// of a registry has no address, unless it is an unusual one. The checksum is of the archive that Yarn makes of a package.
func readBerry(data []byte) ([]Dependency, error) {
	document, err := parseYAML(data)
	if err != nil {
		return nil, err
	}
	var all set
	versioned := false
	for key, value := range entries(document) {
		entry, err := fields(value)
		if err != nil {
			return nil, err
		}
		if key == "__metadata" {
			version := entry["version"]
			if version == nil || version.Kind != yaml.ScalarNode || !berryVersion.MatchString(version.Value) {
				return nil, fmt.Errorf("its __metadata.version is not known")
			}
			versioned = true
			continue
		}
		if err := addBerry(&all, value.Line, entry); err != nil {
			return nil, err
		}
	}
	if !versioned {
		return nil, fmt.Errorf("this is neither a lockfile of Yarn 1 nor of a newer one")
	}
	return all.list(), nil
}

func addBerry(all *set, line int, entry map[string]*yaml.Node) error {
	var version, resolution, checksum string
	if err := texts(entry, map[string]*string{"version": &version, "resolution": &resolution, "checksum": &checksum}); err != nil {
		return err
	}
	name, reference := splitName(resolution)
	if name == "" || reference == "" {
		return fmt.Errorf("the package in line %d has no resolution", line)
	}
	if reference == "workspace:." {
		return nil
	}
	d := Dependency{Ecosystem: npm, Name: name, Version: version}
	where, text, _ := strings.Cut(reference, "::")
	parameters, err := url.ParseQuery(text)
	if err != nil {
		return fmt.Errorf("the package in line %d has a resolution that cannot be read", line)
	}
	protocol, rest, _ := strings.Cut(where, ":")
	switch protocol {
	case "npm":
		if rest != version {
			return fmt.Errorf("the package in line %d has another version than its resolution", line)
		}
		d.Source = npmSource(parameters.Get("__archiveUrl"), name, version)
	case "workspace":
		d.Source = "file:" + path.Clean(rest)
	case "file", "link", "portal":
		rest, _, _ = strings.Cut(rest, "#")
		d.Source = "file:" + path.Join(folderOf(parameters.Get("locator")), rest)
	case "exec":
		d.InstallCode = true
		d.Source = npmSource(where, name, version)
	case "patch":
		patched, patch, _ := strings.Cut(rest, "#")
		original, from := splitName(patched)
		if from, err = url.PathUnescape(from); err != nil {
			return fmt.Errorf("the package in line %d has a resolution that cannot be read", line)
		}
		d.Source = "patch:" + original + "@" + npmSource(from, "", "") + "#" + patch
	default:
		d.Source = npmSource(where, name, version)
	}
	if _, hash, keyed := strings.Cut(checksum, "/"); keyed {
		checksum = hash
	}
	if checksum != "" {
		checksum = "sha512:" + checksum
	}
	return all.addPinned(d, checksum)
}

// folderOf is the folder of the project that a package is named by.
func folderOf(locator string) string {
	_, reference := splitName(locator)
	folder, _ := strings.CutPrefix(reference, "workspace:")
	return folder
}
