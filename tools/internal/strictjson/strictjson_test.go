package strictjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
)

// value reads any value as encoding/json does.
func value(r *Reader) (any, error) {
	switch r.Kind() {
	case Object:
		to := map[string]any{}
		return to, r.Fields(func(key string) (err error) {
			to[key], err = value(r)
			return err
		})
	case Array:
		to := []any{}
		err := r.Array(func() error {
			each, err := value(r)
			to = append(to, each)
			return err
		})
		return to, err
	case String:
		return r.Text()
	case Number:
		text, err := r.Number()
		if err != nil {
			return nil, err
		}
		return json.Number(text), nil
	case Bool:
		return r.Bool()
	default:
		return nil, r.Skip()
	}
}

func read(data []byte) (got any, err error) {
	err = Read(data, func(r *Reader) (err error) {
		got, err = value(r)
		return err
	})
	return got, err
}

func TestADocumentIsRead(t *testing.T) {
	for _, text := range []string{
		`{}`, ` [ ] `, "\t\n\r1 ", `"a"`, `true`, `false`, `null`, `-0.5e+10`, `0`, `[-1E9,10,0.0e-0]`,
		`{"a":[1,{"b":null}],"c":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é","":{}}`,
		`{"a":{"b":1},"c":{"b":2}}`,
		`{"\u0061":1}`,
		strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth),
	} {
		var want any
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		if err := decoder.Decode(&want); err != nil {
			t.Fatal(text, err)
		}
		if got, err := read([]byte(text)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
		if err := Read([]byte(text), (*Reader).Skip); err != nil {
			t.Errorf("%s skipped: %v", text, err)
		}
		if err := Read([]byte(text), func(*Reader) error { return nil }); err != nil {
			t.Errorf("%s not read: %v", text, err)
		}
	}
}

