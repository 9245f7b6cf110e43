package lockfile

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/pelletier/go-toml/v2"
)

// maxTOMLDepth limits how many arrays and inline tables are within each other, and how many parts a key has. A parser calls itself for each.
const maxTOMLDepth = 32

var errTOMLDepth = fmt.Errorf("values or keys are nested more than %d deep", maxTOMLDepth)

// table is a table of a TOML document. Its methods return the zero value if the key is absent; a value of another type, too, and then the
// document is wrong.
type table struct {
	values map[string]any
	wrong  *error
}

// parseTOML reads a document. Keys that appear twice are an error, and keys that differ in case are different.
func parseTOML(data []byte) (table, error) {
	if err := checkTOMLDepth(data); err != nil {
		return table{}, err
	}
	values := map[string]any{}
	if err := toml.Unmarshal(data, &values); err != nil {
		return table{}, err
	}
	return table{values, new(error)}, nil
}

// result is what was read, if no value was wrong.
func (t table) result(all *set) ([]Dependency, error) {
	if *t.wrong != nil {
		return nil, *t.wrong
	}
	return all.list(), nil
}

func (t table) has(key string) bool { _, has := t.values[key]; return has }

func (t table) text(key string) string   { return value[string](t, key) }
func (t table) integer(key string) int64 { return value[int64](t, key) }
func (t table) boolean(key string) bool  { return value[bool](t, key) }
func (t table) table(key string) table   { return table{value[map[string]any](t, key), t.wrong} }
func (t table) tables(key string) (all []table) {
	for _, each := range value[[]any](t, key) {
		values, ok := each.(map[string]any)
		if !ok {
			t.fail(key)
		}
		all = append(all, table{values, t.wrong})
	}
	return all
}

// texts returns the texts of an array.
func (t table) texts(key string) (all []string) {
	for _, each := range value[[]any](t, key) {
		text, ok := each.(string)
		if !ok {
			t.fail(key)
		}
		all = append(all, text)
	}
	return all
}

// required is a text that must not be empty.
func (t table) required(key string) string {
	text := t.text(key)
	if text == "" {
		t.fail(key)
	}
	return text
}

func value[T any](t table, key string) (result T) {
	if found, has := t.values[key]; has {
		var ok bool
		if result, ok = found.(T); !ok {
			t.fail(key)
		}
	}
	return result
}

func (t table) fail(key string) {
	if *t.wrong == nil {
		*t.wrong = fmt.Errorf("%q is missing, or has another type than it must have", key)
	}
}

// checkTOMLDepth looks at brackets and at the dots of keys outside strings and comments. Where it and the parser could see different
// strings, the document is wrong for both.
func checkTOMLDepth(data []byte) error {
	depth, dots := 0, 0
	for i := 0; i < len(data); i++ {
		switch c := data[i]; c {
		case '[', '{':
			depth++
			dots = 0
		case ']', '}':
			// A document that closes more than it opened is the parser's to refuse; here it must not buy depth.
			depth = max(depth-1, 0)
		case '.':
			dots++
		case '=', ',', '\n':
			dots = 0
		case '#':
			end := bytes.IndexByte(data[i:], '\n')
			if end < 0 {
				return nil
			}
			i += end
			dots = 0
		case '"', '\'':
			length := tomlString(data[i:])
			if length < 0 {
				return errors.New("a text does not end")
			}
			i += length - 1
		}
		if depth > maxTOMLDepth || dots >= maxTOMLDepth {
			return errTOMLDepth
		}
	}
	return nil
}

// tomlString is the length of the text that data begins with, with its quotes; -1 if it does not end.
func tomlString(data []byte) int {
	quote := data[0]
	triple := bytes.Repeat(data[:1], 3)
	if !bytes.HasPrefix(data, triple) {
		for i := 1; i < len(data); i++ {
			switch c := data[i]; {
			case c == quote:
				return i + 1
			case c == '\n':
				return -1
			case c == '\\' && quote == '"':
				i++
			}
		}
		return -1
	}
	for i := 3; i < len(data); i++ {
		if data[i] == '\\' && quote == '"' {
			i++
		} else if bytes.HasPrefix(data[i:], triple) {
			end := i + 3
			// One or two more quotes before the last three are of the text.
			for end < len(data) && end < i+5 && data[end] == quote {
				end++
			}
			return end
		}
	}
	return -1
}
