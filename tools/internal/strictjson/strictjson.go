// Package strictjson reads hostile JSON (RFC 8259) so that no other program can understand it otherwise: keys are compared byte by byte, and
// a document in which two programs could see different values is an error. It does not build the document, so a long one costs little.
//
// An error is
//   - text that is not UTF-8, a byte order mark, a lone surrogate, or anything before or after the one value,
//   - a key that an object has twice; and in an object of fields two keys that differ only in the case of their letters,
//   - more than MaxDepth objects and arrays within each other, or more than MaxMembers members of objects that are open at once.
package strictjson

import (
	"errors"
	"fmt"
	"hash/maphash"
	"strconv"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	MaxDepth   = 128
	MaxMembers = 500_000
)

// Kind is what a value is, by its first byte.
type Kind byte

const (
	Invalid Kind = iota
	Object
	Array
	String
	Number
	Bool
	Null
)

// Reader is at one value of a document. Each of its methods reads that value, or fails if it is of another kind; then the value can still
// be read otherwise, or skipped. Any other error is the document's, also if a caller ignores it.
type Reader struct {
	data  []byte
	at    int
	depth int
	// keys are hashes of the keys of all open objects.
	keys []uint64
	seed maphash.Seed
	// err is the first error of the document. It stays even if a caller ignores it.
	err error
}

// Read calls document once, at the document's value. What document does not read is checked all the same.
func Read(data []byte, document func(*Reader) error) error {
	if !utf8.Valid(data) {
		return errors.New("this is not UTF-8")
	}
	r := &Reader{data: data, seed: maphash.MakeSeed()}
	r.space()
	if err := r.member(func() error { return document(r) }); err != nil {
		return err
	}
	r.space()
	if r.at < len(r.data) {
		return r.wrong("something follows the document")
	}
	return nil
}

// Kind does not read the value.
func (r *Reader) Kind() Kind {
	switch c := r.peek(); {
	case c == '{':
		return Object
	case c == '[':
		return Array
	case c == '"':
		return String
	case c == '-' || '0' <= c && c <= '9':
		return Number
	case c == 't' || c == 'f':
		return Bool
	case c == 'n':
		return Null
	default:
		return Invalid
	}
}

// Fields reads an object whose keys have a meaning. It calls field at each value; a value that field does not read is skipped.
func (r *Reader) Fields(field func(key string) error) error { return r.object(true, field) }

// Map reads an object whose keys are data (names of packages, paths). They may differ only in case.
func (r *Reader) Map(entry func(key string) error) error { return r.object(false, entry) }

// Array calls element at each value; a value that element does not read is skipped.
func (r *Reader) Array(element func() error) error {
	if err := r.open('[', "an array"); err != nil {
		return err
	}
	for first := true; ; first = false {
		if end, err := r.next(']', first); end || err != nil {
			return err
		}
		if err := r.member(element); err != nil {
			return err
		}
	}
}

// Text reads a string.
func (r *Reader) Text() (string, error) {
	raw, escaped, err := r.raw()
	if err != nil {
		return "", err
	}
	if !escaped {
		return string(raw), nil
	}
	return r.unescape(raw)
}

// Bool reads true or false.
func (r *Reader) Bool() (bool, error) {
	if r.literal("true") {
		return true, nil
	}
	if r.literal("false") {
		return false, nil
	}
	return false, r.another("neither true nor false")
}

// Number reads a number and returns its text.
func (r *Reader) Number() (string, error) {
	if r.Kind() != Number {
		return "", r.another("no number")
	}
	start := r.at
	r.accept('-')
	if !r.accept('0') && r.digits() == 0 {
		return "", r.wrong("this number has no digits")
	}
	if r.accept('.') && r.digits() == 0 {
		return "", r.wrong("this number has no digits after its point")
	}
	if r.accept('e') || r.accept('E') {
		if !r.accept('-') {
			r.accept('+')
		}
		if r.digits() == 0 {
			return "", r.wrong("this number has no exponent")
		}
	}
	return string(r.data[start:r.at]), nil
}

// Skip reads a value of any kind, and returns nothing of it. It checks it as all others.
func (r *Reader) Skip() error {
	switch r.Kind() {
	case Object:
		return r.object(false, nil)
	case Array:
		return r.Array(r.Skip)
	case String:
		raw, escaped, err := r.raw()
		if err == nil && escaped {
			_, err = r.unescape(raw)
		}
		return err
	case Number:
		_, err := r.Number()
		return err
	case Bool:
		_, err := r.Bool()
		return err
	case Null:
		if r.literal("null") {
			return nil
		}
	}
	return r.wrong("this is no value")
}

// object skips each value if member is nil.
func (r *Reader) object(fields bool, member func(key string) error) error {
	if err := r.open('{', "an object"); err != nil {
		return err
	}
	seen := keys{r: r, first: len(r.keys)}
	defer func() { r.keys = r.keys[:seen.first] }()
	for first := true; ; first = false {
		if end, err := r.next('}', first); end || err != nil {
			return err
		}
		start := r.at
		if r.peek() != '"' {
			return r.wrong("a key is missing")
		}
		key, escaped, err := r.raw()
		if err != nil {
			return err
		}
		text := ""
		if escaped {
			if text, err = r.unescape(key); err != nil {
				return err
			}
			key = []byte(text)
		} else if member != nil {
			text = string(key)
		}
		if err := seen.add(key, fields, start); err != nil {
			return err
		}
		r.space()
		if !r.accept(':') {
			return r.wrong("a colon is missing")
		}
		r.space()
		if member == nil {
			err = r.Skip()
		} else {
			err = r.member(func() error { return member(text) })
		}
		if err != nil {
			return err
		}
	}
}

