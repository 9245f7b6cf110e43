package workspace

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

const (
	// maxMetadata limits a file that says what a package is: package.json, METADATA, modules.txt, Cargo.toml. maxRecord limits a RECORD.
	maxMetadata = 1 << 20
	maxRecord   = 8 << 20
	// maxName limits the name and the version of a package, in bytes.
	maxName = 256
)

// The ecosystems of fetched trees.
const (
	npm    = "npm"
	pypi   = "pypi"
	golang = "golang"
	cargo  = "cargo"
)

// packages are those of the fetched trees.
type packages struct {
	// trees are the folders of the trees, with their ecosystems.
	trees map[uint32]string
	list  []fetchedPackage
	// prepared are the names of those whose prepare script runs when they are installed.
	prepared map[string]bool
}

// fetchedPackage is a package while its files are read.
type fetchedPackage struct {
	// root is its folder, from which the paths of its own files are relative, unless they are from the folder of the tree.
	root, from    uint32
	ecosystem     string
	name, version string
	hooks         []string
	// texts covers the code that is text of its metadata, and code are files with such code.
	texts  [sha256.Size]byte
	code   []uint32
	native int
}

// ecosystem says which package manager made a tree, if one did.
func (t *tree) ecosystem(folder uint32) string {
	switch {
	case t.nodes[folder].kind != kindFolder || !trees[t.base(folder)]:
		return ""
	case t.base(folder) == "node_modules":
		return npm
	case t.base(folder) != "vendor":
		return pypi
	}
	if _, found := t.child(folder, "modules.txt"); found {
		return golang
	}
	for i := range t.content(folder) {
		if t.crate(i) {
			return cargo
		}
	}
	return ""
}

// crate reports whether cargo put this here.
func (t *tree) crate(folder uint32) bool {
	_, sums := t.child(folder, ".cargo-checksum.json")
	_, toml := t.child(folder, "Cargo.toml")
	return sums && toml
}

// fetched reads the fetched trees: what names their packages first.
func (r *reader) fetched(nodes []uint32) {
	r.packages.prepared = r.prepared()
	roots := r.modules()
	for i := range r.tree.nodes[1:] {
		r.own(uint32(i+1), roots)
	}
	for i := range r.packages.list {
		if r.late() {
			break
		}
		r.metadata(&r.packages.list[i], uint32(i+1))
	}
	r.each(nodes, func(i uint32) {
		if r.tree.nodes[i].has&read == 0 {
			r.entry(i, nil)
		}
	})
	r.describe()
}

// own says to which package a node belongs: to that of its folder, unless a package begins here.
func (r *reader) own(i uint32, roots map[uint32]module) {
	t := &r.tree
	n := &t.nodes[i]
	if n.has&fetched == 0 {
		return
	}
	n.owner = t.nodes[n.parent].owner
	if ecosystem, root := r.packages.trees[i]; root {
		n.owner = r.begin(fetchedPackage{root: i, from: i, ecosystem: ecosystem}, n.owner)
	}
	if n.kind != kindFolder || n.owner == 0 {
		return
	}
	name, above := t.base(i), t.base(n.parent)
	switch within := r.packages.list[n.owner-1]; within.ecosystem {
	case npm:
		// The packages that npm puts into a package depend on what else is fetched. So they are a tree of their own, with their links.
		if name == "node_modules" && n.parent == within.root && r.packages.trees[within.root] == "" {
			r.packages.trees[i] = npm
			n.owner = r.begin(fetchedPackage{root: i, from: i, ecosystem: npm}, n.owner)
			return
		}
		// Folders with @ hold packages, and those with a dot in front are the package manager's own.
		scoped := strings.HasPrefix(above, "@") && t.base(t.nodes[n.parent].parent) == "node_modules"
		if scoped || above == "node_modules" && name[0] != '@' && name[0] != '.' {
			full := name
			if scoped {
				full = above + "/" + name
			}
			n.owner = r.begin(fetchedPackage{root: i, from: i, ecosystem: npm, name: full}, n.owner)
		}
	case pypi:
		if stem, found := strings.CutSuffix(name, ".dist-info"); found && n.parent == within.root && r.packages.trees[n.parent] == pypi {
			stem, _, _ = strings.Cut(stem, "-")
			n.owner = r.begin(fetchedPackage{root: i, from: n.parent, ecosystem: pypi, name: stem}, n.owner)
		}
	case golang:
		if m, found := roots[i]; found {
			n.owner = r.begin(fetchedPackage{root: i, from: i, ecosystem: golang, name: m.name, version: m.version}, n.owner)
		}
	case cargo:
		if r.packages.trees[n.parent] == cargo && t.crate(i) {
			n.owner = r.begin(fetchedPackage{root: i, from: i, ecosystem: cargo, name: name}, n.owner)
		}
	}
}

