package lockfile

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// Go pins a build in two files, and each is read alone.
//
//   - go.mod names each module that the build's packages need (since go 1.17 also the indirect ones), and where it comes from: its
//     replacement applies. It has no hashes. The lines `go`, `toolchain` and `tool` name no module; `exclude` and `retract` name
//     versions that are not used.
//   - go.sum has the hash of each module whose content may be read: the only place that names the indirect modules of a go.mod of an older
//     version. A line of `/go.mod` alone is of a module whose code is not read. It is no dependency.
//   - go.work replaces modules in all go.mod files of a workspace, and go.work.sum has the hashes that no go.sum has.
func init() {
	formats["go-mod"] = format{max: maxGoMod, read: readGoMod}
	formats["go-work"] = format{max: maxGoMod, read: readGoWork}
	formats["go-sum"] = format{max: MaxText, read: readGoSum}
	names["go.mod"] = "go-mod"
	names["go.work"] = "go-work"
	names["go.sum"] = "go-sum"
	names["go.work.sum"] = "go-sum"
}

const (
	golang = "golang"
	// maxGoMod limits go.mod and go.work in bytes, and maxGoModLines in lines, because go's own parser takes hundreds of bytes a line, and
	// more for each that is wrong.
	maxGoMod      = 2 << 20
	maxGoModLines = 100_000
)

func readGoMod(data []byte) ([]Dependency, error) {
	if err := checkLines(data); err != nil {
		return nil, err
	}
	file, err := modfile.Parse("go.mod", data, versionAsWritten)
	if err != nil {
		return nil, first(err)
	}
	replacements, err := indexReplacements(file.Replace)
	if err != nil {
		return nil, err
	}
	var all set
	used := map[module.Version]bool{}
	for _, require := range file.Require {
		d := Dependency{Ecosystem: golang, Name: require.Mod.Path, Version: require.Mod.Version}
		// The replacement of one version wins over that of all.
		for _, old := range []module.Version{require.Mod, {Path: require.Mod.Path}} {
			if with, replaced := replacements[old]; replaced {
				d = replacedBy(require.Mod, with)
				used[old] = true
				break
			}
		}
		if err := all.add(d); err != nil {
			return nil, err
		}
	}
	if err := addUnused(&all, replacements, used); err != nil {
		return nil, err
	}
	return all.list(), nil
}

func readGoWork(data []byte) ([]Dependency, error) {
	if err := checkLines(data); err != nil {
		return nil, err
	}
	file, err := modfile.ParseWork("go.work", data, versionAsWritten)
	if err != nil {
		return nil, first(err)
	}
	replacements, err := indexReplacements(file.Replace)
	if err != nil {
		return nil, err
	}
	var all set
	if err := addUnused(&all, replacements, nil); err != nil {
		return nil, err
	}
	return all.list(), nil
}

// first is the first problem of a file, because a file can have one a line.
func first(err error) error {
	var all modfile.ErrorList
	if errors.As(err, &all) && len(all) > 0 {
		return &all[0]
	}
	return err
}

func checkLines(data []byte) error {
	if bytes.Count(data, []byte("\n")) > maxGoModLines {
		return fmt.Errorf("the file has more than %d lines", maxGoModLines)
	}
	return nil
}

// versionAsWritten keeps a version that is not complete: with -mod=mod, go looks up what v1 is when it builds. The name of a branch is an error.
func versionAsWritten(_, version string) (string, error) { return version, nil }

func indexReplacements(all []*modfile.Replace) (map[module.Version]module.Version, error) {
	index := make(map[module.Version]module.Version, len(all))
	for _, r := range all {
		if with, twice := index[r.Old]; twice && with != r.New {
			return nil, fmt.Errorf("conflicting replacements of %v, which go refuses", r.Old)
		}
		index[r.Old] = r.New
	}
	return index, nil
}

// addUnused adds the replacements that no requirement of this file uses: another module may require what they replace.
func addUnused(all *set, replacements map[module.Version]module.Version, used map[module.Version]bool) error {
	for old, with := range replacements {
		if used[old] {
			continue
		}
		if err := all.add(replacedBy(old, with)); err != nil {
			return err
		}
	}
	return nil
}

// replacedBy is a module whose content is another's. Another version of the same module is only that version.
func replacedBy(old, with module.Version) Dependency {
	d := Dependency{Ecosystem: golang, Name: old.Path, Version: old.Version}
	switch {
	case with.Version == "":
		d.Source = "file:" + with.Path
	case with.Path == old.Path:
		d.Version = with.Version
	default:
		d.Source = with.Path + "@" + with.Version
	}
	return d
}

// emptyGoMod is the hash of an empty go.mod, which old versions of go wrote for what is no module. Go ignores these lines.
const emptyGoMod = "h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY="

func readGoSum(data []byte) ([]Dependency, error) {
	var all set
	number := 0
	for line := range strings.Lines(string(data)) {
		number++
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		if len(fields) != 3 {
			return nil, fmt.Errorf("line %d has %d fields; go wants three", number, len(fields))
		}
		d := Dependency{Ecosystem: golang, Name: fields[0], Version: fields[1]}
		if fields[2] == emptyGoMod || strings.HasSuffix(d.Version, "/go.mod") {
			continue
		}
		// Go ignores other algorithms: a hash of them pins nothing.
		if strings.HasPrefix(fields[2], "h1:") {
			d.Integrity = fields[2]
		}
		if err := all.add(d); err != nil {
			return nil, err
		}
	}
	return all.list(), nil
}
