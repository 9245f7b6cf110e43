package lockfile

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strings"
)

// A requirements file of pip is read as pip reads it. It pins what has `==`; what has not is listed without a version. Files that it includes
// (-r, -c) are read by their own names. The indexes that it names hold for all of its packages: each of them may answer.
//
// A file that pip could understand otherwise, and an option that is not known, is an error. So are `${VARIABLES}` outside a URL, whose
// values are not here.
func init() {
	formats["requirements"] = format{max: MaxText, read: readRequirements}
	for _, pattern := range []string{"requirements*.txt", "requirements/*.txt", "constraints*.txt"} {
		patterns[pattern] = "requirements"
	}
}

// requirementOptions are pip's, and whether each has a value. It understands abbreviations, too; those are errors here.
var requirementOptions = map[string]bool{
	"-i": true, "--index-url": true, "--pypi-url": true, "--extra-index-url": true, "--no-index": false, "-f": true, "--find-links": true,
	"-r": true, "--requirement": true, "-c": true, "--constraint": true, "-e": true, "--editable": true,
	"--no-binary": true, "--only-binary": true, "--prefer-binary": false, "--require-hashes": false, "--pre": false,
	"--trusted-host": true, "--use-feature": true, "--hash": true, "--global-option": true, "--config-settings": true,
	"--config-setting": true, "-C": true,
}

// maxRequirement limits a line, after it was joined with those that continue it, in bytes: about 3,000 hashes.
const maxRequirement = 256 << 10

// requirement is one package of a file, before it is known what holds for the whole file.
type requirement struct {
	Dependency
	hashes []string
	// fromIndex is whether the package comes from an index.
	fromIndex bool
}

type requirementsFile struct {
	requirements []requirement
	indexes      []string
	// noBinary are the folded names of packages that are always built, or :all:.
	noBinary map[string]bool
}

func readRequirements(data []byte) ([]Dependency, error) {
	text, err := decodeRequirements(data)
	if err != nil {
		return nil, err
	}
	file := requirementsFile{noBinary: map[string]bool{}}
	for line := range requirementLines(text) {
		if err := file.read(line); err != nil {
			return nil, err
		}
	}
	sources := joined(file.indexes)
	var all set
	for _, each := range file.requirements {
		if each.fromIndex {
			each.Source = sources
			each.InstallCode = file.noBinary[":all:"] || file.noBinary[each.Name]
		}
		if err := all.addHashes(each.Dependency, "", each.hashes...); err != nil {
			return nil, err
		}
	}
	return all.list(), nil
}

// read reads a line: a requirement, whose options begin at the first word with a dash, or only options.
func (f *requirementsFile) read(line string) error {
	if len(line) > maxRequirement {
		return fmt.Errorf("a line is longer than %d bytes", maxRequirement)
	}
	for _, c := range []byte(line) {
		if c < ' ' && c != '\t' || c > '~' {
			return errors.New("a line has characters that are no printable ASCII")
		}
	}
	text, rest := line, ""
	if strings.HasPrefix(line, "-") {
		text, rest = "", line
	} else if i := strings.Index(line, " -"); i >= 0 {
		text, rest = line[:i], line[i:]
	}
	words, err := shellWords(rest)
	if err != nil {
		return err
	}
	var hashes []string
	editable := ""
	err = eachOption(words, func(option, value string) {
		switch option {
		case "-i", "--index-url", "--pypi-url", "--extra-index-url":
			f.indexes = append(f.indexes, indexURL(value))
		case "-f", "--find-links":
			f.indexes = append(f.indexes, fileSource(value))
		case "-e", "--editable":
			editable = value
		case "--hash":
			hashes = append(hashes, value)
		case "--no-binary":
			for name := range strings.SplitSeq(value, ",") {
				if name == ":none:" {
					clear(f.noBinary)
				} else {
					f.noBinary[noBinaryName(name)] = true
				}
			}
		}
	})
	if err != nil {
		return err
	}
	if text = strings.TrimSpace(text); text == "" {
		text = editable
	} else if editable != "" {
		return errors.New("a line has two requirements")
	}
	if text == "" {
		return nil
	}
	each, err := parseRequirement(text)
	if err != nil {
		return err
	}
	each.hashes = append(each.hashes, hashes...)
	if editable != "" {
		each.InstallCode = true
	}
	f.requirements = append(f.requirements, each)
	if len(f.requirements) > MaxDependencies {
		return ErrTooMany
	}
	return nil
}

func noBinaryName(name string) string {
	if name == ":all:" {
		return name
	}
	return foldPython(name)
}

// eachOption calls take with each option and its value.
func eachOption(words []string, take func(option, value string)) error {
	for i := 0; i < len(words); i++ {
		option, value, has := words[i], "", false
		if strings.HasPrefix(option, "--") {
			option, value, has = strings.Cut(option, "=")
		} else if len(option) > 2 {
			option, value, has = option[:2], option[2:], true
		}
		wants, known := requirementOptions[option]
		switch {
		case !known:
			return errors.New("an option is not known")
		case has && !wants:
			return fmt.Errorf("%s has no value", option)
		case wants && !has:
			if i++; i == len(words) {
				return fmt.Errorf("%s has a value", option)
			}
			value = words[i]
		}
		take(option, value)
	}
	return nil
}

