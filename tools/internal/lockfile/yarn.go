package lockfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// yarn.lock has two formats. Yarn 2 and newer ("berry") take a file for one of Yarn 1 if a comment at its beginning says so; and so does this.
func init() {
	formats["yarn"] = format{max: MaxText, read: readYarn}
	names["yarn.lock"] = "yarn"
}

// maxYarnFields limits the keys and fields of a lockfile of Yarn 1.
const maxYarnFields = 500_000

var (
	yarnHeader = regexp.MustCompile(`(?i)^#\s+yarn\s+lockfile\s+v1\s*$`)
	// yarnWord is a text that Yarn 1 writes without quotes, and cannot take for true, false or a number.
	yarnWord = regexp.MustCompile(`^[A-Za-z/.-][^\s:,"]*`)
)

func readYarn(data []byte) ([]Dependency, error) {
	if err := checkText(data); err != nil {
		return nil, err
	}
	for line := range bytes.Lines(data) {
		if line[0] != '#' {
			break
		}
		if yarnHeader.Match(bytes.TrimRight(line, "\r\n")) {
			return readYarn1(data)
		}
	}
	return readBerry(data)
}

// yarnEntry is a package of Yarn 1, with what the project and other packages ask for it by (name@range), and its fields.
type yarnEntry struct {
	line     int
	patterns []string
	fields   map[string]string
}

// readYarn1 reads the lines that Yarn 1 writes, and no others: Yarn itself takes more, and also YAML, and the remains of a merge.
//
//	"@scope/name@^1.0.0", alias@npm:name@^1.0.0:
//	  version "1.0.0"
//	  resolved "https://...#sha1"
//	  dependencies:
//	    other "^2.0.0"
func readYarn1(data []byte) ([]Dependency, error) {
	var all set
	var entry *yarnEntry
	seen := map[string]struct{}{}
	section, count, number := "", 0, 0
	for raw := range bytes.Lines(data) {
		number++
		line := strings.TrimSuffix(strings.TrimSuffix(string(raw), "\n"), "\r")
		if line == "" || line[0] == '#' {
			continue
		}
		if count++; count > maxYarnFields {
			return nil, ErrTooMany
		}
		indented := strings.TrimLeft(line, " ")
		words, opens, err := yarnLine(indented)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		key := words[0]
		switch indent := len(line) - len(indented); {
		case indent == 0 && opens:
			if err := addYarn1(&all, entry); err != nil {
				return nil, err
			}
			entry, section, key = &yarnEntry{number, words, map[string]string{}}, "", ""
			for _, pattern := range words {
				if _, twice := seen[pattern]; twice {
					return nil, fmt.Errorf("line %d: a key is there twice", number)
				}
				seen[pattern] = struct{}{}
			}
		case indent == 2 && entry != nil && len(words) == 1 && opens:
			section = key
			key = section + ":"
		case indent == 2 && entry != nil && len(words) == 2 && !opens:
			section = ""
		case indent == 4 && entry != nil && section != "" && len(words) == 2 && !opens:
			key = section + ":" + key
		default:
			return nil, fmt.Errorf("line %d: Yarn writes no such line", number)
		}
		if key == "" {
			continue
		}
		if _, twice := entry.fields[key]; twice {
			return nil, fmt.Errorf("line %d: a field is there twice", number)
		}
		entry.fields[key] = words[len(words)-1]
	}
	if err := addYarn1(&all, entry); err != nil {
		return nil, err
	}
	return all.list(), nil
}

// yarnLine splits a line into words: separated by commas if a colon follows them, and otherwise by a space.
func yarnLine(line string) (words []string, opens bool, err error) {
	for {
		word, rest, err := yarnText(line)
		if err != nil {
			return nil, false, err
		}
		words = append(words, word)
		switch {
		case rest == "":
			return words, false, nil
		case rest == ":" && (len(words) == 1 || opens):
			return words, true, nil
		case strings.HasPrefix(rest, ", ") && (len(words) == 1 || opens):
			opens = true
			line = rest[2:]
		case rest[0] == ' ' && len(words) == 1:
			line = rest[1:]
		default:
			return nil, false, errors.New("Yarn writes no such line")
		}
	}
}

// yarnText returns the first word of a line, and what follows it.
func yarnText(line string) (word, rest string, err error) {
	if !strings.HasPrefix(line, `"`) {
		word = yarnWord.FindString(line)
		if word == "" || strings.HasPrefix(word, "true") || strings.HasPrefix(word, "false") {
			return "", "", errors.New("a text has no quotes")
		}
		return word, line[len(word):], nil
	}
	for i := 1; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '"':
			err := json.Unmarshal([]byte(line[:i+1]), &word)
			return word, line[i+1:], err
		}
	}
	return "", "", errors.New("a text has no end")
}

func addYarn1(all *set, entry *yarnEntry) error {
	if entry == nil {
		return nil
	}
	version := entry.fields["version"]
	if version == "" {
		return fmt.Errorf("the package in line %d has no version", entry.line)
	}
	for _, pattern := range entry.patterns {
		name, from := splitName(pattern)
		if alias, isAlias := strings.CutPrefix(from, "npm:"); isAlias {
			name, from = splitName(alias)
		}
		if entry.fields["name"] != "" {
			name = entry.fields["name"]
		}
		if name == "" {
			return fmt.Errorf("the package in line %d has no name", entry.line)
		}
		d := Dependency{Ecosystem: npm, Name: name, Version: version}
		resolved := entry.fields["resolved"]
		if resolved == "" && strings.HasPrefix(from, "file:") {
			resolved = from
		}
		d.Source = npmSource(resolved, name, version)
		if err := all.addPinned(d, entry.fields["integrity"], sha1OfTarball(resolved)); err != nil {
			return err
		}
	}
	return nil
}
