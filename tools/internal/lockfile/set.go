package lockfile

import (
	"cmp"
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
		slices.Sort(row.integrity)
		all[i].Integrity = strings.Join(slices.Compact(row.integrity), " ")
		all[i].InstallCode = row.installCode
	}
	return all
}
