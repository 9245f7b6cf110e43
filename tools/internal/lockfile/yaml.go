package lockfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

const (
	// maxYAMLMarks limits the bytes in a document that can begin a value, before its tree is built: a value takes up to 200 bytes of
	// memory, and two values may begin at one such byte.
	maxYAMLMarks = 300_000
	// maxYAMLDepth limits the mappings and sequences within each other.
	maxYAMLDepth = 32
)

// parseYAML reads one document of the plain part of YAML that package managers write: mappings, sequences and texts. An error is all that
// two programs could understand differently, or that grows when it is read: anchors and aliases, merge keys, tags, directives, several
// documents, a key that a mapping has twice, a key that is no text, and the line separators that only some versions of YAML know.
func parseYAML(data []byte) (*yaml.Node, error) {
	if err := checkText(data); err != nil {
		return nil, err
	}
	marks := 0
	for i, c := range data {
		switch c {
		case '\n', '\r', ',', ':', '[', '{', '?':
			marks++
		case '-':
			if i+1 < len(data) && (data[i+1] == ' ' || data[i+1] == '\n' || data[i+1] == '\r' || data[i+1] == '\t') {
				marks++
			}
		}
	}
	if marks > maxYAMLMarks {
		return nil, errors.New("the document has too many values")
	}
	for line := range bytes.Lines(data) {
		if line[0] == '%' {
			return nil, errors.New("the document has a directive")
		}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document yaml.Node
	if err := decoder.Decode(&document); err != nil {
		return nil, err
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("the file has several documents")
	}
	if document.Kind != yaml.DocumentNode || len(document.Content) != 1 || document.Content[0].Kind != yaml.MappingNode {
		return nil, errors.New("the document is no mapping")
	}
	return document.Content[0], checkYAML(document.Content[0], 1)
}

// checkText fails if a text has what programs see or separate lines by in different ways.
func checkText(data []byte) error {
	if !utf8.Valid(data) {
		return errors.New("this is not UTF-8")
	}
	for _, c := range string(data) {
		switch {
		case c == '\t' || c == '\n' || c == '\r':
		case c < ' ' || 0x7f <= c && c <= 0x9f || c == 0x2028 || c == 0x2029 || c == 0xfeff:
			return fmt.Errorf("the text has the character %U", c)
		}
	}
	return nil
}

func checkYAML(n *yaml.Node, depth int) error {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return fmt.Errorf("line %d has an anchor or an alias", n.Line)
	case n.Style&yaml.TaggedStyle != 0:
		return fmt.Errorf("line %d has a tag", n.Line)
	case depth > maxYAMLDepth:
		return fmt.Errorf("line %d is nested too deeply", n.Line)
	}
	var keys map[string]struct{}
	if n.Kind == yaml.MappingNode {
		keys = make(map[string]struct{}, len(n.Content)/2)
	}
	for i, child := range n.Content {
		if keys != nil && i%2 == 0 {
			if child.Kind != yaml.ScalarNode || child.Value == "<<" {
				return fmt.Errorf("line %d has a key that is no text", child.Line)
			}
			if _, twice := keys[child.Value]; twice {
				return fmt.Errorf("line %d has a key twice", child.Line)
			}
			keys[child.Value] = struct{}{}
		}
		if err := checkYAML(child, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// fields returns the values of a mapping by their keys; of null, too, and of what is not there.
func fields(n *yaml.Node) (map[string]*yaml.Node, error) {
	all := map[string]*yaml.Node{}
	for key, value := range entries(n) {
		all[key] = value
	}
	return all, isMapping(n)
}

// isMapping fails if a value is there and is neither a mapping nor null.
func isMapping(n *yaml.Node) error {
	if n == nil || n.Kind == yaml.MappingNode || n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return nil
	}
	return fmt.Errorf("line %d is no mapping", n.Line)
}

// entries are the keys and values of a mapping.
func entries(n *yaml.Node) iter.Seq2[string, *yaml.Node] {
	return func(yield func(string, *yaml.Node) bool) {
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i].Value, n.Content[i+1]) {
				return
			}
		}
	}
}

// text is the value of a text, and empty for null and for what is not there. It fails for any other type: programs write numbers and dates
// differently.
func text(n *yaml.Node) (string, error) {
	switch {
	case n == nil || n.Kind == yaml.ScalarNode && n.Tag == "!!null":
		return "", nil
	case n.Kind != yaml.ScalarNode || n.Tag != "!!str":
		return "", fmt.Errorf("line %d is no text", n.Line)
	}
	return n.Value, nil
}

// texts reads several fields, each a text.
func texts(fields map[string]*yaml.Node, to map[string]*string) error {
	for name, where := range to {
		value, err := text(fields[name])
		if err != nil {
			return err
		}
		*where = value
	}
	return nil
}

// isTrue is whether a value is there and is true. It fails for a value of another type.
func isTrue(n *yaml.Node) (bool, error) {
	switch {
	case n == nil || n.Kind == yaml.ScalarNode && n.Tag == "!!null":
		return false, nil
	case n.Kind != yaml.ScalarNode || n.Tag != "!!bool":
		return false, fmt.Errorf("line %d is neither true nor false", n.Line)
	}
	return n.Value[0] == 't' || n.Value[0] == 'T', nil
}
