package lockfile

import "testing"

func TestSourceIsTheRegistryAloneOnlyIfItsTarballIsAtTheUsualPlace(t *testing.T) {
	for _, c := range []struct{ name, url, source string }{
		{"lodash", "", ""},
		{"lodash", "https://registry.example.com/lodash/-/lodash-1.0.0.tgz", "https://registry.example.com"},
		{"lodash", "HTTPS://Registry.Example.COM/lodash/-/lodash-1.0.0.tgz", "https://registry.example.com"},
		{"lodash", "http://registry.example.com:8080/lodash/-/lodash-1.0.0.tgz", "http://registry.example.com:8080"},
		{"@a/b", "https://registry.example.com/@a/b/-/b-1.0.0.tgz", "https://registry.example.com"},
		{"@a/b", "https://registry.example.com/@a%2fb/-/b-1.0.0.tgz", "https://registry.example.com"},
		{"@a/b", "https://registry.example.com/b/-/b-1.0.0.tgz", "https://registry.example.com/b/-/b-1.0.0.tgz"},
		// Another package, version or file behind the name.
		{"lodash", "https://registry.example.com/1odash/-/1odash-1.0.0.tgz", "https://registry.example.com/1odash/-/1odash-1.0.0.tgz"},
		{"lodash", "https://registry.example.com/lodash/-/lodash-1.0.1.tgz", "https://registry.example.com/lodash/-/lodash-1.0.1.tgz"},
		{"lodash", "https://registry.example.com/lodash/-/lodash-1.0.0.tar", "https://registry.example.com/lodash/-/lodash-1.0.0.tar"},
		// A registry below a path.
		{"lodash", "https://files.example.com/repository/npm/lodash/-/lodash-1.0.0.tgz", "https://files.example.com/repository/npm"},
		{"lodash", "https://registry.example.com/x/../lodash/-/lodash-1.0.0.tgz", "https://registry.example.com/x/.."},
		{"b", "https://registry.example.com/@a/b/-/b-1.0.0.tgz", "https://registry.example.com/@a"},
		{"lodash", "https://files.example.com/xlodash/-/lodash-1.0.0.tgz", "https://files.example.com/xlodash/-/lodash-1.0.0.tgz"},
		// What a query selects is unknown, so the rest is kept.
		{"lodash", "https://registry.example.com/lodash/-/lodash-1.0.0.tgz?token=secret", "https://registry.example.com/lodash/-/lodash-1.0.0.tgz"},
		{"lodash", "https://registry.example.com/lodash/-/lodash-1.0.0.tgz#secret", "https://registry.example.com"},
	} {
		if got := npmSource(c.url, c.name, "1.0.0"); got != c.source {
			t.Errorf("%s from %q is %q, want %q", c.name, c.url, got, c.source)
		}
	}
}

func TestSourceHasNoCredentials(t *testing.T) {
	for url, source := range map[string]string{
		"https://user:pass@registry.example.com/x.tgz":         "https://registry.example.com/x.tgz",
		"https://user:p@ss@registry.example.com/x.tgz":         "https://registry.example.com/x.tgz",
		"https://user:pass@registry.example.com":               "https://registry.example.com",
		`https:\\user:pass@registry.example.com\x.tgz`:         `https:\\registry.example.com\x.tgz`,
		"https:user:pass@registry.example.com/x.tgz":           "registry.example.com/x.tgz",
		"https:/user:pass@registry.example.com/x.tgz":          "https:/registry.example.com/x.tgz",
		"//user:pass@registry.example.com/x.tgz":               "//registry.example.com/x.tgz",
		"https://registry.example.com/x.tgz?a=@b":              "https://registry.example.com/x.tgz",
		"git+ssh://git@git.example.com/a/b.git#c0ffee":         "git+ssh://git.example.com/a/b.git#c0ffee",
		"git+https://token@git.example.com/a/b.git?x=1#c0ffee": "git+https://git.example.com/a/b.git#c0ffee",
		"https://git.example.com/a/b.git#commit=c0ffee":        "https://git.example.com/a/b.git#commit=c0ffee",
		"https://git.example.com/a/b#commit=c0ffee":            "https://git.example.com/a/b#commit=c0ffee",
		"git@git.example.com:a/b.git#c0ffee":                   "git.example.com:a/b.git#c0ffee",
		"user:pass@git.example.com/a/b":                        "git.example.com/a/b",
		" https://user:pass@registry.example.com/x.tgz":        "https://registry.example.com/x.tgz",
		"ht\ntps://user:pass@registry.example.com/x.tgz":       "ht\ntps://registry.example.com/x.tgz",
		"file://user:pass@registry.example.com/x.tgz":          "file://registry.example.com/x.tgz",
		"github:a/b#c0ffee":                                    "github:a/b#c0ffee",
		"file:../@scope/x.tgz#0123":                            "file:../@scope/x.tgz",
	} {
		if got := npmSource(url, "x", "1.0.0"); got != source {
			t.Errorf("%q is %q, want %q", url, got, source)
		}
	}
}

func TestSourceOfARepositoryIsItsAddressAndCommit(t *testing.T) {
	for repo, source := range map[string]string{
		"https://user:pass@git.example.com/a/b.git?x#y": "git+https://git.example.com/a/b.git#c0ffee",
		"ssh://git@git.example.com/a/b.git":             "git+ssh://git.example.com/a/b.git#c0ffee",
		"git+ssh://git@git.example.com/a/b.git":         "git+ssh://git.example.com/a/b.git#c0ffee",
		"git.example.com:a/b.git":                       "git+ssh://git.example.com/a/b.git#c0ffee",
		"git@git.example.com:a/b.git":                   "git+ssh://git.example.com/a/b.git#c0ffee",
	} {
		if got := gitSource(repo, "c0ffee"); got != source {
			t.Errorf("%q is %q, want %q", repo, got, source)
		}
	}
}

func TestSHA1IsThatOfATarball(t *testing.T) {
	const sha1 = "0123456789abcdef0123456789abcdef01234567"
	for url, wanted := range map[string]string{
		"https://registry.example.com/x.tgz#" + sha1: "sha1:" + sha1,
		"file:x.tgz#" + sha1:                         "sha1:" + sha1,
		"https://git.example.com/x.git#" + sha1:      "",
		"git+ssh://git.example.com/x#" + sha1:        "",
		"https://registry.example.com/x.tgz#abc":     "",
	} {
		if got := sha1OfTarball(url); got != wanted {
			t.Errorf("%q has %q, want %q", url, got, wanted)
		}
	}
}
