package lockfile

import (
	"errors"

	"cleanroom.dev/tools/internal/strictjson"
)

// Pipfile.lock has a section for each group of packages, and one with the indexes. A package without an index may come from each of them.
func init() {
	formats["pipfile"] = format{max: MaxJSON, read: readPipfile}
	names["Pipfile.lock"] = "pipfile"
}

// pipfilePackage is an entry of a section.
type pipfilePackage struct {
	name string
	// texts are the values of the fields version, index, git, ref, path, file and others, as far as they are texts.
	texts  map[string]string
	hashes []string
}

func readPipfile(data []byte) ([]Dependency, error) {
	// By name.
	indexes := map[string]string{}
	var packages []pipfilePackage
	err := strictjson.Read(data, func(r *strictjson.Reader) error {
		return r.Fields(func(section string) error {
			if section == "_meta" {
				return readPipfileIndexes(r, indexes)
			}
			return r.Map(func(name string) error {
				if len(packages) == MaxDependencies {
					return ErrTooMany
				}
				entry := pipfilePackage{name: name, texts: map[string]string{}}
				err := readPipfilePackage(r, &entry)
				packages = append(packages, entry)
				return err
			})
		})
	})
	if err != nil {
		return nil, err
	}
	var all set
	for _, each := range packages {
		d, err := each.dependency(indexes)
		if err == nil {
			err = all.addHashes(d, "", each.hashes...)
		}
		if err != nil {
			return nil, err
		}
	}
	return all.list(), nil
}

func readPipfileIndexes(r *strictjson.Reader, indexes map[string]string) error {
	return r.Fields(func(key string) error {
		if key != "sources" {
			return nil
		}
		return r.Array(func() error {
			source := map[string]string{}
			err := r.Fields(func(key string) error { return readPipfileText(r, source, key) })
			indexes[source["name"]] = indexURL(source["url"])
			return err
		})
	})
}

func readPipfilePackage(r *strictjson.Reader, entry *pipfilePackage) error {
	return r.Fields(func(key string) error {
		if key != "hashes" {
			return readPipfileText(r, entry.texts, key)
		}
		return r.Array(func() error {
			hash, err := r.Text()
			entry.hashes = append(entry.hashes, hash)
			return err
		})
	})
}

// readPipfileText reads a text; a value of another kind is skipped.
func readPipfileText(r *strictjson.Reader, into map[string]string, key string) (err error) {
	if r.Kind() == strictjson.String {
		into[key], err = r.Text()
	}
	return err
}

func (p pipfilePackage) dependency(indexes map[string]string) (Dependency, error) {
	d := Dependency{Ecosystem: pypi, Name: foldPython(p.name), Version: pinned(p.texts["version"])}
	for _, kind := range []string{"git", "hg", "svn", "bzr"} {
		if location, has := p.texts[kind]; has {
			d.Source, d.InstallCode = vcsURL(kind, location, "", p.texts["ref"]), true
			return d, nil
		}
	}
	if location, has := p.texts["path"]; has {
		d.Source, d.InstallCode = fileSource(location), artifact{path: location}.needsBuild()
		return d, nil
	}
	if location, has := p.texts["file"]; has {
		d.Source, d.InstallCode = fileSource(location), artifact{path: location}.needsBuild()
		return d, nil
	}
	if index, has := p.texts["index"]; has {
		if d.Source, has = indexes[index]; !has {
			return d, errors.New("a package has an index that the lockfile does not describe")
		}
		return d, nil
	}
	var any []string
	for _, each := range indexes {
		any = append(any, each)
	}
	d.Source = joined(any)
	return d, nil
}