func TestADocumentIsRefused(t *testing.T) {
	long := make([]string, 40)
	for i := range long {
		long[i] = strconv.Quote(strconv.Itoa(i)) + ":0"
	}
	for text, why := range map[string]string{
		"":                                   "this is no value, at byte 0",
		"\xef\xbb\xbf{}":                     "this is no value, at byte 0",
		"\xff\xfe{\x00}\x00":                 "not UTF-8",
		"\"\xff\"":                           "not UTF-8",
		"\"\x00\"":                           "a control character, at byte 1",
		"\"a\nb\"":                           "a control character, at byte 2",
		"{}\x00":                             "something follows the document, at byte 2",
		"{} {}":                              "something follows the document, at byte 3",
		"{} // x":                            "something follows",
		`{"a":1,}`:                           "a key is missing",
		`{"a" 1}`:                            "a colon is missing",
		`{"a":1 "b":2}`:                      "a comma is missing",
		`{a:1}`:                              "a key is missing",
		`[1,]`:                               "this is no value",
		`[1 2]`:                              "a comma is missing",
		`[1`:                                 "a comma is missing",
		`{`:                                  "a key is missing",
		`"a`:                                 "a string has no end",
		`"a\`:                                "a string has no end",
		`"\x"`:                               "wrong escape",
		`"\u12"`:                             "wrong escape",
		`"\u+123"`:                           "wrong escape",
		`"\ud800"`:                           "half a character",
		`"\udc00\ud800"`:                     "half a character",
		`"\ud800\n    "`:                     "half a character",
		`01`:                                 "something follows",
		`1.`:                                 "no digits after its point",
		`1e`:                                 "no exponent",
		`-`:                                  "this number has no digits",
		`.5`:                                 "this is no value",
		`NaN`:                                "this is no value",
		`nul`:                                "this is no value",
		`tru`:                                "neither true nor false",
		`{"a":1,"b":2,"a":3}`:                "twice, at byte 13",
		`{"a":1,"\u0061":3}`:                 "twice, at byte 7",
		`[{"a":{"b":1,"b":1}}]`:              "twice, at byte 13",
		`{"scripts":1,"SCRIPTS":2}`:          "twice",
		"{\"scripts\":1,\"\u017fcripts\":2}": "twice",
		"{" + strings.Join(append(long, `"7":1`), ",") + "}": "twice",
		strings.Repeat("[", MaxDepth+1):                      "nested too deeply, at byte 128",
		strings.Repeat(`{"":`, MaxDepth+1):                   "nested too deeply",
		strings.Repeat("[", 4<<20):                           "nested too deeply",
	} {
		name := text[:min(len(text), 40)]
		if got, err := read([]byte(text)); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %v, %v", name, got, err)
		}
		// What only skips sees the same, but for keys that may be data.
		collides := strings.Contains(text, "CRIPTS") || strings.Contains(text, "\u017f")
		if err := Read([]byte(text), (*Reader).Skip); (err == nil) != collides {
			t.Errorf("%q skipped: %v", name, err)
		}
	}
}

func TestKeysThatAreDataMayDifferInCase(t *testing.T) {
	var got []string
	entries := func(text string) error {
		return Read([]byte(text), func(r *Reader) error {
			return r.Map(func(key string) error {
				got = append(got, key)
				return nil
			})
		})
	}
	if err := entries(`{"JSONStream":{"x":[1]},"jsonstream":"2"}`); err != nil || fmt.Sprint(got) != "[JSONStream jsonstream]" {
		t.Error(got, err)
	}
	if err := entries(`{"a":{},"a":{}}`); err == nil {
		t.Error("a key is there twice")
	}
}

func TestAnotherKindIsAnError(t *testing.T) {
	for name, call := range map[string]func(*Reader) error{
		"this is not an object":          func(r *Reader) error { return r.Fields(nil) },
		"this is not an array":           func(r *Reader) error { return r.Array(nil) },
		"this is no string":              func(r *Reader) error { _, err := r.Text(); return err },
		"this is no number":              func(r *Reader) error { _, err := r.Number(); return err },
		"this is neither true nor false": func(r *Reader) error { _, err := r.Bool(); return err },
	} {
		if err := Read([]byte("null"), call); err == nil || !strings.HasPrefix(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAValueOfAnotherKindCanBeReadOtherwise(t *testing.T) {
	got := ""
	err := Read([]byte(`{"a":{"b":1},"c":"2"}`), func(r *Reader) error {
		return r.Fields(func(key string) error {
			if text, err := r.Text(); err == nil {
				got += key + text
			}
			return nil
		})
	})
	if err != nil || got != "c2" {
		t.Error(got, err)
	}
}

// A caller that ignores an error inside a value would go on at the wrong place.
func TestAnIgnoredErrorStays(t *testing.T) {
	for text, why := range map[string]string{
		`{"a":{,"b":1}`:       "a key is missing",
		`{"a":{"b":1,"b":1}}`: "twice",
		`{"a":{"b":"\x"}}`:    "wrong escape",
		`{"a":{"b":-,"c":1}}`: "no digits",
	} {
		err := Read([]byte(text), func(r *Reader) error {
			_ = r.Fields(func(string) error {
				_ = r.Skip()
				return nil
			})
			return nil
		})
		if err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestTooManyMembersAreRefused(t *testing.T) {
	var text bytes.Buffer
	text.WriteByte('{')
	for i := range MaxMembers + 1 {
		fmt.Fprintf(&text, `"%d":0,`, i)
	}
	whole := append(text.Bytes()[:text.Len()-1], '}')
	if err := Read(whole, (*Reader).Skip); err == nil || !strings.Contains(err.Error(), "too many members") {
		t.Error(err)
	}
	fewer := append(append([]byte{}, whole[:bytes.LastIndexByte(whole, ',')]...), '}')
	if err := Read(fewer, (*Reader).Skip); err != nil {
		t.Error(err)
	}
}

// BenchmarkLockfile reads a document of 32 MiB like a lockfile.
func BenchmarkLockfile(b *testing.B) {
	var text bytes.Buffer
	text.WriteString(`{"packages":{`)
	for i := 0; text.Len() < 32<<20; i++ {
		fmt.Fprintf(&text, `"node_modules/package-%d":{"version":"1.0.0","resolved":"https://registry.example.com/p/-/p-1.0.0.tgz","integrity":"sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","dependencies":{"a":"1","b":"2"}},`, i)
	}
	whole := append(text.Bytes()[:text.Len()-1], "}}"...)
	b.SetBytes(int64(len(whole)))
	b.ReportAllocs()
	for b.Loop() {
		if err := Read(whole, (*Reader).Skip); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzRead checks that what is read is JSON that encoding/json reads in the same way.
func FuzzRead(f *testing.F) {
	for _, each := range []string{`{"a":[1,{"b":null}],"c":"\ud83d\ude00"}`, `{"a":1,"A":2}`, `[true,false,-1.5e3]`, `"\u0000"`} {
		f.Add([]byte(each))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		started := time.Now()
		got, err := read(data)
		if took := time.Since(started); took > 5*time.Second {
			t.Errorf("it took %s", took)
		}
		if err != nil {
			return
		}
		var want any
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.UseNumber()
		if err := decoder.Decode(&want); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %v, want %v, %v", data, got, want, err)
		}
		if err := Read(data, (*Reader).Skip); err != nil {
			t.Errorf("%q skipped: %v", data, err)
		}
	})
}
