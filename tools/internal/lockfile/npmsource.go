package lockfile

import (
	"path"
	"regexp"
	"strings"
)

const npm = "npm"

var (
	// scheme is the beginning of a URL as the package managers' URL parsers understand it: they take any number of slashes, of either kind.
	scheme = regexp.MustCompile(`^[A-Za-z0-9+.-]+:[/\\]*`)
	// credentials are what a text has before a host, wherever a program might see one in it.
	credentials = regexp.MustCompile(`([/\\]{2,})[^/\\?#]*@`)
)

// local are the protocols whose rest is a path or a name, and no host.
var local = []string{"file:", "link:", "portal:", "exec:", "patch:", "workspace:", "npm:"}

// npmSource is the source of a package of this name and version, which the lockfile says comes from this URL.
func npmSource(url, name, version string) string {
	for _, protocol := range local {
		if strings.HasPrefix(url, protocol) {
			where, _, _ := strings.Cut(url, "#")
			return credentials.ReplaceAllString(where, "$1")
		}
	}
	start, host, rest := splitURL(url)
	rest, fragment, _ := strings.Cut(rest, "#")
	where, _, query := strings.Cut(rest, "?")
	registry, usual := registryPath(where, name, version)
	switch {
	case fragment != "" && isGit(start, where, fragment):
		return start + host + where + "#" + fragment
	case usual && !query && (start == "https://" || start == "http://"):
		return start + host + registry
	default:
		return start + host + where
	}
}

// sha1OfTarball is the hash that Yarn 1 adds to the address of a tarball.
func sha1OfTarball(url string) string {
	start, _, rest := splitURL(url)
	where, fragment, _ := strings.Cut(rest, "#")
	if len(fragment) != 40 || strings.Trim(fragment, "0123456789abcdef") != "" || !strings.HasPrefix(url, "file:") && isGit(start, where, fragment) {
		return ""
	}
	return "sha1:" + fragment
}

// splitURL returns a URL's scheme with what separates it from the host, the host without credentials, and the rest. An address without
// slashes (git@host:path, user:password@host) has no scheme.
func splitURL(url string) (start, authority, rest string) {
	url = strings.TrimLeftFunc(url, func(c rune) bool { return c <= ' ' })
	if m := scheme.FindString(url); m != "" {
		start = strings.ToLower(m)
		url = url[len(m):]
	}
	end := strings.IndexAny(url, `/\?#`)
	if end < 0 {
		end = len(url)
	}
	authority, rest = url[:end], url[end:]
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		authority = authority[at+1:]
		if strings.HasSuffix(start, ":") {
			start = ""
		}
	}
	if strings.HasSuffix(start, "//") {
		authority = strings.ToLower(authority)
	}
	if start == "" {
		rest = credentials.ReplaceAllString(rest, "$1")
	}
	return start, authority, rest
}

// isGit is whether package managers fetch this with git, so that its fragment is a commit.
func isGit(start, where, fragment string) bool {
	switch strings.TrimRight(start, `:/\`) {
	case "http", "https":
		return strings.HasSuffix(where, ".git") || strings.HasPrefix(fragment, "commit=")
	default:
		return true
	}
}

// registryPath is the path of the registry that has the tarball of this name and version at this path, if it is a usual one.
func registryPath(where, name, version string) (registry string, usual bool) {
	if name == "" || version == "" {
		return "", false
	}
	file := path.Base(name) + "-" + version + ".tgz"
	for _, slash := range []string{"/", "%2f", "%2F"} {
		if registry, usual := strings.CutSuffix(where, "/"+strings.Replace(name, "/", slash, 1)+"/-/"+file); usual {
			return registry, true
		}
	}
	return "", false
}

// usualVersion is the version of a package whose tarball is at the usual place of a registry, and empty elsewhere.
func usualVersion(url, name string) string {
	_, _, where := splitURL(url)
	file := path.Base(where)
	version, named := strings.CutPrefix(file, path.Base(name)+"-")
	version, packed := strings.CutSuffix(version, ".tgz")
	if _, usual := registryPath(where, name, version); !named || !packed || !usual {
		return ""
	}
	return version
}

// addPinned adds a dependency with the hashes in integrity, which are separated by spaces.
func (s *set) addPinned(d Dependency, integrity ...string) error {
	if err := s.add(d); err != nil {
		return err
	}
	for _, each := range strings.Fields(strings.Join(integrity, " ")) {
		d.Integrity = each
		if err := s.add(d); err != nil {
			return err
		}
	}
	return nil
}