// begin begins a package, and returns its number, or the one that it is given if there are too many.
func (r *reader) begin(p fetchedPackage, otherwise uint32) uint32 {
	if len(r.packages.list) == r.limits.packages {
		r.stop(TooManyItems)
		return otherwise
	}
	r.packages.list = append(r.packages.list, p)
	return uint32(len(r.packages.list))
}

// metadata reads what a package says of itself. What belongs to no package of a tree says nothing.
func (r *reader) metadata(p *fetchedPackage, number uint32) {
	if r.packages.trees[p.root] != "" {
		return
	}
	switch p.ecosystem {
	case npm:
		r.npm(p)
	case pypi:
		r.pypi(p, number)
	case cargo:
		r.cargo(p)
	}
}

var errMetadata = errors.New("this metadata cannot be understood")

// say reads one file of metadata in a folder, if it is there. parse must not keep the content.
func (r *reader) say(folder uint32, name string, limit int64, parse func(content []byte) error) {
	i, found := r.tree.child(folder, name)
	if !found {
		return
	}
	file := r.tree.path(i)
	if r.tree.nodes[i].kind != kindFile {
		r.miss(file, Unreadable)
		return
	}
	var failed error
	whole := r.entry(i, func(c *content) {
		data, err := c.all(limit)
		if err == nil {
			err = parse(data)
		}
		failed = err
	})
	switch {
	case !whole || failed == nil:
	case errors.Is(failed, errTooLong):
		r.miss(file, TooLong)
	default:
		r.miss(file, Unparsable)
	}
}

// named keeps the name and the version that a package says it has.
func (p *fetchedPackage) named(name, version string) error {
	if name == "" || len(name) > maxName || len(version) > maxName {
		return errMetadata
	}
	p.name, p.version = strings.Clone(name), strings.Clone(version)
	return nil
}

func (p *fetchedPackage) hook(kind string) {
	if !slices.Contains(p.hooks, kind) {
		p.hooks = append(p.hooks, kind)
	}
}

// code are files whose name alone says that they run when a package is installed or built, by ecosystem.
var code = map[string][]string{
	npm:   {"binding.gyp"},
	cargo: {"build.rs"},
}

// describe makes the packages of what was read.
func (r *reader) describe() {
	t := &r.tree
	own := make([][]uint32, len(r.packages.list))
	for i := range t.sorted() {
		n := &t.nodes[i]
		if n.owner == 0 {
			continue
		}
		p := &r.packages.list[n.owner-1]
		if n.has&native != 0 {
			p.native++
		}
		r.startup(p, i)
		own[n.owner-1] = append(own[n.owner-1], i)
	}
	for i := range r.packages.list {
		p := &r.packages.list[i]
		tree := r.packages.trees[p.root] != ""
		// A tree that has only packages is not one itself.
		if tree && !slices.ContainsFunc(own[i], func(each uint32) bool { return t.nodes[each].kind == kindFile }) {
			continue
		}
		if r.end.Err() != nil {
			return
		}
		to := sha256.New()
		for _, each := range own[i] {
			t.line(to, p.from, each)
		}
		slices.Sort(p.hooks)
		r.Packages = append(r.Packages, Package{
			Path: t.path(p.root), Ecosystem: p.ecosystem, Name: p.name, Version: p.version, SHA256: [sha256.Size]byte(to.Sum(nil)),
			Hooks: p.hooks, InstallCode: r.installCode(p), Native: p.native,
		})
	}
}

// startup notes the files that an interpreter runs whenever it starts, and those that a package manager runs by their name.
func (r *reader) startup(p *fetchedPackage, i uint32) {
	t := &r.tree
	n := &t.nodes[i]
	if n.kind == kindFolder {
		return
	}
	name := t.base(i)
	kind := ""
	switch {
	case n.parent == p.root && slices.Contains(code[p.ecosystem], name), n.parent == p.root && name == "setup.py":
		kind = name
	case r.packages.trees[n.parent] != pypi:
	case path.Ext(name) == ".pth":
		kind = "*.pth"
	case name == "sitecustomize.py" || name == "usercustomize.py":
		kind = name
	}
	if kind != "" {
		p.hook(kind)
		p.code = append(p.code, i)
	}
}

// installCode covers the texts in the metadata, and then each file with such code: its path and its digest.
func (r *reader) installCode(p *fetchedPackage) (sum [sha256.Size]byte) {
	if len(p.hooks) == 0 {
		return sum
	}
	to := sha256.New()
	to.Write(p.texts[:])
	files := map[string]uint32{}
	for _, i := range p.code {
		files[r.tree.relative(p.from, i)] = i
	}
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		n := &r.tree.nodes[files[name]]
		sum := "-"
		if n.has&read != 0 {
			sum = hex.EncodeToString(n.sum[:])
		}
		fmt.Fprintf(to, "%s %s\x00", sum, name)
	}
	return [sha256.Size]byte(to.Sum(nil))
}
