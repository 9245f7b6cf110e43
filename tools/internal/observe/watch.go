package observe

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"time"
)

const (
	// lookEvery is the time between two looks at the sockets.
	lookEvery = 100 * time.Millisecond
	// answerPatience is how long a TCP connection may wait for an answer before it is reported.
	answerPatience = 500 * time.Millisecond
	// maxTable limits how much of each of the kernel's lists of sockets one look reads, in bytes: about 14,000 sockets.
	maxTable = 2 << 20
	// rowBuffer is more than a line of them takes, in bytes.
	rowBuffer = 16 << 10
)

// watch sees sockets whose peers do not answer. A TCP connection is one when it waited for answerPatience, and a connected UDP socket at
// once, because no rule of an environment allows UDP.
type watch struct {
	// folder is /proc.
	folder string
	// uid is the observer's own user, whose sockets do not count.
	uid int
	// resolver is the address at which the observer itself answers.
	resolver netip.AddrPort
	report   *report
	waiting  map[waiting]*since
	// opens is how many TCP connections the pod had begun at the last look.
	opens uint64
	// drops is how many datagrams the resolver has not received.
	drops  uint64
	buffer [rowBuffer]byte
}

// waiting is a socket that waits for its peer. Its inode distinguishes it from a later one with the same port.
type waiting struct {
	protocol      string
	local, remote netip.AddrPort
	inode         uint64
}

type since struct {
	first    time.Time
	step     string
	reported bool
}

// table is one of the kernel's lists of sockets.
type table struct {
	name, protocol string
	state          byte
	patience       time.Duration
	optional       bool
}

// A kernel without IPv6 has only the first two.
var tables = []table{
	{"tcp", "TCP", synSent, answerPatience, false},
	{"udp", "UDP", established, 0, false},
	{"tcp6", "TCP", synSent, answerPatience, true},
	{"udp6", "UDP", established, 0, true},
}

// run looks until the context ends. A look that takes long is followed by a pause as long.
func (w *watch) run(ctx context.Context) {
	for {
		started := time.Now()
		w.look(started)
		took := time.Since(started)
		select {
		case <-ctx.Done():
			return
		case <-time.After(max(lookEvery-took, took)):
		}
	}
}

func (w *watch) look(now time.Time) {
	step := w.report.current()
	next := map[waiting]*since{}
	idle := w.idle()
	for _, each := range tables {
		if idle && each.protocol == "TCP" {
			continue
		}
		err := w.read(each, func(s socket) {
			key := waiting{each.protocol, s.local, s.remote, s.inode}
			known := w.waiting[key]
			if known == nil {
				known = &since{first: now, step: step}
			}
			next[key] = known
			if now.Sub(known.first) < each.patience {
				return
			}
			sockets := 1
			if known.reported {
				sockets = 0
			}
			known.reported = true
			w.report.unanswered(connection{s.remote, each.protocol, known.step}, known.first, now, sockets)
		})
		switch {
		case errors.Is(err, errTable):
			w.report.missed(tooManyConnections)
		case err != nil && !(each.optional && errors.Is(err, os.ErrNotExist)):
			w.report.missed(unreadable)
		}
	}
	w.waiting = next
}

// idle reports whether nothing waited at the last look and no TCP connection has begun since. Then the lists of TCP sockets need not be read:
// for each the kernel walks through a table for all connections of the node, which takes milliseconds.
func (w *watch) idle() bool {
	opens, err := activeOpens(w.folder)
	unchanged := err == nil && opens == w.opens
	w.opens = opens
	return unchanged && len(w.waiting) == 0
}

var errTable = errors.New("the list of sockets is too long")

// read passes each socket of the table that waits for a peer outside the pod.
func (w *watch) read(t table, found func(socket)) error {
	file, err := os.Open(filepath.Join(w.folder, "net", t.name))
	if err != nil {
		return err
	}
	defer file.Close()
	limited := &io.LimitedReader{R: file, N: maxTable}
	lines := bufio.NewScanner(limited)
	lines.Buffer(w.buffer[:0], rowBuffer)
	// The first line names the columns.
	for lines.Scan(); lines.Scan(); {
		if limited.N == 0 {
			return errTable
		}
		s, err := parseSocket(lines.Text())
		if err != nil {
			return err
		}
		if t.protocol == "UDP" && s.local == w.resolver {
			w.drops = s.drops
		}
		if s.state == t.state && s.uid != w.uid && !s.remote.Addr().IsLoopback() {
			found(s)
		}
	}
	return lines.Err()
}
