package lockfile

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Gradle pins a build in two kinds of files, and each is read alone. A lock names the versions that a project resolved, without hashes: for
// the project, and for the class path of its build scripts and settings, whose code runs in the build. The verification metadata have the hashes of
// artifacts; what they do not verify (`<trusted-artifacts>`, keys instead of hashes) is no dependency, and shows as a change of the file.
//
// Not read: the locks of Gradle before 7, one file a configuration; version catalogs and build scripts; the wrapper's properties, which name
// Gradle itself.
func init() {
	formats["gradle"] = format{max: MaxText, read: func(data []byte) ([]Dependency, error) { return readGradleLock(data, false) }}
	formats["gradle-script"] = format{max: MaxText, read: func(data []byte) ([]Dependency, error) { return readGradleLock(data, true) }}
	formats["gradle-verification"] = format{max: MaxText, read: readVerificationMetadata}
	names["gradle.lockfile"] = "gradle"
	names["buildscript-gradle.lockfile"] = "gradle-script"
	names["settings-gradle.lockfile"] = "gradle-script"
	names["verification-metadata.xml"] = "gradle-verification"
}

func readGradleLock(data []byte, script bool) ([]Dependency, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("the file is not UTF-8")
	}
	var all set
	number := 0
	// Gradle ends a line where Java does: also at a carriage return alone, so a comment cannot hide a line behind one.
	for line := range strings.Lines(strings.ReplaceAll(strings.ReplaceAll(string(data), "\r\n", "\n"), "\r", "\n")) {
		number++
		line = strings.TrimSuffix(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "empty=") {
			continue
		}
		module, configurations, _ := strings.Cut(line, "=")
		parts := strings.Split(module, ":")
		if len(parts) != 3 || slices.Contains(parts, "") || configurations == "" || strings.Contains(configurations, "=") {
			return nil, fmt.Errorf("line %d is not group:name:version=configurations", number)
		}
		d := Dependency{Ecosystem: "maven", Name: parts[0] + ":" + parts[1], Version: parts[2], InstallCode: script}
		if err := all.add(d); err != nil {
			return nil, err
		}
	}
	return all.list(), nil
}

const verifiedArtifact = "verification-metadata/components/component/artifact"

var verificationSchema = makeVerificationSchema()

func makeVerificationSchema() xmlSchema {
	s := xmlSchema{
		"verification-metadata":                      xmlList,
		"verification-metadata/components":           xmlList,
		"verification-metadata/components/component": xmlList,
		verifiedArtifact:                             xmlList,
	}
	for _, algorithm := range []string{"md5", "sha1", "sha256", "sha512"} {
		s[verifiedArtifact+"/"+algorithm] = xmlList
		s[verifiedArtifact+"/"+algorithm+"/also-trust"] = xmlList
		s["//"+algorithm] = xmlReserved
	}
	// Gradle takes them almost anywhere.
	for _, name := range []string{"components", "component", "artifact", "also-trust"} {
		s["//"+name] = xmlReserved
	}
	return s
}

// readVerificationMetadata reads the hashes that Gradle accepts for each component, those of all its artifacts together.
func readVerificationMetadata(data []byte) ([]Dependency, error) {
	var all set
	var component Dependency
	var algorithm string
	start := func(e xmlElement) error {
		switch e.name {
		case "component":
			attributes, err := e.required("group", "name", "version")
			if err != nil {
				return err
			}
			component = Dependency{Ecosystem: "maven", Name: attributes[0] + ":" + attributes[1], Version: attributes[2]}
			return all.add(component)
		case "md5", "sha1", "sha256", "sha512":
			algorithm = e.name
		case "also-trust":
		default:
			return nil
		}
		value, err := e.required("value")
		if err != nil {
			return err
		}
		d := component
		d.Integrity = algorithm + ":" + value[0]
		return all.add(d)
	}
	end := func(xmlElement) error { return nil }
	if err := readXML(data, nil, verificationSchema, start, end); err != nil {
		return nil, err
	}
	return all.list(), nil
}

// required returns the values of attributes that must be there.
func (e xmlElement) required(names ...string) ([]string, error) {
	values := make([]string, len(names))
	for i, name := range names {
		found := false
		for _, a := range e.attributes {
			if rawName(a.Name) == name {
				values[i], found = a.Value, true
			}
		}
		if !found {
			return nil, fmt.Errorf("%q has no %s", e.name, name)
		}
	}
	return values, nil
}
