package lockfile

import (
	"strings"
	"testing"
)

func TestURLsHaveNoCredentialsAndNoQuery(t *testing.T) {
	for raw, want := range map[string]string{
		"https://user:SECRET@Example.com/a?SECRET#SECRET": "https://example.com/a",
		"https://SECRET@example.com":                      "https://example.com",
		"https://a@SECRET@example.com:8443/a":             "https://example.com:8443/a",
		"https://${USER}:${SECRET}@example.com/a":         "https://example.com/a",
		"https://user:SE/CRET@example.com/a":              "invalid",
		"https://user:SE?CRET@example.com/a":              "invalid",
		"https://user:SE#CRET@example.com/a":              "invalid",
		`https://user:SE\CRET@example.com/a`:              "invalid",
		"https://user:12/SECRET@example.com/a":            "invalid",
		"https://user/SECRET%40example.com/a":             "invalid",
		"https://${SECRET}/a":                             "invalid",
		"https:user:SECRET@example.com":                   "invalid",
		"https:///SECRET":                                 "invalid",
		"SECRET":                                          "invalid",
		"file:///srv/a":                                   "file:/srv/a",
		"https://example.com/a%2Fb/%41":                   "https://example.com/a%2Fb/%41",
	} {
		if got := cleanURL(raw); got != want || strings.Contains(got, "SECRET") {
			t.Errorf("%s: %s", raw, got)
		}
	}
}

func TestARegistryIsItsHostIfItsPathIsUsual(t *testing.T) {
	for raw, want := range map[string]string{
		"https://u:p@pypi.example.com/simple/":       "https://pypi.example.com",
		"https://pypi.example.com":                   "https://pypi.example.com",
		"https://registry.example.com/index":         "https://registry.example.com",
		"https://registry.example.com/team-b/simple": "https://registry.example.com/team-b/simple",
		"../wheels":  "file:../wheels",
		"${INDEX}":   "invalid",
		"C:\\wheels": "invalid",
	} {
		if got := indexURL(raw); got != want {
			t.Errorf("%s: %s", raw, got)
		}
	}
}

func TestRepositories(t *testing.T) {
	for raw, want := range map[string]string{
		"https://u:p@git.example.com/a?rev=main": "git+https://git.example.com/a#c",
		"git+https://git.example.com/a":          "git+https://git.example.com/a#c",
		"git@git.example.com:a/b.git":            "git+ssh://git.example.com/a/b.git#c",
		"ssh://git@git.example.com/a":            "git+ssh://git.example.com/a#c",
		"../a":                                   "git+file:../a#c",
		"x/SECRET@y:z":                           "git+invalid#c",
	} {
		if got := gitURL(raw, "c"); got != want {
			t.Errorf("%s: %s", raw, got)
		}
	}
}
