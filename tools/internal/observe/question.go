package observe

import (
	"fmt"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

const (
	// maxQuestion limits a message to the resolver in bytes. A header and one question take at most 271.
	maxQuestion = 512
	// maxName limits a name, as it is remembered, in bytes.
	maxName = 253
)

// answerTo returns the answer to a message, and the name that it asks for. Each question has the answer that no such name exists, because
// every resolver takes that as final. There is no answer to what is not a message, or is an answer itself.
func answerTo(question []byte) (answer []byte, asked string, ok bool) {
	var parser dnsmessage.Parser
	header, err := parser.Start(question)
	if err != nil || header.Response {
		return nil, "", false
	}
	reply := dnsmessage.Header{
		ID: header.ID, Response: true, OpCode: header.OpCode, RecursionDesired: header.RecursionDesired, RecursionAvailable: true,
		RCode: dnsmessage.RCodeFormatError,
	}
	questions, err := parser.AllQuestions()
	valid := err == nil && len(questions) == 1 && header.OpCode == 0
	if valid {
		reply.RCode = dnsmessage.RCodeNameError
		asked = plain(questions[0].Name.String())
	} else {
		questions = nil
	}
	answer, err = (&dnsmessage.Message{Header: reply, Questions: questions}).Pack()
	return answer, asked, err == nil
}

// plain returns the name in lower case, without its last dot and in printable ASCII. Other bytes are escaped as in zone files (RFC 1035,
// section 5.1). A name that is too long then loses its end.
func plain(name string) string {
	if name != "." {
		name = strings.TrimSuffix(name, ".")
	}
	var text strings.Builder
	for _, b := range []byte(name) {
		switch {
		case b >= 'A' && b <= 'Z':
			text.WriteByte(b + 'a' - 'A')
		case b == '\\':
			text.WriteString(`\\`)
		case b > ' ' && b <= '~':
			text.WriteByte(b)
		default:
			fmt.Fprintf(&text, `\%03d`, b)
		}
	}
	if text.Len() > maxName {
		return text.String()[:maxName-len(cut)] + cut
	}
	return text.String()
}

// cut is the end of a name that was too long.
const cut = "..."
