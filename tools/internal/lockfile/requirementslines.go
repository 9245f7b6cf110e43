package lockfile

import (
	"bytes"
	"errors"
	"iter"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	codingCookie = regexp.MustCompile(`coding[:=]\s*([-\w.]+)`)
	// asciiCodings decode ASCII as it is. Another coding could make other text of it.
	asciiCodings = regexp.MustCompile(`^(?i:utf[-_]?8([-_]sig)?|(us[-_])?ascii|latin[-_]?1|iso[-_]8859[-_]1|iso[-_]8859[-_]15|cp1252|windows[-_]1252)$`)
)

// decodeRequirements decodes UTF-8, with a byte order mark or without. A file whose first two lines declare another coding must be ASCII.
func decodeRequirements(data []byte) (string, error) {
	if rest, marked := bytes.CutPrefix(data, []byte("\ufeff")); marked {
		data = rest
	} else {
		for _, line := range bytes.SplitN(data, []byte("\n"), 3)[:min(2, bytes.Count(data, []byte("\n"))+1)] {
			cookie := codingCookie.FindSubmatch(line)
			if cookie == nil || !bytes.HasPrefix(line, []byte("#")) {
				continue
			}
			if !asciiCodings.Match(cookie[1]) {
				return "", errors.New("the file declares a coding that is not known")
			}
			isUTF8 := bytes.HasPrefix(bytes.ToLower(cookie[1]), []byte("utf"))
			if !isUTF8 && bytes.IndexFunc(data, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
				return "", errors.New("the file declares another coding than UTF-8, and is not ASCII")
			}
			break
		}
	}
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
		return "", errors.New("the file is not UTF-8")
	}
	return string(data), nil
}

// endsLine is whether Python ends a line at this character. A form feed in a comment begins a line, which can be a requirement.
func endsLine(r rune) bool {
	switch r {
	case '\n', '\r', '\v', '\f', 0x1c, 0x1d, 0x1e, 0x85, 0x2028, 0x2029:
		return true
	}
	return false
}

// isSpace is Python's.
func isSpace(r rune) bool { return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f }

// requirementLines returns the lines without comments, those that end with a backslash joined with the next, as pip does.
func requirementLines(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		var begun strings.Builder
		joining := false
		for text != "" {
			line := text
			if end := strings.IndexFunc(text, endsLine); end >= 0 {
				_, length := utf8.DecodeRuneInString(text[end:])
				// A line feed after a carriage return ends an empty line, which would end a joined one.
				if strings.HasPrefix(text[end:], "\r\n") {
					length = 2
				}
				line, text = text[:end], text[end+length:]
			} else {
				text = ""
			}
			comment := strings.HasPrefix(strings.TrimLeftFunc(line, isSpace), "#")
			if strings.HasSuffix(line, `\`) && !comment {
				joining = true
				begun.WriteString(strings.Trim(line, `\`))
				continue
			}
			if comment {
				line = " " + line
			}
			if joining {
				begun.WriteString(line)
				line = begun.String()
				begun.Reset()
				joining = false
			}
			if line = withoutComment(line); line != "" && !yield(line) {
				return
			}
		}
		if line := withoutComment(begun.String()); line != "" {
			yield(line)
		}
	}
}

// withoutComment ends a line at the first # that begins it or follows a space.
func withoutComment(line string) string {
	for i := 0; i < len(line); i++ {
		if line[i] != '#' {
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(line[:i])
		if i == 0 || isSpace(before) {
			line = line[:i]
			break
		}
	}
	return strings.TrimFunc(line, isSpace)
}

// shellWords splits as a shell does, without variables.
func shellWords(text string) (words []string, err error) {
	var word strings.Builder
	in, quote := false, byte(0)
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case c == '\\' && quote != '\'':
			if i++; i == len(text) {
				return nil, errors.New("nothing follows a backslash")
			}
			if quote == '"' && text[i] != '"' && text[i] != '\\' {
				word.WriteByte(c)
			}
			word.WriteByte(text[i])
			in = true
		case quote != 0:
			word.WriteByte(c)
		case c == '\'' || c == '"':
			quote, in = c, true
		case c == ' ' || c == '\t':
			if in {
				words = append(words, word.String())
				word.Reset()
				in = false
			}
		default:
			word.WriteByte(c)
			in = true
		}
	}
	if quote != 0 {
		return nil, errors.New("a quotation does not end")
	}
	if in {
		words = append(words, word.String())
	}
	return words, nil
}