const pythonName = `([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)[ \t]*(?:\[[A-Za-z0-9._,\t -]*\])?[ \t]*`

var (
	namedURL     = regexp.MustCompile(`^` + pythonName + `@[ \t]*([^ \t]+)(.*)$`)
	namedVersion = regexp.MustCompile(`^` + pythonName + `(?:\(([^()]*)\)|([^;()]*))[ \t]*(?:;.*)?$`)
	// urlHash is a hash in the fragment of a URL.
	urlHash    = regexp.MustCompile(`[#&](md5|sha1|sha224|sha256|sha384|sha512)=([0-9A-Fa-f]+)`)
	urlEgg     = regexp.MustCompile(`[#&]egg=` + pythonName)
	pathExtras = regexp.MustCompile(`\[[^/\[]*\]$`)
	bareURL    = regexp.MustCompile(`^(?i:((git|hg|svn|bzr)\+)?[a-z]+://|file:)[^ \t]+$`)
	barePath   = regexp.MustCompile(`^[A-Za-z0-9._/@+~-]+(?:\[[A-Za-z0-9._,-]*\])?$`)
	vcsKind    = regexp.MustCompile(`^(git|hg|svn|bzr)\+`)
)

func parseRequirement(text string) (requirement, error) {
	if parts := namedURL.FindStringSubmatch(text); parts != nil && onlyMarker(parts[3]) {
		return directRequirement(parts[1], parts[2]), nil
	}
	if parts := namedVersion.FindStringSubmatch(text); parts != nil && !looksLikePath(text) {
		specifier := strings.TrimSpace(parts[2] + parts[3])
		if !specifiers.MatchString(specifier) {
			return requirement{}, errors.New("a line is no requirement")
		}
		d := Dependency{Ecosystem: pypi, Name: foldPython(parts[1]), Version: pinned(specifier)}
		return requirement{Dependency: d, fromIndex: true}, nil
	}
	location, marker, _ := strings.Cut(text, " ")
	if !looksLikePath(location) || !onlyMarker(marker) {
		return requirement{}, errors.New("a line is no requirement")
	}
	return directRequirement("", strings.TrimSuffix(location, ";")), nil
}

func onlyMarker(rest string) bool {
	rest = strings.TrimSpace(rest)
	return rest == "" || rest[0] == ';'
}

// looksLikePath is whether a requirement without a name is a path or a URL.
func looksLikePath(text string) bool {
	text, _, _ = strings.Cut(text, ";")
	text = strings.TrimSpace(text)
	if bareURL.MatchString(text) {
		return true
	}
	if !barePath.MatchString(text) {
		return false
	}
	if strings.Contains(text, "/") || strings.HasPrefix(text, ".") || isWheel(text) {
		return true
	}
	for _, ending := range sdistEndings {
		if strings.HasSuffix(text, ending) {
			return true
		}
	}
	return false
}

// directRequirement is one that a URL or a path names.
func directRequirement(name, location string) requirement {
	var r requirement
	r.Ecosystem = pypi
	before, _, _ := strings.Cut(location, "#")
	before, _, _ = strings.Cut(before, "?")
	before = pathExtras.ReplaceAllString(before, "")
	// A URL may have credentials where a name would be.
	clean := fileSource(strings.TrimPrefix(before, vcsKind.FindString(before)))
	if unescaped, err := url.PathUnescape(clean); err == nil {
		clean = unescaped
	}
	r.Name, r.Version = pythonFile(strings.TrimPrefix(clean, "file:"))
	if egg := urlEgg.FindStringSubmatch(location); egg != nil {
		r.Name = foldPython(egg[1])
	}
	if name != "" {
		r.Name = foldPython(name)
	}
	for _, hash := range urlHash.FindAllStringSubmatch(location, -1) {
		r.hashes = append(r.hashes, hash[1]+":"+hash[2])
	}
	if kind := vcsKind.FindStringSubmatch(location); kind != nil {
		repository, commit := vcsCommit(before)
		r.Version, r.InstallCode = "", true
		r.Source = vcsURL(kind[1], strings.TrimPrefix(repository, kind[0]), "", commit)
		if name == "" && !urlEgg.MatchString(location) {
			withoutCommit, _ := cutLast(r.Source, '#')
			r.Name = foldPython(strings.TrimSuffix(path.Base(withoutCommit), ".git"))
		}
		return r
	}
	r.Source = fileSource(before)
	r.InstallCode = !isWheel(before)
	return r
}

var (
	specifiers = regexp.MustCompile(`^(?:` + specifier + `(?:[ \t]*,[ \t]*` + specifier + `)*[ \t]*,?)?$`)
	exact      = regexp.MustCompile(`^===?[ \t]*([^ \t,]*)$`)
)

const specifier = `(?:===|==|~=|!=|<=|>=|<|>)[ \t]*[A-Za-z0-9._+!-]+(?:\.\*)?`

// pinned is the version of a specifier with exactly one `==`, or ===, without a wildcard.
func pinned(specifier string) (version string) {
	for part := range strings.SplitSeq(specifier, ",") {
		parts := exact.FindStringSubmatch(strings.TrimSpace(part))
		if parts == nil || strings.Contains(parts[1], "*") {
			continue
		}
		if version != "" && version != parts[1] {
			return ""
		}
		version = parts[1]
	}
	return version
}
