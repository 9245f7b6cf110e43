package workspace

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// cargo reads a crate's Cargo.toml. Its build script is what that names, or build.rs.
func (r *reader) cargo(p *fetchedPackage) {
	r.say(p.root, "Cargo.toml", maxMetadata, func(data []byte) error {
		m, err := readCargo(data)
		if err != nil {
			return err
		}
		if m.build != "" {
			p.hook("build.rs")
			if i, found := r.tree.find(p.root, m.build); found {
				p.code = append(p.code, i)
			}
		}
		return p.named(m.name, m.version)
	})
}

// manifest is what a Cargo.toml says that matters here.
type manifest struct{ name, version, build string }

// readCargo reads the table [package] of a Cargo.toml, in the form in which cargo publishes it: name and version are strings without
// escapes, each on a line of its own. It knows no more of TOML than where strings and arrays end; anything else in this table is an error, and
// in other tables is skipped.
func readCargo(data []byte) (m manifest, err error) {
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
		return m, errMetadata
	}
	table := ""
	for rest := string(data); rest != ""; {
		line := strings.TrimLeft(rest, " \t\r\n")
		if strings.HasPrefix(line, "#") || line == "" {
			_, rest, _ = strings.Cut(line, "\n")
			continue
		}
		if strings.HasPrefix(line, "[") {
			table, rest, _ = strings.Cut(line, "\n")
			table, _, _ = strings.Cut(table, "#")
			table = strings.TrimSpace(table)
			continue
		}
		key, value, found := strings.Cut(line, "=")
		if !found || strings.ContainsAny(key, "\n\\#[") {
			return m, errMetadata
		}
		key = strings.Trim(strings.TrimSpace(key), `"'`)
		value = strings.TrimLeft(value, " \t")
		length, plain := valueLength(value)
		if length < 0 {
			return m, errMetadata
		}
		value, rest = value[:length], value[length:]
		if table != "[package]" {
			if table == "" && strings.HasPrefix(key, "package") {
				return m, errMetadata
			}
			continue
		}
		to := map[string]*string{"name": &m.name, "version": &m.version, "build": &m.build}[key]
		switch {
		case to == nil:
		case key == "build" && strings.TrimSpace(value) == "false":
		case !plain || *to != "" || len(value) < 3:
			return m, errMetadata
		default:
			*to = value[1 : len(value)-1]
		}
	}
	if m.name == "" || m.version == "" {
		return m, errMetadata
	}
	return m, nil
}

// valueLength is how long a value of TOML is, or -1; plain says that it is one string on one line without escapes.
func valueLength(text string) (length int, plain bool) {
	open := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '"', '\'':
			end, simple := stringLength(text[i:])
			if end < 0 {
				return -1, false
			}
			if i == 0 {
				plain = simple
			}
			i += end - 1
			if plain && i+1 == end {
				return end, true
			}
		case '[', '{':
			open++
		case ']', '}':
			open--
		case '#', '\n':
			if open <= 0 {
				return i, false
			}
			if c == '#' {
				end := strings.IndexByte(text[i:], '\n')
				if end < 0 {
					return -1, false
				}
				i += end
			}
		}
	}
	if open > 0 {
		return -1, false
	}
	return len(text), false
}

// stringLength is how long a string of TOML is with its quotes, or -1.
func stringLength(text string) (length int, simple bool) {
	quote := text[:1]
	if triple := strings.Repeat(quote, 3); strings.HasPrefix(text, triple) {
		for i := 3; i < len(text); i++ {
			switch {
			case quote == `"` && text[i] == '\\':
				i++
			case strings.HasPrefix(text[i:], triple):
				// Up to two quotes may stand before the three.
				for i += 3; i < len(text) && text[i:i+1] == quote; i++ {
				}
				return i, false
			}
		}
		return -1, false
	}
	simple = true
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '\n':
			return -1, false
		case quote == `"` && text[i] == '\\':
			simple = false
			i++
		case text[i:i+1] == quote:
			return i + 1, simple
		}
	}
	return -1, false
}
