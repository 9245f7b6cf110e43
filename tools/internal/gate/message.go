package gate

import (
	"bytes"
	"encoding/json"
	"strings"
)

// The outcomes. PreparationStillRuns is the launcher's alone.
const (
	Enforced             = "Enforced"
	PolicyNotEnforced    = "PolicyNotEnforced"
	GateUnreachable      = "GateUnreachable"
	PreparationStillRuns = "PreparationStillRuns"
)

const (
	// maxMessage limits the line in bytes, its newline included.
	maxMessage = 1024
	// maxDetail leaves room for the other fields even if every byte of the detail is escaped.
	maxDetail = 400
)

// Message is what the gate or the launcher measured.
type Message struct {
	Outcome   string   `json:"outcome"`
	Families  []family `json:"families"`
	Addresses int      `json:"addresses"`
	Rounds    int      `json:"rounds"`
	// LagMillis is the time from the start to the last answer of a forbidden port; 0 if none answered.
	LagMillis int64  `json:"lagMillis"`
	Detail    string `json:"detail"`
}

// Unmeasured is the message of a process that tried no round.
func Unmeasured(outcome string, addresses int, detail string) Message {
	return newMessage(outcome, nil, addresses, measure{}, detail)
}

func newMessage(outcome string, families []family, addresses int, m measure, detail string) Message {
	if families == nil {
		families = []family{}
	}
	return Message{
		Outcome: outcome, Families: families, Addresses: addresses, Rounds: m.rounds, LagMillis: millis(m.lag()),
		Detail: plain(detail),
	}
}

// plain returns the text as printable ASCII of at most maxDetail bytes.
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

// JSON returns the message as one line.
func (m Message) JSON() []byte {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	// Without this, < and > take six bytes each.
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(m); err != nil {
		panic(err) // Cannot happen: the message has only strings and numbers.
	}
	return line.Bytes()
}
