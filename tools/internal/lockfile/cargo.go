package lockfile

import (
	"fmt"
	"strings"
)

// Cargo.lock has four versions. The first has the checksums in a table of their own. A package without a source is a member of the
// workspace or lies in a folder; the lockfile does not say which, so it is listed, with the source file: alone. Whether a package has a
// build script is not in the lockfile.
func init() {
	formats["cargo"] = format{max: MaxText, read: readCargo}
	names["Cargo.lock"] = "cargo"
}

// maxCargoVersion is the newest version of the format that this reader knows.
const maxCargoVersion = 4

// cratesIO is how each Cargo.lock names the registry that Cargo is configured with (source replacement does not change it).
const cratesIO = "registry+https://github.com/rust-lang/crates.io-index"

func readCargo(data []byte) ([]Dependency, error) {
	root, err := parseTOML(data)
	if err != nil {
		return nil, err
	}
	if version := root.integer("version"); version < 0 || version > maxCargoVersion {
		return nil, fmt.Errorf("version %d of Cargo.lock is not known", version)
	}
	packages := root.tables("package")
	if root.has("root") {
		packages = append(packages, root.table("root"))
	}
	checksums := root.table("metadata")
	var all set
	for _, each := range packages {
		d := Dependency{Ecosystem: "cargo", Name: each.required("name"), Version: each.required("version")}
		source := each.text("source")
		if d.Source, err = cargoSource(source); err != nil {
			return nil, err
		}
		hashes := []string{each.text("checksum")}
		// Cargo reads this table in all versions, and it wins. Both are listed, so that a difference shows.
		if key := fmt.Sprintf("checksum %s %s (%s)", d.Name, d.Version, source); checksums.has(key) && checksums.text(key) != "<none>" {
			hashes = append(hashes, checksums.text(key))
		}
		if err := all.addHashes(d, "sha256:", hashes...); err != nil {
			return nil, err
		}
	}
	return root.result(&all)
}

func cargoSource(source string) (string, error) {
	if source == "" {
		return "file:", nil
	}
	kind, location, _ := strings.Cut(source, "+")
	switch kind {
	case "registry", "sparse":
		if source == cratesIO {
			return "", nil
		}
		return indexURL(location), nil
	case "git":
		location, commit, _ := strings.Cut(location, "#")
		return gitURL(location, commit), nil
	case "path", "local-registry", "directory":
		return cleanURL(location), nil
	}
	return "", fmt.Errorf("%q is no kind of source", kind)
}
