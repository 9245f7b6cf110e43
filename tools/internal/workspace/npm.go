package workspace

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cleanroom.dev/tools/internal/strictjson"
)

// installScripts are the scripts of a package.json that run when a package is installed.
var installScripts = []string{"preinstall", "install", "postinstall"}

// prepareScript runs, too, if the package comes from a repository of Git. Packages of registries often have one that does not run.
const prepareScript = "prepare"

// npm reads a package's package.json. Its install code is
//   - the text of its install scripts, that of prepare if a lockfile says that the package comes from a repository of Git, and of each other script whose name is part of one of those (npm run build), with the ones that
//     run before and after it,
//   - each file of the package that a part of these texts names: setup.js by setup.js, ./setup.js or setup, scripts/index.js by scripts,
//   - binding.gyp.
//
// What these files load is not part of it; the package's own digest covers it.
func (r *reader) npm(p *fetchedPackage) {
	r.say(p.root, "package.json", maxMetadata, func(data []byte) error {
		m, err := readPackageJSON(data)
		if err != nil {
			return err
		}
		if m.name == "" {
			m.name = p.name
		}
		if err := p.named(m.name, m.version); err != nil {
			return err
		}
		runs := installScripts
		if r.packages.prepared[m.name] {
			runs = append(slices.Clone(runs), prepareScript)
		}
		texts, err := reached(m.scripts, runs)
		if err != nil {
			return err
		}
		if len(texts) == 0 {
			return nil
		}
		to := sha256.New()
		for _, name := range slices.Sorted(maps.Keys(texts)) {
			fmt.Fprintf(to, "%s\x00%s\x00", name, texts[name])
			if slices.Contains(runs, name) {
				p.hook(name)
			}
			for _, word := range words(texts[name]) {
				if file, found := r.named(p.root, word); found {
					p.code = append(p.code, file)
				}
			}
		}
		slices.Sort(p.code)
		p.code = slices.Compact(p.code)
		to.Sum(p.texts[:0])
		return nil
	})
}

// prepared are the packages of npm that a lockfile gets from a repository of Git: their source has a commit.
func (r *reader) prepared() map[string]bool {
	names := map[string]bool{}
	for each := range r.dependencies {
		if each.Ecosystem == "npm" && strings.Contains(each.Source, "#") {
			names[each.Name] = true
		}
	}
	return names
}

// packageJSON is what a package.json says that matters here.
type packageJSON struct {
	name, version string
	scripts       map[string]string
}

func readPackageJSON(data []byte) (m packageJSON, err error) {
	m.scripts = map[string]string{}
	err = strictjson.Read(data, func(r *strictjson.Reader) error {
		return r.Fields(func(key string) (err error) {
			switch key {
			case "name":
				m.name, err = r.Text()
			case "version":
				m.version, err = r.Text()
			case "scripts":
				err = r.Fields(func(key string) (err error) {
					m.scripts[key], err = r.Text()
					return err
				})
			}
			return err
		})
	})
	return m, err
}

// maxWords limits the parts of all scripts that run when a package is installed.
const maxWords = 10_000

// reached are the scripts that run when a package is installed: these, and those that they run.
func reached(scripts map[string]string, first []string) (texts map[string]string, err error) {
	texts = map[string]string{}
	count := 0
	for open := slices.Clone(first); len(open) > 0; {
		name := open[len(open)-1]
		open = open[:len(open)-1]
		text, known := scripts[name]
		if _, seen := texts[name]; seen || !known {
			continue
		}
		texts[name] = text
		parts := words(text)
		if count += len(parts); count > maxWords {
			return nil, errMetadata
		}
		for _, word := range parts {
			if _, known := scripts[word]; known {
				open = append(open, "pre"+word, word, "post"+word)
			}
		}
	}
	return texts, nil
}

// words are the parts of a command that may be names.
func words(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(" \t\r\n;&|()<>\"'`=,", c) })
}

// named finds the file of a package that a part of a command names.
func (r *reader) named(root uint32, word string) (uint32, bool) {
	if strings.HasPrefix(word, "/") || len(word) > maxPath {
		return 0, false
	}
	for _, suffix := range []string{"", ".js", ".cjs", ".mjs", "/index.js"} {
		if i, found := r.tree.find(root, word+suffix); found && r.tree.nodes[i].kind == kindFile {
			return i, true
		}
	}
	return 0, false
}
