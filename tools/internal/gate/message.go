package gate

import (
	"bytes"
	"encoding/json"
	"strings"
)

// The outcomes.
const (
	Enforced          = "Enforced"
	PolicyNotEnforced = "PolicyNotEnforced"
	GateUnreachable   = "GateUnreachable"
)

const (
	// maxMessage bounds the line in bytes, its end included.
	maxMessage = 1024
	// maxDetail leaves room for the rest when every byte of the detail is escaped.
	maxDetail = 400
)

// Message is what the gate saw.
type Message struct {
	Outcome   string   `json:"outcome"`
	Families  []family `json:"families"`
	Addresses int      `json:"addresses"`
	Rounds    int      `json:"rounds"`
	// LagMillis is from the gate's start to the canary's last answer, 0 if it never answered.
	LagMillis int64  `json:"lagMillis"`
	Detail    string `json:"detail"`
}

func newMessage(outcome string, families []family, addresses int, m measure, detail string) Message {
	if families == nil {
		families = []family{}
	}
	return Message{
		Outcome: outcome, Families: families, Addresses: addresses, Rounds: m.rounds, LagMillis: millis(m.lastCanary),
		Detail: plain(detail),
	}
}

// plain is printable ASCII of at most maxDetail bytes.
func plain(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, text)
	if len(text) > maxDetail {
		text = text[:maxDetail-3] + "..."
	}
	return text
}

// JSON is one line.
func (m Message) JSON() []byte {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	// Else < and > are six bytes each.
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(m); err != nil {
		panic(err) // Strings and numbers alone: it cannot fail.
	}
	return line.Bytes()
}
