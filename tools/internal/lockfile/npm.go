package lockfile

import (
	"fmt"
	"path"
	"strings"

	"cleanroom.dev/tools/internal/strictjson"
)

// npm has two lockfiles of one format: package-lock.json, and npm-shrinkwrap.json, which npm prefers if a folder has both. Each is read alone.
//
//   - `packages` (lockfileVersion 2 and 3) has every package by the folder that it is installed into. If it is there, npm 7 and newer ignore
//     `dependencies`, whatever lockfileVersion says, and so does this.
//   - `dependencies` (lockfileVersion 1, and none) is a tree, whose `version` may also be the address of a tarball or a git repository, a folder,
//     or an alias.
//
// A package that came inside another one's tarball (inBundle, bundled) has no address and no hash of its own.
func init() {
	formats["npm"] = format{max: MaxJSON, read: readNPM}
	names["package-lock.json"] = "npm"
	names["npm-shrinkwrap.json"] = "npm"
}

func readNPM(data []byte) ([]Dependency, error) {
	var packages []npmPackage
	var tree set
	hasPackages := false
	err := strictjson.Read(data, func(r *strictjson.Reader) error {
		return r.Fields(func(key string) (err error) {
			if r.Kind() == strictjson.Null {
				return nil
			}
			switch key {
			case "lockfileVersion":
				return readNPMVersion(r)
			case "packages":
				hasPackages = true
				packages, err = readNPMPackages(r)
			case "dependencies":
				err = readNPMTree(r, &tree)
			}
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	if hasPackages {
		return resolveNPM(packages)
	}
	return tree.list(), nil
}

func readNPMVersion(r *strictjson.Reader) error {
	version, err := r.Number()
	if err == nil && version != "1" && version != "2" && version != "3" {
		err = fmt.Errorf("lockfileVersion %q is not known", version)
	}
	return err
}

// npmPackage is an entry of `packages`.
type npmPackage struct {
	// key is the package's folder.
	key                                string
	name, version, resolved, integrity string
	link, installCode                  bool
}

func readNPMPackages(r *strictjson.Reader) (all []npmPackage, err error) {
	err = r.Map(func(key string) error {
		if path.Clean(key) != key && key != "" || key == "." || path.IsAbs(key) {
			return fmt.Errorf("%q is no folder of a package", key)
		}
		if len(all) > MaxDependencies {
			return ErrTooMany
		}
		p := npmPackage{key: key}
		if err := r.Fields(func(field string) error {
			switch field {
			case "name":
				return readText(r, &p.name)
			case "version":
				return readText(r, &p.version)
			case "resolved":
				return readText(r, &p.resolved)
			case "integrity":
				return readText(r, &p.integrity)
			case "link":
				return readBool(r, &p.link)
			case "hasInstallScript":
				return readBool(r, &p.installCode)
			}
			return nil
		}); err != nil {
			return err
		}
		all = append(all, p)
		return nil
	})
	return all, err
}

// resolveNPM returns the packages as dependencies: all but the project itself. A link and the folder that it leads to are one.
func resolveNPM(packages []npmPackage) ([]Dependency, error) {
	folders := make(map[string]npmPackage, len(packages))
	for _, p := range packages {
		folders[p.key] = p
	}
	var all set
	for _, p := range packages {
		if p.key == "" {
			continue
		}
		linked := p.link
		if linked {
			folder := path.Clean(p.resolved)
			if folder == "." {
				folder = ""
			}
			target, exists := folders[folder]
			if !exists || target.link {
				return nil, fmt.Errorf("the link %q leads to no package", p.key)
			}
			p = target
		}
		d := Dependency{Ecosystem: npm, Name: p.name, Version: p.version, InstallCode: p.installCode}
		if d.Name == "" {
			d.Name = nameOfFolder(p.key)
		}
		if linked || !isInstalled(p.key) {
			d.Source = "file:" + path.Clean(p.key)
		} else {
			d.Source = npmSource(p.resolved, d.Name, d.Version)
		}
		if err := all.addPinned(d, p.integrity); err != nil {
			return nil, err
		}
	}
	return all.list(), nil
}

// nameOfFolder is the name that npm gives to a package in this folder: its last element, with its scope.
func nameOfFolder(folder string) string {
	if scope := path.Base(path.Dir(folder)); strings.HasPrefix(scope, "@") {
		return scope + "/" + path.Base(folder)
	}
	return path.Base(folder)
}

// isInstalled is whether a folder is one that packages are installed into, rather than a part of the project.
func isInstalled(folder string) bool {
	return path.Base(strings.TrimSuffix(folder, "/"+nameOfFolder(folder))) == "node_modules"
}

// readNPMTree reads the `dependencies` of a lockfile of version 1, or of a package in it.
func readNPMTree(r *strictjson.Reader, all *set) error {
	return r.Map(func(name string) error {
		if name == "" || name != nameOfFolder("node_modules/"+name) {
			return fmt.Errorf("%q is no name of a package", name)
		}
		var version, resolved, integrity, from string
		if err := r.Fields(func(field string) error {
			switch field {
			case "version":
				return readText(r, &version)
			case "resolved":
				return readText(r, &resolved)
			case "integrity":
				return readText(r, &integrity)
			case "from":
				return readText(r, &from)
			case "dependencies":
				if r.Kind() != strictjson.Null {
					return readNPMTree(r, all)
				}
			}
			return nil
		}); err != nil {
			return err
		}
		d := npmTreeDependency(name, version, resolved, from, integrity != "")
		if d.Name == "" {
			return fmt.Errorf("the alias %q has no name", name)
		}
		return all.addPinned(d, integrity)
	})
}

// npmTreeDependency decides as npm does which of an entry's texts says where the package comes from.
func npmTreeDependency(name, version, resolved, from string, pinned bool) Dependency {
	d := Dependency{Ecosystem: npm, Name: name}
	from = strings.TrimPrefix(from, name+"@")
	if alias, isAlias := strings.CutPrefix(version, npm+":"); isAlias {
		d.Name, d.Version = splitName(alias)
	} else if strings.ContainsAny(version, ":/") {
		resolved = version
		d.Version = usualVersion(resolved, name)
	} else {
		d.Version = version
		if resolved == "" && !pinned && strings.ContainsAny(from, ":/") {
			resolved = from
		}
	}
	d.Source = npmSource(resolved, d.Name, d.Version)
	return d
}

// splitName splits name@rest. A name may begin with a scope.
func splitName(text string) (name, rest string) {
	scope := len(text) - len(strings.TrimPrefix(text, "@"))
	name, rest, _ = strings.Cut(text[scope:], "@")
	return text[:scope] + name, rest
}

// readText reads a text. To npm, null is an absent one.
func readText(r *strictjson.Reader, to *string) (err error) {
	if r.Kind() != strictjson.Null {
		*to, err = r.Text()
	}
	return err
}

func readBool(r *strictjson.Reader, to *bool) (err error) {
	if r.Kind() != strictjson.Null {
		*to, err = r.Bool()
	}
	return err
}
