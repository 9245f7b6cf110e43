package lockfile

import (
	"fmt"
	"path"
	"strings"
)

// poetry.lock names the files of each package and their hashes, in three generations: at the package, or in the table metadata.files or
// metadata.hashes. Poetry reads the first of them that is there, and so does this reader. A package without a source is of the index that
// Poetry is configured with.
func init() {
	formats["poetry"] = format{max: MaxText, read: readPoetry}
	names["poetry.lock"] = "poetry"
}

func readPoetry(data []byte) ([]Dependency, error) {
	root, err := parseTOML(data)
	if err != nil {
		return nil, err
	}
	metadata := root.table("metadata")
	if version := metadata.text("lock-version"); !strings.HasPrefix(version, "1.") && !strings.HasPrefix(version, "2.") {
		return nil, fmt.Errorf("version %q of poetry.lock is not known", version)
	}
	var all set
	for _, each := range root.tables("package") {
		name := each.required("name")
		d := Dependency{Ecosystem: pypi, Name: foldPython(name), Version: each.required("version")}
		names, hashes := poetryFiles(each, metadata, name)
		source := each.table("source")
		location := source.text("url")
		switch kind := source.text("type"); kind {
		case "":
			d.InstallCode = onlySdist(names)
		case "legacy":
			d.Source, d.InstallCode = indexURL(location), onlySdist(names)
		case "git":
			d.Source, d.InstallCode = gitURL(location, source.text("resolved_reference")), true
		case "url":
			d.Source, d.InstallCode = cleanURL(location), artifact{url: location}.needsBuild()
		case "file", "directory":
			d.Source, d.InstallCode = fileSource(path.Clean(location)), artifact{path: location}.needsBuild()
		default:
			return nil, fmt.Errorf("%q is no kind of source", kind)
		}
		if err := all.addHashes(d, "", hashes...); err != nil {
			return nil, err
		}
	}
	return root.result(&all)
}

func poetryFiles(from, metadata table, name string) (names, hashes []string) {
	files := from.tables("files")
	if !from.has("files") {
		if metadata.has("hashes") {
			// There are no names of files here.
			return nil, metadata.table("hashes").texts(name)
		}
		files = metadata.table("files").tables(name)
	}
	for _, each := range files {
		names = append(names, each.text("file"))
		hashes = append(hashes, each.text("hash"))
	}
	return names, hashes
}

// onlySdist is whether files are known, and none of them is a wheel.
func onlySdist(files []string) bool {
	for _, each := range files {
		if isWheel(each) {
			return false
		}
	}
	return len(files) > 0
}
