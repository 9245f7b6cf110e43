package workspace

import (
	"errors"
	"slices"
	"strings"
)

const (
	// MaxPatterns is how many patterns there may be for artifacts, and how many for reports.
	MaxPatterns = 16
	maxPattern  = 256
)

// Pattern matches paths: "*" is any part of one name, and the name "**" any number of names.
type Pattern []string

var errPattern = errors.New(`a pattern is a path in the workspace: 1 to 256 characters of printable ASCII without \ ? [ ] { }, that neither begins with / nor has ..`)

// ParsePattern reads a pattern.
func ParsePattern(text string) (Pattern, error) {
	odd := func(c rune) bool { return c < ' ' || c > '~' || strings.ContainsRune(`\?[]{}`, c) }
	if text == "" || len(text) > maxPattern || text[0] == '/' || strings.ContainsFunc(text, odd) {
		return nil, errPattern
	}
	names := slices.DeleteFunc(strings.Split(text, "/"), func(name string) bool { return name == "" || name == "." })
	if slices.Contains(names, "..") {
		return nil, errPattern
	}
	return names, nil
}

// Matches reports whether the whole path matches. Its time is at most the product of both lengths.
func (p Pattern) Matches(path string) bool {
	names := strings.Split(path, "/")
	return wild(len(p), len(names), func(i int) bool { return p[i] == "**" }, func(i, j int) bool { return name(p[i], names[j]) })
}

func name(pattern, name string) bool {
	return wild(len(pattern), len(name), func(i int) bool { return pattern[i] == '*' }, func(i, j int) bool { return pattern[i] == name[j] })
}

// wild matches a pattern of so many elements, of which some match any number of elements. Only the last of these has to be tried again.
func wild(pattern, length int, any func(i int) bool, equal func(i, j int) bool) bool {
	i, j, again, from := 0, 0, -1, 0
	for j < length {
		switch {
		case i < pattern && any(i):
			again, from = i+1, j
			i++
		case i < pattern && equal(i, j):
			i++
			j++
		case again >= 0:
			from++
			i, j = again, from
		default:
			return false
		}
	}
	for i < pattern && any(i) {
		i++
	}
	return i == pattern
}
