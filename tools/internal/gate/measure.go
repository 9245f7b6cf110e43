package gate

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

const (
	// maxGap is the longest time between rounds. After a longer one the quiet time begins again, because nothing was measured.
	maxGap = 5 * pause
	// minRounds must at least cover the quiet time: on a slow machine a single round may take as long.
	minRounds = 3
	// maxNamed is how many addresses a message names.
	maxNamed = 4
)

// measure collects the results of rounds, in their order.
type measure struct {
	quiet time.Duration

	rounds int
	// last is the last answer of a forbidden port; nil if none answered.
	last *answer
	// The last clean rounds without a gap lasted from cleanSince to lastEnd.
	clean               int
	cleanSince, lastEnd time.Duration
}

// add reports whether clean rounds now cover the quiet time.
func (m *measure) add(r round) bool {
	m.rounds++
	for _, a := range r.answers {
		if m.last == nil || a.at >= m.last.at {
			m.last = &a
		}
	}
	if !r.clean() || r.started-m.lastEnd > maxGap {
		m.clean = 0
	}
	if r.clean() {
		if m.clean == 0 {
			m.cleanSince = r.started
		}
		m.clean++
	}
	m.lastEnd = r.ended
	return m.clean >= minRounds && m.lastEnd-m.cleanSince >= m.quiet
}

// lag is the time of the last answer of a forbidden port; 0 if none answered.
func (m *measure) lag() time.Duration {
	if m.last == nil {
		return 0
	}
	return m.last.at
}

// notEnforced reports whether a forbidden port still answers. If one answered once and then all were silent for a quiet time, the policies
// are enforced, and the beacons are what is missing.
func (m *measure) notEnforced() bool {
	return m.last != nil && m.lastEnd-m.last.at < m.quiet
}

// explain describes to a person why the gate or the launcher did not pass, from its last round.
func (m *measure) explain(last round, given []netip.Addr) string {
	var reasons []string
	for _, each := range last.peers() {
		reasons = append(reasons, fmt.Sprintf("no policy blocks the %s at %s", each.name, name(last.answered(each))))
	}
	if len(last.answers) == 0 && m.last != nil {
		reasons = append(reasons, fmt.Sprintf("the %s last answered %d ms after the start", m.last.peer.name, millis(m.last.at)))
	}
	if len(last.families) == 0 {
		reasons = append(reasons, "the pod has no address")
	}
	for _, missing := range last.missing() {
		of := slices.DeleteFunc(slices.Clone(given), func(a netip.Addr) bool { return familyOf(a) != missing })
		if len(of) == 0 {
			reasons = append(reasons, fmt.Sprintf("the pod has an %s address and no canary of that family was given", missing))
		} else {
			reasons = append(reasons, "no beacon answered at "+name(of))
		}
	}
	if last.unsure != nil {
		reasons = append(reasons, "the last round gave no clear result: "+last.unsure.Error())
	}
	if len(reasons) == 0 {
		return "the clean rounds did not cover the quiet time before the deadline"
	}
	return strings.Join(reasons, "; ")
}

func name(addresses []netip.Addr) string {
	sorted := slices.SortedFunc(slices.Values(addresses), netip.Addr.Compare)
	var texts []string
	for _, address := range sorted[:min(len(sorted), maxNamed)] {
		texts = append(texts, address.String())
	}
	if more := len(sorted) - len(texts); more > 0 {
		texts = append(texts, fmt.Sprintf("%d more", more))
	}
	return strings.Join(texts, ", ")
}

// millis rounds up, so that an event is never at 0.
func millis(d time.Duration) int64 { return int64((d + time.Millisecond - 1) / time.Millisecond) }
