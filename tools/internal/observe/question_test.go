package observe

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// question is a message that asks for the address of the names.
func question(t testing.TB, names ...string) []byte {
	t.Helper()
	m := dnsmessage.Message{Header: dnsmessage.Header{ID: 7, RecursionDesired: true}}
	for _, each := range names {
		m.Questions = append(m.Questions, dnsmessage.Question{Name: dnsmessage.MustNewName(each), Type: dnsmessage.TypeAAAA, Class: dnsmessage.ClassINET})
	}
	packed, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return packed
}

func TestEachQuestionHasTheAnswerThatNoSuchNameExists(t *testing.T) {
	asked := question(t, "CDN.example.com.")
	answer, name, ok := answerTo(asked)
	if !ok || name != "cdn.example.com" {
		t.Fatalf("%q, %t", name, ok)
	}
	var got dnsmessage.Message
	if err := got.Unpack(answer); err != nil {
		t.Fatal(err)
	}
	if !got.Response || got.ID != 7 || got.RCode != dnsmessage.RCodeNameError || !got.RecursionDesired || !got.RecursionAvailable {
		t.Errorf("%+v", got.Header)
	}
	// A resolver that varies the case compares it.
	if len(got.Questions) != 1 || got.Questions[0].Name.String() != "CDN.example.com." || got.Questions[0].Type != dnsmessage.TypeAAAA {
		t.Errorf("%+v", got.Questions)
	}
}

func TestWhatIsNotOneQuestionIsNotRemembered(t *testing.T) {
	valid := question(t, "cdn.example.com.")
	changed := func(i int, b byte) []byte {
		message := bytes.Clone(valid)
		message[i] = b
		return message
	}
	for name, c := range map[string]struct {
		message []byte
		answer  bool
	}{
		"nothing":                      {nil, false},
		"less than a header":           {valid[:11], false},
		"an answer":                    {changed(2, 0x81), false},
		"another operation":            {changed(2, 0x28), true},
		"no question":                  {question(t), true},
		"two questions":                {question(t, "a.example.com.", "b.example.com."), true},
		"more questions than it says":  {changed(4, 0xff), true},
		"a question that is cut":       {valid[:len(valid)-1], true},
		"a name that is cut":           {valid[:16], true},
		"a name that points to itself": {append(bytes.Clone(valid[:12]), 0xc0, 12, 0, 1, 0, 1), true},
		"a label of a reserved form":   {changed(12, 0x80), true},
		"a label with a dot":           {changed(13, '.'), true},
	} {
		t.Run(name, func(t *testing.T) {
			answer, asked, ok := answerTo(c.message)
			if asked != "" || ok != c.answer {
				t.Fatalf("%q, %t", asked, ok)
			}
			var got dnsmessage.Message
			if err := got.Unpack(answer); c.answer && (err != nil || got.RCode != dnsmessage.RCodeFormatError || len(got.Questions) != 0) {
				t.Errorf("%+v: %v", got, err)
			}
		})
	}
}

func TestNamesArePlain(t *testing.T) {
	for name, want := range map[string]string{
		".":                               ".",
		"a.":                              "a",
		"A-Z_0.example.":                  "a-z_0.example",
		"\x00\x1b \"<>\\\x7f\xff.":        `\000\027\032"<>\\\127\255`,
		strings.Repeat("a", 252) + ".":    strings.Repeat("a", 252),
		strings.Repeat("\x00", 100) + ".": strings.Repeat(`\000`, 63)[:maxName-3] + "...",
	} {
		if got := plain(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func FuzzQuestion(f *testing.F) {
	f.Add(question(f, "cdn.example.com."))
	f.Add(question(f, "a.", "b."))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, message []byte) {
		answer, asked, ok := answerTo(message)
		if len(answer) > maxQuestion || len(asked) > maxName || ok && len(answer) < 12 || !ok && asked != "" {
			t.Errorf("%q, %q, %t", answer, asked, ok)
		}
		for _, b := range []byte(asked) {
			if b <= ' ' || b > '~' || b >= 'A' && b <= 'Z' {
				t.Errorf("%q", asked)
			}
		}
	})
}
