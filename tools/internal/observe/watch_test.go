package observe

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cleanroom.dev/tools/internal/proctest"
)

const (
	buildUID    = 1000
	observerUID = buildUID + 1
)

// pod is a watch over a folder like /proc.
type pod struct {
	*watch
	proc proctest.Folder
}

func newPod(t *testing.T) pod {
	t.Helper()
	p := pod{&watch{uid: observerUID, resolver: netip.MustParseAddrPort("127.0.0.1:53"), report: newReport([]string{"fetch", "build"})}, proctest.New(t, 7)}
	p.folder = string(p.proc)
	for _, each := range tables {
		p.has(t, each.name)
	}
	return p
}

// has replaces the sockets of a table.
func (p pod) has(t *testing.T, table string, rows ...string) {
	t.Helper()
	p.proc.Write(t, "  sl  local_address rem_address   st\n"+strings.Join(rows, ""), "net", table)
}

// row is a line of a table.
func row(remote string, state byte, uid, inode int) string {
	return fmt.Sprintf("   1: 0100000A:E1F2 %s %02X 00000001:00000000 01:000003E8 00000001  %d        0 %d 2 0000000000000000\n",
		endpoint(netip.MustParseAddrPort(remote)), state, uid, inode)
}

func endpoint(to netip.AddrPort) string {
	address := to.Addr().AsSlice()
	for i := 0; i < len(address); i += 4 {
		binary.NativeEndian.PutUint32(address[i:], binary.BigEndian.Uint32(address[i:]))
	}
	return fmt.Sprintf("%s:%04X", strings.ToUpper(hex.EncodeToString(address)), to.Port())
}

// watched lets the watch run as long as the function does, and returns what it reported.
func (p pod) watched(t *testing.T, meanwhile func()) (lines []string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		started := time.Now()
		go func() {
			p.run(ctx)
			close(ended)
		}()
		meanwhile()
		stop()
		<-ended
		for _, each := range p.report.connections.inOrder() {
			lines = append(lines, fmt.Sprintf("%s %s %s*%d %d-%d", each.key.to, each.key.protocol, each.key.step, each.count,
				each.first.Sub(started).Milliseconds(), each.last.Sub(started).Milliseconds()))
		}
	})
	return lines
}

// between lets looks happen: tests change the sockets in between two of them.
func between(looks int) { time.Sleep(time.Duration(looks) * lookEvery) }

func TestWhatWaitsForAnAnswerIsReported(t *testing.T) {
	for name, c := range map[string]struct {
		table string
		row   string
		want  string
	}{
		"IPv4":                       {"tcp", row("192.0.2.1:443", synSent, buildUID, 1), "192.0.2.1:443 TCP *1 0-900"},
		"IPv6":                       {"tcp6", row("[2001:db8::1]:443", synSent, buildUID, 1), "[2001:db8::1]:443 TCP *1 0-900"},
		"IPv4 in an IPv6 socket":     {"tcp6", row("[::ffff:192.0.2.1]:443", synSent, buildUID, 1), "192.0.2.1:443 TCP *1 0-900"},
		"another user":               {"tcp", row("192.0.2.1:443", synSent, 0, 1), "192.0.2.1:443 TCP *1 0-900"},
		"loopback":                   {"tcp", row("127.9.9.9:443", synSent, buildUID, 1), ""},
		"loopback, IPv6":             {"tcp6", row("[::1]:443", synSent, buildUID, 1), ""},
		"loopback in an IPv6 socket": {"tcp6", row("[::ffff:127.0.0.1]:443", synSent, buildUID, 1), ""},
		"the observer's own":         {"tcp", row("192.0.2.1:443", synSent, observerUID, 1), ""},
		"established":                {"tcp", row("192.0.2.1:443", established, buildUID, 1), ""},
		"listening":                  {"tcp", row("0.0.0.0:0", 10, buildUID, 1), ""},
		"UDP":                        {"udp", row("192.0.2.1:53", established, buildUID, 1), "192.0.2.1:53 UDP *1 0-900"},
		"UDP, IPv6":                  {"udp6", row("[2001:db8::1]:53", established, buildUID, 1), "[2001:db8::1]:53 UDP *1 0-900"},
		"UDP, not connected":         {"udp", row("0.0.0.0:0", 7, buildUID, 1), ""},
		"UDP to the resolver":        {"udp", row("127.0.0.1:53", established, buildUID, 1), ""},
		"UDP to the resolver, IPv6":  {"udp6", row("[::ffff:127.0.0.1]:53", established, buildUID, 1), ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPod(t)
			p.has(t, c.table, c.row)
			got := strings.Join(p.watched(t, func() { time.Sleep(950 * time.Millisecond) }), "\n")
			if got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			if end := p.report.ending(); end.Omitted != 0 || end.Reason != noHello {
				t.Errorf("%+v", end)
			}
		})
	}
}

