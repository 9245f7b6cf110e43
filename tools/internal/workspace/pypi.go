package workspace

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// pypi reads a package's METADATA, and its RECORD: the files beside it that belong to it. A file belongs to the first package (sorted)
// whose RECORD has it.
func (r *reader) pypi(p *fetchedPackage, number uint32) {
	r.say(p.root, "METADATA", maxMetadata, func(data []byte) error {
		name, version, err := readMetadata(data)
		if err != nil {
			return err
		}
		return p.named(name, version)
	})
	tree := r.tree.nodes[p.from].owner
	r.say(p.root, "RECORD", maxRecord, func(data []byte) error {
		return readRecord(data, func(file string) {
			i, found := r.tree.find(p.from, file)
			if n := &r.tree.nodes[i]; found && n.kind != kindFolder && n.owner == tree {
				n.owner = number
			}
		})
	})
}

// readMetadata reads the headers of a METADATA, which end with an empty line.
func readMetadata(data []byte) (name, version string, err error) {
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
		return "", "", errMetadata
	}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			break
		}
		// A line that begins with a space goes on with the one before.
		key, value, found := strings.Cut(line, ":")
		if line[0] == ' ' || line[0] == '\t' || !found {
			continue
		}
		to := &name
		switch strings.ToLower(key) {
		case "name":
		case "version":
			to = &version
		default:
			continue
		}
		if value = strings.TrimSpace(value); *to != "" || value == "" {
			return "", "", errMetadata
		}
		*to = value
	}
	if name == "" || version == "" {
		return "", "", errMetadata
	}
	return name, version, nil
}

// readRecord calls each for every path of a RECORD: lines of comma-separated values, the path first.
func readRecord(data []byte, each func(file string)) error {
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
		return errMetadata
	}
	lines := csv.NewReader(bytes.NewReader(data))
	lines.FieldsPerRecord, lines.ReuseRecord = -1, true
	for {
		fields, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		each(fields[0])
	}
}
