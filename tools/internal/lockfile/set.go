package lockfile

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
)

// set collects what one lockfile names. One name, version and source is one dependency, with all hashes that are accepted for it.
type set struct {
	rows map[Dependency]*pin
}

// pin is what may be said of one dependency in several places of a lockfile.
type pin struct {
	integrity   []string
	installCode bool
}

// add takes a dependency with at most one hash, and fails if the lockfile names too many.
func (s *set) add(d Dependency) error {
	key := Dependency{Ecosystem: d.Ecosystem, Name: d.Name, Version: d.Version, Source: d.Source}
	row := s.rows[key]
	if row == nil {
		if len(s.rows) == MaxDependencies {
			return ErrTooMany
		}
		if s.rows == nil {
			s.rows = map[Dependency]*pin{}
		}
		row = &pin{}
		s.rows[key] = row
	}
	if d.Integrity != "" {
		row.integrity = append(row.integrity, d.Integrity)
	}
	row.installCode = row.installCode || d.InstallCode
	return nil
}

// list returns the dependencies, sorted.
func (s *set) list() []Dependency {
	all := slices.SortedFunc(maps.Keys(s.rows), func(a, b Dependency) int {
		return cmp.Or(strings.Compare(a.Ecosystem, b.Ecosystem), strings.Compare(a.Name, b.Name),
			strings.Compare(a.Version, b.Version), strings.Compare(a.Source, b.Source))
	})
	for i := range all {
		row := s.rows[all[i]]
		all[i].Integrity = joined(row.integrity)
		all[i].InstallCode = row.installCode
	}
	return all
}

// joined sorts texts and joins them with a space, each once. A result longer than MaxJoined is replaced with its SHA-256.
func joined(texts []string) string {
	slices.Sort(texts)
	text := strings.Join(slices.Compact(texts), " ")
	if len(text) <= MaxJoined {
		return text
	}
	sum := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// addHashes takes a dependency and all its hashes, of which empty ones are none.
func (s *set) addHashes(d Dependency, algorithm string, hashes ...string) error {
	if err := s.add(d); err != nil {
		return err
	}
	for _, hash := range hashes {
		if hash == "" {
			continue
		}
		d.Integrity = algorithm + hash
		if err := s.add(d); err != nil {
			return err
		}
	}
	return nil
}
