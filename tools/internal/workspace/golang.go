package workspace

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// module is a Go module of a vendor folder, as its source is named: a replacement's name and version if there is one.
type module struct{ path, name, version string }

// modules reads modules.txt of each tree of Go, and returns the folders in which modules begin.
func (r *reader) modules() map[uint32]module {
	roots := map[uint32]module{}
	for i := range r.tree.nodes {
		i := uint32(i)
		if r.packages.trees[i] != golang || r.late() {
			continue
		}
		r.say(i, "modules.txt", maxMetadata, func(data []byte) error {
			return readModules(data, func(m module) {
				if folder, found := r.tree.find(i, m.path); found && folder != i && r.tree.nodes[folder].kind == kindFolder {
					roots[folder] = m
				}
			})
		})
	}
	return roots
}

// readModules calls each for every module of a modules.txt: "# path version", "# path version => replacement version", or
// "# path => ./folder", whose version nobody knows.
func readModules(data []byte, each func(module)) error {
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
		return errMetadata
	}
	for line := range strings.Lines(string(data)) {
		// "## explicit" is about the line before; others are packages.
		line, found := strings.CutPrefix(line, "# ")
		if !found {
			continue
		}
		of, by, replaced := strings.Cut(line, "=>")
		fields := strings.Fields(of)
		if len(fields) == 0 || len(fields) > 2 || len(fields) < 2 && !replaced {
			return errMetadata
		}
		m := module{path: fields[0], name: fields[0]}
		if len(fields) == 2 {
			m.version = fields[1]
		}
		if replaced {
			switch to := strings.Fields(by); len(to) {
			case 1:
				m.version = ""
			case 2:
				m.name, m.version = to[0], to[1]
			default:
				return errMetadata
			}
		}
		if len(m.name) > maxName || len(m.version) > maxName {
			return errMetadata
		}
		each(module{m.path, strings.Clone(m.name), strings.Clone(m.version)})
	}
	return nil
}
