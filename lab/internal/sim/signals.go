package sim

import (
	"encoding/json"
	"time"
)

// unreadyTakes is how long the observer's container is not ready after new signals. A kubelet's would be so until the next probe.
const unreadyTakes = time.Second

// isSignal reports whether the line is one that the observer writes while the build runs. It numbers signals; those of enforcement also have
// a line without a number.
func isSignal(line json.RawMessage) bool {
	var fields struct {
		Signal      *int
		Enforcement *string
	}
	return json.Unmarshal(line, &fields) == nil && (fields.Signal != nil || fields.Enforcement != nil)
}

// signals returns the lines of the script that are written while the build runs, and the others, which are written at the end.
func (s *script) signals() (early, late []json.RawMessage) {
	for _, line := range s.observed {
		if isSignal(line) {
			early = append(early, line)
		} else {
			late = append(late, line)
		}
	}
	return early, late
}

// signal makes the observer not ready, once for all signals that are new: those that the script has when the build begins, and those that are
// added to it later. Without a readiness probe nobody would notice.
func (b *builder) signal(probed bool) (ready bool) {
	if b.life.Built.IsZero() || !probed {
		return true
	}
	early, _ := b.script.signals()
	if !b.now.Before(b.life.Unready) && len(early) > b.life.Signals {
		b.life.Signals, b.life.Unready = len(early), b.now.Add(unreadyTakes)
	}
	if b.now.Before(b.life.Unready) {
		b.look(b.life.Unready)
		return false
	}
	return true
}
