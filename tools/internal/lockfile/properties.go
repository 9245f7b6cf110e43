package lockfile

import (
	"fmt"
	"strings"
)

const (
	// maxProperties limits those of a pom, and those of each of its profiles.
	maxProperties = 10_000
	// maxValue limits a text in bytes, once its properties are replaced.
	maxValue = 4096
	// maxReferences limits how many properties refer to one another in a chain.
	maxReferences = 50
)

// properties replaces ${name} as Maven does: the project's own coordinates behind project. and pom. first, then the properties, those of a
// profile before those of the file, then the coordinates without a prefix. What is unknown, or refers to itself, stays as it is.
type properties struct {
	project, own, profile map[string]string
	// values are the ones that are known already; a nil is being looked for.
	values map[string]*string
}

func putProperty(to map[string]string, e xmlElement) error {
	if _, again := to[e.name]; !again && len(to) == maxProperties {
		return fmt.Errorf("the pom has more than %d properties", maxProperties)
	}
	// Maven takes the last.
	to[e.name] = e.text
	return nil
}

func (p *properties) expand(text string, depth int) (string, error) {
	if !strings.Contains(text, "${") && len(text) <= maxValue {
		return text, nil
	}
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${")
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			out.WriteString(text)
			break
		}
		out.WriteString(before)
		value, known, err := p.value(name, depth)
		if err != nil {
			return "", err
		}
		if !known {
			value = "${" + name + "}"
		}
		out.WriteString(value)
		if out.Len() > maxValue {
			break
		}
		text = after
	}
	if out.Len() > maxValue {
		return "", fmt.Errorf("a text is longer than %d bytes", maxValue)
	}
	return out.String(), nil
}

func (p *properties) value(name string, depth int) (string, bool, error) {
	if value, seen := p.values[name]; seen {
		if value == nil {
			return "", false, nil
		}
		return *value, true, nil
	}
	raw, known := p.raw(name)
	if !known {
		return "", false, nil
	}
	if depth == maxReferences {
		return "", false, fmt.Errorf("more than %d properties refer to one another", maxReferences)
	}
	if p.values == nil {
		p.values = map[string]*string{}
	}
	p.values[name] = nil
	value, err := p.expand(raw, depth+1)
	p.values[name] = &value
	return value, true, err
}

func (p *properties) raw(name string) (string, bool) {
	for _, prefix := range []string{"project.", "pom."} {
		if bare, prefixed := strings.CutPrefix(name, prefix); prefixed {
			if value, known := p.project[bare]; known {
				return value, true
			}
		}
	}
	for _, all := range []map[string]string{p.profile, p.own, p.project} {
		if value, known := all[name]; known {
			return value, true
		}
	}
	return "", false
}
