package lockfile

import (
	"net/url"
	"strings"
)

// invalidURL stands for a URL that cannot be read, because credentials could be anywhere in it.
const invalidURL = "invalid"

// cleanURL returns a URL without credentials, query and fragment; a file: URL as file:PATH.
func cleanURL(raw string) string {
	u := parseURL(raw)
	switch {
	case u == nil:
		return invalidURL
	case u.Scheme == "file":
		return "file:" + u.Path
	}
	return u.String()
}

// indexURL returns the scheme and host of a registry whose path is a usual one, otherwise the whole URL; a path on the disk as file:PATH.
func indexURL(raw string) string {
	clean := fileSource(raw)
	u := parseURL(clean)
	if u == nil {
		return clean
	}
	switch strings.Trim(u.Path, "/") {
	case "", "simple", "index":
		return hostURL(u)
	}
	return clean
}

// fileSource returns a URL as cleanURL does, and a path as file:PATH. A path with a colon or a variable could be a URL with credentials.
func fileSource(raw string) string {
	if strings.Contains(raw, "://") {
		return cleanURL(raw)
	}
	path := strings.TrimPrefix(raw, "file:")
	if strings.ContainsAny(path, ":$") {
		return invalidURL
	}
	return "file:" + path
}

// hostURL is the scheme and host of a URL.
func hostURL(u *url.URL) string { return u.Scheme + "://" + u.Host }

// gitURL returns git+URL#COMMIT. A location without a scheme (git@git.example.com:a/b) is one of ssh.
func gitURL(raw, commit string) string {
	raw = strings.TrimPrefix(raw, "git+")
	if !strings.Contains(raw, "://") {
		host, path, remote := strings.Cut(raw, ":")
		if !remote || strings.Contains(host, "/") {
			return "git+" + fileSource(raw) + "#" + commit
		}
		raw = "ssh://" + host + "/" + path
	}
	return "git+" + cleanURL(raw) + "#" + commit
}

// parseURL returns nil if the URL has no scheme and host, or cannot be read. The result has neither credentials nor query nor fragment.
func parseURL(raw string) *url.URL {
	scheme, rest, found := strings.Cut(raw, "://")
	if !found {
		return nil
	}
	// What a person wrote as a password need not be valid in a URL.
	end := strings.IndexAny(rest, "/?#\\")
	if end < 0 {
		end = len(rest)
	}
	host := rest[strings.LastIndexByte(rest[:end], '@')+1 : end]
	u, err := url.Parse(scheme + "://" + host + rest[end:])
	// A password may have a slash, and then its end is in the path.
	if err != nil || u.Scheme != "file" && (u.Host == "" || strings.Contains(u.Path, "@")) {
		return nil
	}
	return &url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host), Path: u.Path, RawPath: u.RawPath}
}

// cutLast cuts before the last separator; all is before it if there is none.
func cutLast(text string, separator byte) (before, after string) {
	if i := strings.LastIndexByte(text, separator); i >= 0 {
		return text[:i], text[i+1:]
	}
	return text, ""
}

// vcsCommit cuts a URL at the last @ of its path, before which there may be credentials.
func vcsCommit(location string) (repository, commit string) {
	_, rest, _ := strings.Cut(location, "://")
	slash := strings.IndexByte(rest, '/')
	at := strings.LastIndexByte(rest, '@')
	if slash < 0 || at < slash {
		return location, ""
	}
	at += len(location) - len(rest)
	return location[:at], location[at+1:]
}