// member reads one value: with read, or if read does not, by skipping it.
func (r *Reader) member(read func() error) error {
	start := r.at
	err := read()
	if r.err != nil {
		return r.err
	}
	if err != nil || r.at != start {
		return err
	}
	return r.Skip()
}

// keys are those of one open object.
type keys struct {
	r     *Reader
	first int
	// many has the hashes of an object with more keys than a glance compares.
	many map[uint64]struct{}
}

const glance = 16

func (k *keys) add(key []byte, fold bool, at int) error {
	if len(k.r.keys) >= MaxMembers {
		return k.r.wrong("the document has too many members")
	}
	if fold {
		key = folded(key)
	}
	hash := maphash.Bytes(k.r.seed, key)
	found := false
	own := k.r.keys[k.first:]
	if k.many == nil && len(own) == glance {
		k.many = make(map[uint64]struct{}, 2*glance)
		for _, each := range own {
			k.many[each] = struct{}{}
		}
	}
	if k.many != nil {
		_, found = k.many[hash]
		k.many[hash] = struct{}{}
	} else {
		for _, each := range own {
			found = found || each == hash
		}
	}
	if found {
		k.r.at = at
		return k.r.wrong("an object has a key twice")
	}
	k.r.keys = append(k.r.keys, hash)
	return nil
}

// folded returns the key with one letter in place of all that differ from it in case only.
func folded(key []byte) []byte {
	plain := true
	for _, c := range key {
		plain = plain && c < utf8.RuneSelf && (c < 'a' || c > 'z')
	}
	if plain {
		return key
	}
	to := make([]byte, 0, len(key))
	for _, c := range string(key) {
		least := c
		for next := unicode.SimpleFold(c); next != c; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		to = utf8.AppendRune(to, least)
	}
	return to
}

func (r *Reader) open(with byte, name string) error {
	if r.peek() != with {
		return r.another("not " + name)
	}
	if r.depth == MaxDepth {
		return r.wrong("the document is nested too deeply")
	}
	r.depth++
	r.at++
	return nil
}

// next goes to the next member of an object or array, or reads its end.
func (r *Reader) next(end byte, first bool) (ended bool, err error) {
	r.space()
	if r.accept(end) {
		r.depth--
		return true, nil
	}
	if !first {
		if !r.accept(',') {
			return false, r.wrong("a comma is missing")
		}
		r.space()
	}
	return false, nil
}

// raw reads a string and returns what is between its quotes.
func (r *Reader) raw() (text []byte, escaped bool, err error) {
	if r.peek() != '"' {
		return nil, false, r.another("no string")
	}
	start := r.at + 1
	for i := start; i < len(r.data); i++ {
		switch c := r.data[i]; {
		case c == '"':
			r.at = i + 1
			return r.data[start:i], escaped, nil
		case c == '\\':
			escaped = true
			i++
		case c < ' ':
			r.at = i
			return nil, false, r.wrong("a string has a control character")
		}
	}
	return nil, false, r.wrong("a string has no end")
}

var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (r *Reader) unescape(raw []byte) (string, error) {
	to := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			to = append(to, raw[i])
			continue
		}
		i++
		if c, simple := escapes[raw[i]]; simple {
			to = append(to, c)
			continue
		}
		c, ok := unit(raw[i-1:])
		if !ok {
			return "", r.wrong("a string before here has a wrong escape")
		}
		i += 4
		if utf16.IsSurrogate(c) {
			second, ok := unit(raw[i+1:])
			c = utf16.DecodeRune(c, second)
			if !ok || c == utf8.RuneError {
				return "", r.wrong("a string before here has half a character")
			}
			i += 6
		}
		to = utf8.AppendRune(to, c)
	}
	return string(to), nil
}

// unit reads an escape of one UTF-16 unit: a backslash, u, and four hexadecimal digits.
func unit(raw []byte) (rune, bool) {
	if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' {
		return 0, false
	}
	value, err := strconv.ParseUint(string(raw[2:6]), 16, 16)
	return rune(value), err == nil
}

func (r *Reader) digits() (count int) {
	for '0' <= r.peek() && r.peek() <= '9' {
		r.at++
		count++
	}
	return count
}

func (r *Reader) literal(text string) bool {
	if len(r.data)-r.at < len(text) || string(r.data[r.at:r.at+len(text)]) != text {
		return false
	}
	r.at += len(text)
	return true
}

func (r *Reader) accept(c byte) bool {
	if r.peek() != c {
		return false
	}
	r.at++
	return true
}

// peek returns 0 at the end. A NUL is no part of JSON.
func (r *Reader) peek() byte {
	if r.at < len(r.data) {
		return r.data[r.at]
	}
	return 0
}

func (r *Reader) space() {
	for r.at < len(r.data) {
		switch r.data[r.at] {
		case ' ', '\t', '\n', '\r':
			r.at++
		default:
			return
		}
	}
}

func (r *Reader) wrong(what string) error {
	if r.err == nil {
		r.err = fmt.Errorf("%s, at byte %d", what, r.at)
	}
	return r.err
}

// another is the error of a value that is of another kind.
func (r *Reader) another(kind string) error { return fmt.Errorf("this is %s, at byte %d", kind, r.at) }
