package lockfile

import (
	"fmt"
	"path"
	"strings"
)

// pylock.toml is the lockfile of PEP 751, which has a name of its own or pylock.NAME.toml. As in uv.lock, files are fetched from their URLs.
func init() {
	formats["pylock"] = format{max: MaxText, read: readPylock}
	names["pylock.toml"] = "pylock"
	patterns["pylock.*.toml"] = "pylock"
}

func readPylock(data []byte) ([]Dependency, error) {
	root, err := parseTOML(data)
	if err != nil {
		return nil, err
	}
	if version := root.text("lock-version"); version != "1" && !strings.HasPrefix(version, "1.") {
		return nil, fmt.Errorf("version %q of pylock.toml is not known", version)
	}
	var all set
	for _, each := range root.tables("packages") {
		d := Dependency{Ecosystem: pypi, Name: foldPython(each.required("name")), Version: each.text("version")}
		var hashes []string
		switch {
		case each.has("vcs"):
			from := each.table("vcs")
			d.Source, d.InstallCode = vcsURL(from.text("type"), from.text("url"), from.text("path"), from.required("commit-id")), true
		case each.has("directory"):
			d.Source, d.InstallCode = fileSource(path.Clean(each.table("directory").required("path"))), true
		case each.has("archive"):
			from := each.table("archive")
			file := artifact{url: from.text("url"), path: from.text("path")}
			if hashes = pylockHashes(from); file.url != "" {
				d.Source = cleanURL(file.url)
			} else {
				d.Source = fileSource(file.path)
			}
			d.InstallCode = file.needsBuild()
		default:
			index := each.text("index")
			if index != "" {
				index = indexURL(index)
			}
			listed, hasWheels := each.tables("wheels"), len(each.tables("wheels")) > 0
			if each.has("sdist") {
				listed = append(listed, each.table("sdist"))
			}
			var files []artifact
			for _, file := range listed {
				files = append(files, artifact{url: file.text("url"), path: file.text("path")})
				hashes = append(hashes, pylockHashes(file)...)
			}
			d.Source, d.InstallCode = sourcesOf(index, files, d.Name, d.Version), len(files) > 0 && !hasWheels
		}
		if err := all.addHashes(d, "", hashes...); err != nil {
			return nil, err
		}
	}
	return root.result(&all)
}

func pylockHashes(file table) (hashes []string) {
	from := file.table("hashes")
	for algorithm := range from.values {
		hashes = append(hashes, algorithm+":"+from.text(algorithm))
	}
	return hashes
}

func vcsURL(kind, url, path, commit string) string {
	if url == "" {
		return kind + "+" + fileSource(path) + "#" + commit
	}
	return kind + strings.TrimPrefix(gitURL(url, commit), "git")
}
