// Package lockfile reads which dependencies a build's lockfiles name. It follows no link, asks no network, and judges nothing. All that it
// reads is hostile: it runs in a process of its own, whose memory and time are limited, and that process may die.
package lockfile

import (
	"errors"
	"fmt"
	"path"
	"strings"
)

// Dependency is one package that a lockfile pins. Its texts are as the file has them, but for what the fields say.
type Dependency struct {
	// Ecosystem is a type of package URL: npm, pypi, golang, maven, cargo.
	Ecosystem string `json:"ecosystem"`
	// Name is the package's own name, also where the lockfile gives it another one (an alias); for Maven group:artifact; for PyPI folded
	// (PEP 503).
	Name    string `json:"name"`
	Version string `json:"version"`
	// Source is where the package comes from, empty for the registry that the package manager is configured with. Of a
	// registry it has what comes before its usual path for this name and version; if the path is not usual, it is the whole URL, so that
	// another package behind this name shows. Never has credentials or a query; a URL that cannot be read is "invalid". Paths in the
	// project are file:PATH (file: alone if the lockfile does not say which), and a repository is git+URL#COMMIT. Several hosts, from any
	// of which the package may come, are joined as hashes are.
	Source string `json:"source,omitempty"`
	// Integrity is the hash that the lockfile pins, with its algorithm: sha512-..., sha256:..., h1:.... Several are joined with a space,
	// sorted; if that is longer than MaxJoined, this is "sha256:" and the hex SHA-256 of the joined text. Empty if there is none.
	Integrity string `json:"integrity,omitempty"`
	// InstallCode is whether the lockfile says that code of the package runs when it is installed, or in the build.
	InstallCode bool `json:"installCode,omitempty"`
}

const (
	// MaxJSON, MaxText limit a lockfile in bytes: one of JSON, and any other.
	MaxJSON = 32 << 20
	MaxText = 8 << 20
	// MaxDependencies limits what is read from one lockfile.
	MaxDependencies = 50_000
	// MaxJoined limits the texts of several hashes, or of several sources, in bytes.
	MaxJoined = 200
)

// ErrTooMany means that a lockfile names more than MaxDependencies.
var ErrTooMany = errors.New("the lockfile names too many dependencies")

// format is how the lockfiles of one kind are read.
type format struct {
	// max limits the file in bytes.
	max  int
	read func(data []byte) ([]Dependency, error)
}

// formats are the known ones, by name.
var formats = map[string]format{}

// names are the formats of files, by the last element of their path, or its last two.
var names = map[string]string{}

// patterns are the formats of files whose names vary, by a pattern (path.Match) of the last element of their path, or of its last two.
var patterns = map[string]string{}

// Format is the name of the format of a file; empty if the file is no lockfile.
func Format(file string) string {
	base := path.Base(file)
	lastTwo := path.Join(path.Base(path.Dir(file)), base)
	for _, last := range []string{base, lastTwo} {
		if name, known := names[last]; known {
			return name
		}
	}
	for pattern, name := range patterns {
		last := base
		if strings.Contains(pattern, "/") {
			last = lastTwo
		}
		if matches, err := path.Match(pattern, last); matches && err == nil {
			return name
		}
	}
	return ""
}

// Max is how long a file of this format may be, in bytes.
func Max(name string) int { return formats[name].max }

// Read returns the dependencies that a lockfile names, each once, sorted.
func Read(name string, data []byte) ([]Dependency, error) {
	f, known := formats[name]
	if !known {
		return nil, fmt.Errorf("%q is no format of a lockfile", name)
	}
	if len(data) > f.max {
		return nil, fmt.Errorf("the lockfile is longer than %d bytes", f.max)
	}
	return f.read(data)
}
