package gate

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

const (
	// maxGap between rounds; after a longer one the quiet time begins again, for nobody watched.
	maxGap = 5 * pause
	// minRounds cover the quiet time at least: on a slow machine a round alone may take as long.
	minRounds = 3
	// maxNamed addresses are named to a person.
	maxNamed = 4
)

// measure sums up rounds, given in their order.
type measure struct {
	quiet time.Duration

	rounds         int
	canaryAnswered bool
	lastCanary     time.Duration
	// The last clean rounds, without a gap, reach from cleanSince to lastEnd.
	clean               int
	cleanSince, lastEnd time.Duration
}

// add tells whether the quiet time is now covered.
func (m *measure) add(r round) bool {
	m.rounds++
	if len(r.canaries) > 0 {
		m.canaryAnswered, m.lastCanary = true, r.lastCanary
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

// notEnforced tells whether the canary still answers. If it did once and has been silent for a quiet time, then policies came
// into force, and it is the beacons that lack.
func (m *measure) notEnforced() bool {
	return m.canaryAnswered && m.lastEnd-m.lastCanary < m.quiet
}

// explain says to a person why the gate did not pass, by its last round.
func (m *measure) explain(last round, given []netip.Addr) string {
	var reasons []string
	if len(last.canaries) > 0 {
		reasons = append(reasons, "no policy blocks the canary at "+name(last.canaries))
	} else if m.canaryAnswered {
		reasons = append(reasons, fmt.Sprintf("the canary last answered %d ms after the start", millis(m.lastCanary)))
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
		reasons = append(reasons, "the last round proves nothing: "+last.unsure.Error())
	}
	if len(reasons) == 0 {
		return "no quiet time before the deadline"
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

// millis rounds up: what happened is never 0.
func millis(d time.Duration) int64 { return int64((d + time.Millisecond - 1) / time.Millisecond) }
