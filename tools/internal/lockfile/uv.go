package lockfile

import (
	"fmt"
	"slices"
)

// uv.lock names the index of each package and the URL of each of its files, and uv fetches from that URL. So a package's source is the
// index's host, and the host of its files where they are elsewhere. The project itself (its folder is the lockfile's) is no dependency.
func init() {
	formats["uv"] = format{max: MaxText, read: readUV}
	names["uv.lock"] = "uv"
}

// uvVersion is the only version of the format. What changes compatibly is its revision.
const uvVersion = 1

var uvSources = []string{"registry", "git", "url", "path", "directory", "editable", "virtual"}

func readUV(data []byte) ([]Dependency, error) {
	root, err := parseTOML(data)
	if err != nil {
		return nil, err
	}
	if version := root.integer("version"); version != uvVersion {
		return nil, fmt.Errorf("version %d of uv.lock is not known", version)
	}
	var all set
	// The second is the older name; uv reads both.
	for _, each := range append(root.tables("package"), root.tables("distribution")...) {
		d := Dependency{Ecosystem: pypi, Name: foldPython(each.required("name")), Version: each.text("version")}
		source := each.table("source")
		kind, location, err := uvSource(source)
		if err != nil {
			return nil, err
		}
		if location == "." && (kind == "directory" || kind == "editable" || kind == "virtual") {
			continue
		}
		wheels := each.tables("wheels")
		files, hashes := uvFiles(each, wheels)
		switch kind {
		case "registry":
			d.Source = sourcesOf(indexURL(location), files, d.Name, d.Version)
			d.InstallCode = len(wheels) == 0 && each.has("sdist")
		case "git":
			d.Source, d.InstallCode = uvGit(location), true
		case "url":
			d.Source, d.InstallCode = cleanURL(location), artifact{url: location}.needsBuild()
		case "path":
			d.Source, d.InstallCode = fileSource(location), artifact{path: location}.needsBuild()
		case "virtual":
			d.Source = fileSource(location)
		default:
			d.Source, d.InstallCode = fileSource(location), true
		}
		if err := all.addHashes(d, "", hashes...); err != nil {
			return nil, err
		}
	}
	return root.result(&all)
}

func uvFiles(from table, wheels []table) (files []artifact, hashes []string) {
	if from.has("sdist") {
		wheels = append(slices.Clip(wheels), from.table("sdist"))
	}
	for _, each := range wheels {
		files = append(files, artifact{url: each.text("url"), path: each.text("path")})
		hashes = append(hashes, each.text("hash"))
	}
	return files, hashes
}

// uvSource returns the one kind of source, and its location.
func uvSource(source table) (kind, location string, err error) {
	for _, each := range uvSources {
		if !source.has(each) {
			continue
		}
		if kind != "" {
			return "", "", fmt.Errorf("a package has two sources, %s and %s", kind, each)
		}
		kind, location = each, source.required(each)
	}
	if kind == "" {
		return "", "", fmt.Errorf("a package has no known source")
	}
	return kind, location, nil
}

func uvGit(location string) string {
	url, commit := cutLast(location, '#')
	return gitURL(url, commit)
}