func TestASlowAnswerIsNotReported(t *testing.T) {
	p := newPod(t)
	p.has(t, "tcp", row("192.0.2.1:443", synSent, buildUID, 1))
	got := p.watched(t, func() {
		time.Sleep(answerPatience - time.Millisecond)
		p.has(t, "tcp", row("192.0.2.1:443", established, buildUID, 1))
		between(10)
		// It has the port of the one before, and another inode.
		p.has(t, "tcp", row("192.0.2.1:443", synSent, buildUID, 2))
		time.Sleep(answerPatience - time.Millisecond)
	})
	if len(got) != 0 {
		t.Errorf("%q", got)
	}
}

func TestSocketsAreCountedOnceEach(t *testing.T) {
	p := newPod(t)
	got := p.watched(t, func() {
		p.report.begin()
		time.Sleep(lookEvery / 2)
		p.has(t, "tcp", row("192.0.2.1:443", synSent, buildUID, 1), row("192.0.2.1:443", synSent, buildUID, 2))
		p.has(t, "udp", row("192.0.2.1:443", established, buildUID, 3))
		between(10)
		p.report.begin()
		p.has(t, "tcp", row("192.0.2.1:443", synSent, buildUID, 4))
		p.has(t, "udp")
		between(10)
	})
	want := "192.0.2.1:443 UDP fetch*1 100-1000\n192.0.2.1:443 TCP fetch*2 100-1000\n192.0.2.1:443 TCP build*1 1100-2000"
	if strings.Join(got, "\n") != want {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}

func TestDestinationsBeyondTheLimitAreCounted(t *testing.T) {
	p := newPod(t)
	const more = 7
	var rows []string
	for i := range maxConnections + more {
		rows = append(rows, row(fmt.Sprintf("192.0.2.%d:%d", i%256, 1000+i/256), synSent, buildUID, i))
	}
	p.has(t, "tcp", rows...)
	if got := p.watched(t, func() { time.Sleep(2 * time.Second) }); len(got) != maxConnections {
		t.Errorf("%d", len(got))
	}
	if end := p.report.ending(); end != (ending{End: "Partial", Reason: tooManyConnections, Omitted: more}) {
		t.Errorf("%+v", end)
	}
}

func TestALookIsBounded(t *testing.T) {
	p := newPod(t)
	one := row("192.0.2.1:443", established, buildUID, 1)
	p.has(t, "tcp", strings.Repeat(one, maxTable/len(one)+1))
	p.look(time.Now())
	if end := p.report.ending(); end.Reason != tooManyConnections || end.Omitted != 1 {
		t.Errorf("%+v", end)
	}
}

func TestWhatCannotBeReadIsReported(t *testing.T) {
	for name, hide := range map[string]func(pod){
		"no table":        func(p pod) { p.proc.Remove(t, "net", "tcp") },
		"a folder":        func(p pod) { p.proc.MakeFolder(t, "net", "tcp6") },
		"an unknown form": func(p pod) { p.has(t, "udp6", "garbage\n") },
		"a long line":     func(p pod) { p.has(t, "udp", strings.Repeat("x", rowBuffer+1)+"\n") },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPod(t)
			hide(p)
			p.look(time.Now())
			if end := p.report.ending(); end.Reason != unreadable || end.Omitted != 1 {
				t.Errorf("%+v", end)
			}
		})
	}
}

func TestAKernelWithoutIPv6IsObserved(t *testing.T) {
	p := newPod(t)
	p.proc.Remove(t, "net", "tcp6")
	p.proc.Remove(t, "net", "udp6")
	p.look(time.Now())
	if end := p.report.ending(); end.Reason != noHello || end.Omitted != 0 {
		t.Errorf("%+v", end)
	}
}

func TestAnIdlePodsListsAreNotRead(t *testing.T) {
	p := newPod(t)
	opens := func(n int) { p.proc.Write(t, fmt.Sprintf("Tcp: ActiveOpens\nTcp: %d\n", n), "net", "snmp") }
	opens(0)
	// A list that cannot be read shows whether it is read.
	p.proc.Remove(t, "net", "tcp")
	looks := func(read bool) {
		t.Helper()
		before := p.report.omitted
		p.look(time.Now())
		if p.report.omitted > before != read {
			t.Errorf("read: %t", !read)
		}
	}
	looks(false)
	opens(1)
	looks(true)
	looks(false)
	p.has(t, "tcp", row("192.0.2.1:443", synSent, buildUID, 1))
	opens(2)
	looks(false)
	if len(p.waiting) != 1 {
		t.Fatalf("%v", p.waiting)
	}
	p.proc.Remove(t, "net", "tcp")
	looks(true)
	p.proc.Write(t, "Tcp: X\nTcp: 2\n", "net", "snmp")
	looks(true)
}

func TestTheResolversLossesAreSeen(t *testing.T) {
	p := newPod(t)
	p.has(t, "udp", udpLine+"\n")
	p.look(time.Now())
	if p.drops != 3 {
		t.Errorf("%d", p.drops)
	}
}
