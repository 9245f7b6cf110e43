package observe

import (
	"errors"
	"net/netip"
	"os"
	"slices"
	"sync"
	"time"

	"cleanroom.dev/tools/internal/workspace"
)

const (
	// maxNames is how many names, each with its step, are remembered.
	maxNames = 1000
	// maxConnections is how many destinations without an answer, each with its step, are remembered.
	maxConnections = 500
	// maxMessage limits the termination message in bytes.
	maxMessage = 512
)

// timeForm is RFC 3339 in UTC with milliseconds.
const timeForm = "2006-01-02T15:04:05.000Z"

// The reasons why a report is not complete. Of several the report has the first in this order.
const (
	unreadable         = "Unreadable"
	tooManyConnections = "TooManyConnections"
	tooManyNames       = "TooManyNames"
	tooManyHellos      = "TooManyHellos"
	noHello            = "NoHello"
)

var reasons = []string{
	unreadable, workspace.TooManyFiles, workspace.TooManyBytes, workspace.TooSlow, workspace.TooManyItems, interrupted, tooManyConnections, tooManyNames, tooManyHellos,
	noHello,
}

// name is one that was asked, by a step.
type name struct{ name, step string }

// connection is a destination from which no answer came, of a step.
type connection struct {
	to       netip.AddrPort
	protocol string
	step     string
}

// report remembers what was observed. Its memory is bounded: what is beyond its limits is counted only.
type report struct {
	mu          sync.Mutex
	steps       []string
	begun       int
	connected   int
	names       sightings[name]
	connections sightings[connection]
	omitted     int
	partial     map[string]bool
}

func newReport(steps []string) *report {
	return &report{
		steps: steps, names: newSightings[name](maxNames), connections: newSightings[connection](maxConnections), partial: map[string]bool{},
	}
}

// current is the step that began last, empty before the first.
func (r *report) current() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.step()
}

func (r *report) step() string {
	if r.begun == 0 {
		return ""
	}
	return r.steps[r.begun-1]
}

// heard counts a connection of the steps' user.
func (r *report) heard() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.connected++; r.connected > len(r.steps) {
		r.partial[tooManyHellos] = true
	}
}

// begin makes the next step the current one. There is none if more processes said hello than the pod has steps.
func (r *report) begin() (step string, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.begun == len(r.steps) {
		r.partial[tooManyHellos] = true
		return "", false
	}
	r.begun++
	return r.step(), true
}

func (r *report) asked(asked string, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.see(r.names.add(name{asked, r.step()}, now, now, 1), tooManyNames)
}

// unanswered remembers sockets that wait for an answer. None means that one that is known waits on.
func (r *report) unanswered(c connection, first, now time.Time, sockets int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.see(r.connections.add(c, first, now, sockets) || sockets == 0, tooManyConnections)
}

func (r *report) see(kept bool, reason string) {
	if !kept {
		r.omitted++
		r.partial[reason] = true
	}
}

// missed notes that something could not be seen.
func (r *report) missed(reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.see(false, reason)
}

// lacks notes that the inputs are not complete. What is omitted are names and connections, and not files.
func (r *report) lacks(reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.partial[reason] = true
}

// has reports whether the report is not complete for this reason.
func (r *report) has(reason string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.partial[reason]
}

type stepLine struct {
	Step    string `json:"step"`
	Started string `json:"started"`
}

type nameLine struct {
	Name  string `json:"name"`
	Step  string `json:"step"`
	Count int    `json:"count"`
	First string `json:"first"`
	Last  string `json:"last"`
}

type connectionLine struct {
	Address  string `json:"address"`
	Port     uint16 `json:"port"`
	Protocol string `json:"protocol"`
	Step     string `json:"step"`
	Count    int    `json:"count"`
	First    string `json:"first"`
	Last     string `json:"last"`
}

type ending struct {
	End     string `json:"end"`
	Reason  string `json:"reason,omitempty"`
	Omitted int    `json:"omitted"`
	SHA256  string `json:"sha256"`
}

type message struct {
	Observer    int    `json:"observer"`
	End         string `json:"end"`
	Names       int    `json:"names"`
	Connections int    `json:"connections"`
	Bytes       int    `json:"bytes"`
	SHA256      string `json:"sha256"`
}

// finish writes the end of the log, and then the message to its file.
func (r *report) finish(log *log, counted counters, file string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, each := range r.names.inOrder() {
		if err := log.line(nameLine{each.key.name, each.key.step, each.count, stamp(each.first), stamp(each.last)}); err != nil {
			return err
		}
	}
	for _, each := range r.connections.inOrder() {
		to := each.key.to
		if err := log.line(connectionLine{
			to.Addr().String(), to.Port(), each.key.protocol, each.key.step, each.count, stamp(each.first), stamp(each.last),
		}); err != nil {
			return err
		}
	}
	if err := log.line(map[string]counters{"counters": counted}); err != nil {
		return err
	}
	end := r.ending()
	sum, bytes, err := log.end(end)
	if err != nil {
		return err
	}
	line, err := marshal(message{1, end.End, len(r.names.all), len(r.connections.all), bytes, sum})
	if err != nil {
		return err
	}
	if len(line) > maxMessage {
		return errors.New("the message is too long")
	}
	return os.WriteFile(file, line, 0o644)
}

func (r *report) ending() ending {
	if r.begun < len(r.steps) {
		r.partial[noHello] = true
	}
	for _, reason := range reasons {
		if r.partial[reason] {
			return ending{End: "Partial", Reason: reason, Omitted: r.omitted}
		}
	}
	return ending{End: "Complete"}
}

func stamp(t time.Time) string { return t.UTC().Format(timeForm) }

// sightings remembers at most limit keys.
type sightings[K comparable] struct {
	limit int
	all   map[K]*sighting[K]
	order []*sighting[K]
}

type sighting[K comparable] struct {
	key         K
	count       int
	first, last time.Time
}

func newSightings[K comparable](limit int) sightings[K] {
	return sightings[K]{limit: limit, all: map[K]*sighting[K]{}}
}

// add reports whether the key is remembered.
func (s *sightings[K]) add(key K, first, last time.Time, count int) bool {
	known := s.all[key]
	if known == nil {
		if len(s.all) == s.limit {
			return false
		}
		known = &sighting[K]{key: key, first: first}
		s.all[key] = known
		s.order = append(s.order, known)
	}
	known.count += count
	known.last = last
	return true
}

// inOrder returns what is remembered in the order of its first time.
func (s *sightings[K]) inOrder() []*sighting[K] {
	slices.SortStableFunc(s.order, func(a, b *sighting[K]) int { return a.first.Compare(b.first) })
	return s.order
}
