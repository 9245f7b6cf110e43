package lockfile

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

const (
	// maxXMLDepth limits how deep elements are nested.
	maxXMLDepth = 100
	// maxXMLAttributes limits the attributes of an element.
	maxXMLAttributes = 100
	// maxXMLChildren limits the children of an element that may have each child only once.
	maxXMLChildren = 1000
)

// xmlKind is what an element of a known place may contain.
type xmlKind int

const (
	// xmlObject has each child at most once.
	xmlObject xmlKind = iota + 1
	// xmlList may repeat its children.
	xmlList
	// xmlText has no children.
	xmlText
	// xmlReserved is the kind of "//name": elements of this name are refused where they have no place.
	xmlReserved
)

// xmlSchema is what a reader knows of its files: kinds by place. A place is the path of names from the root; "*" is a child of any name. What
// has no place is only held to be well formed.
type xmlSchema map[string]xmlKind

// place returns that of a child, or "" if there is none.
func (s xmlSchema) place(parent, name string) string {
	if parent != "" {
		parent += "/"
	}
	if _, known := s[parent+name]; known {
		return parent + name
	}
	if _, known := s[parent+"*"]; known {
		return parent + "*"
	}
	return ""
}

// xmlElement is one of a known place.
type xmlElement struct {
	place, name string
	attributes  []xml.Attr
	// text is complete when the element ends.
	text string
}

// readXML reads strictly: UTF-8 (or ASCII that is declared as a part of another encoding), no DTD, hence no entities but the given ones, one
// root, no attribute twice, and in known places no prefix (the tools differ about namespaces) and no child twice where there can be one. start
// and end are called for elements of known places.
func readXML(data []byte, entities map[string]string, schema xmlSchema, start, end func(xmlElement) error) error {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		return errors.New("the file is not UTF-8")
	}
	decoder := xml.NewDecoder(bytes.NewReader(data))
	decoder.Entity = entities
	decoder.CharsetReader = func(label string, input io.Reader) (io.Reader, error) {
		if isASCII(data) && (strings.EqualFold(label, "ISO-8859-1") || strings.EqualFold(label, "US-ASCII")) {
			return input, nil
		}
		return nil, fmt.Errorf("the encoding %.100q is not read", label)
	}
	w := &xmlWalk{schema: schema, start: start, end: end}
	for {
		offset := decoder.InputOffset()
		// The raw tokens have the names as written.
		token, err := decoder.RawToken()
		if err == io.EOF {
			return w.finish()
		}
		if err == nil {
			err = w.token(token, offset)
		}
		if err != nil {
			line, _ := decoder.InputPos()
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
}

type xmlWalk struct {
	schema     xmlSchema
	start, end func(xmlElement) error
	open       []*xmlFrame
	rooted     bool
}

// xmlFrame is an element that has not ended.
type xmlFrame struct {
	xmlElement
	raw  string
	kind xmlKind
	body strings.Builder
	seen map[string]bool
}

func (w *xmlWalk) token(token xml.Token, offset int64) error {
	switch t := token.(type) {
	case xml.StartElement:
		return w.push(t)
	case xml.EndElement:
		return w.pop(rawName(t.Name))
	case xml.CharData:
		return w.characters(t)
	case xml.Directive:
		return errors.New("the file has a document type, which is not read")
	case xml.ProcInst:
		if t.Target == "xml" && offset != 0 {
			return errors.New("an XML declaration is not at the beginning")
		}
	}
	return nil
}

func (w *xmlWalk) push(t xml.StartElement) error {
	if len(w.open) == maxXMLDepth {
		return fmt.Errorf("elements are nested more than %d deep", maxXMLDepth)
	}
	if len(t.Attr) > maxXMLAttributes {
		return fmt.Errorf("an element has more than %d attributes", maxXMLAttributes)
	}
	for i, a := range t.Attr {
		for _, b := range t.Attr[:i] {
			if a.Name == b.Name {
				return fmt.Errorf("attribute %.100q is there twice", rawName(a.Name))
			}
		}
	}
	f := &xmlFrame{raw: rawName(t.Name)}
	if len(w.open) == 0 {
		if w.rooted {
			return errors.New("the file has two roots")
		}
		w.rooted = true
		f.place = w.schema.place("", f.raw)
		if f.place == "" {
			return fmt.Errorf("the root is %.100q, which is another kind of file", f.raw)
		}
	} else if parent := w.open[len(w.open)-1]; parent.place != "" {
		if err := parent.child(f.raw); err != nil {
			return err
		}
		f.place = w.schema.place(parent.place, f.raw)
	}
	w.open = append(w.open, f)
	if f.place == "" {
		if w.schema["//"+f.raw] == xmlReserved {
			return fmt.Errorf("%q is in a wrong place", f.raw)
		}
		return nil
	}
	f.name, f.attributes, f.kind = f.raw, t.Attr, w.schema[f.place]
	return w.start(f.xmlElement)
}

func (f *xmlFrame) child(name string) error {
	switch {
	case f.kind == xmlText:
		return fmt.Errorf("%.100q has elements, where only text can be", f.name)
	case strings.Contains(name, ":"):
		return fmt.Errorf("%.100q has a prefix", name)
	case f.kind == xmlObject && f.seen[name]:
		return fmt.Errorf("%.100q is there twice", name)
	case f.kind == xmlObject && len(f.seen) == maxXMLChildren:
		return fmt.Errorf("%.100q has more than %d children", f.name, maxXMLChildren)
	case f.kind == xmlObject:
		if f.seen == nil {
			f.seen = map[string]bool{}
		}
		f.seen[name] = true
	}
	return nil
}

func (w *xmlWalk) characters(text []byte) error {
	if len(w.open) == 0 {
		if len(bytes.TrimSpace(text)) > 0 {
			return errors.New("there is text outside of the root")
		}
		return nil
	}
	f := w.open[len(w.open)-1]
	switch {
	case f.kind == xmlText:
		f.body.Write(text)
	case f.place != "" && len(bytes.TrimSpace(text)) > 0:
		return fmt.Errorf("%.100q has text, where only elements can be", f.name)
	}
	return nil
}

func (w *xmlWalk) pop(name string) error {
	if len(w.open) == 0 || w.open[len(w.open)-1].raw != name {
		return fmt.Errorf("%.100q ends where it is not open", name)
	}
	f := w.open[len(w.open)-1]
	w.open = w.open[:len(w.open)-1]
	if f.place == "" {
		return nil
	}
	f.text = strings.TrimFunc(f.body.String(), func(r rune) bool { return r <= ' ' })
	return w.end(f.xmlElement)
}

func (w *xmlWalk) finish() error {
	if !w.rooted || len(w.open) > 0 {
		return errors.New("the file ends too early")
	}
	return nil
}

func isASCII(data []byte) bool {
	for _, b := range data {
		if b >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func rawName(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}
