package observe

import (
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

// plain returns the name in lower case, without its last dot and in printable ASCII without spaces. A name that is too long then loses its
// end.
func plain(name string) string {
	if name != "." {
		name = strings.TrimSuffix(name, ".")
	}
	// Not strings.ToLower, which changes other letters than those of ASCII too.
	lower := []byte(name)
	for i, b := range lower {
		if b >= 'A' && b <= 'Z' {
			lower[i] = b + 'a' - 'A'
		}
	}
	text := escape(string(lower), '!')
	if len(text) > maxName {
		return text[:maxName-len(cut)] + cut
	}
	return text
}

// cut stands for what is left out of a text that is too long.
const cut = "..."
