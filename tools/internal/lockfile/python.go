package lockfile

import (
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
)

const pypi = "pypi"

var pythonSeparators = regexp.MustCompile(`[-_.]+`)

// foldPython is the name by which all spellings of a Python package are the same (PEP 503).
func foldPython(name string) string {
	return strings.ToLower(pythonSeparators.ReplaceAllString(name, "-"))
}

// sdistEndings are those of source distributions, from which pip installs.
var sdistEndings = []string{".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz", ".tar"}

func isWheel(file string) bool { return strings.HasSuffix(strings.ToLower(file), ".whl") }

// pythonFile returns the folded name and the version that the name of a wheel or source distribution has. Other names are only a name.
func pythonFile(file string) (name, version string) {
	base := path.Base(file)
	if strings.Trim(base, "./") == "" {
		return base, ""
	}
	if isWheel(base) {
		if parts := strings.Split(base, "-"); len(parts) >= 5 {
			return foldPython(parts[0]), parts[1]
		}
		return foldPython(base), ""
	}
	for _, ending := range sdistEndings {
		if stem, found := strings.CutSuffix(base, ending); found {
			if cut := strings.LastIndexByte(stem, '-'); cut > 0 {
				return foldPython(stem[:cut]), stem[cut+1:]
			}
			return foldPython(stem), ""
		}
	}
	return foldPython(base), ""
}

// samePythonVersion compares without the case, leading zeros and separators, which the names of files may have otherwise.
func samePythonVersion(a, b string) bool {
	return foldVersion(a) == foldVersion(b)
}

func foldVersion(version string) string {
	parts := strings.FieldsFunc(strings.ToLower(version), func(r rune) bool { return strings.ContainsRune(".-_+", r) })
	for i, part := range parts {
		if number, err := strconv.ParseUint(part, 10, 64); err == nil {
			parts[i] = strconv.FormatUint(number, 10)
		}
	}
	return strings.Join(parts, ".")
}

// artifact is a file that a lockfile lists for a Python package.
type artifact struct{ url, path string }

// source returns the scheme and host of the file's URL, if its last element is usual for the name and version, otherwise the whole URL.
func (a artifact) source(name, version string) string {
	if a.url == "" {
		return fileSource(a.path)
	}
	clean := cleanURL(a.url)
	u, err := url.Parse(clean)
	if err != nil || u.Host == "" {
		return clean
	}
	fileName, fileVersion := pythonFile(u.Path)
	if fileName == foldPython(name) && fileVersion != "" && (version == "" || samePythonVersion(version, fileVersion)) {
		return hostURL(u)
	}
	return clean
}

// needsBuild is whether a file or folder is installed by running its build, because it is no wheel.
func (a artifact) needsBuild() bool { return !isWheel(a.file()) }

func (a artifact) file() string {
	if a.url == "" {
		return a.path
	}
	before, _, _ := strings.Cut(a.url, "?")
	before, _, _ = strings.Cut(before, "#")
	return before
}

// sourcesOf joins the index of a package and where its files are, as far as they are elsewhere.
func sourcesOf(index string, files []artifact, name, version string) string {
	var all []string
	if index != "" {
		all = append(all, index)
	}
	for _, each := range files {
		if each != (artifact{}) {
			all = append(all, each.source(name, version))
		}
	}
	return joined(all)
}
