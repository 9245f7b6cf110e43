package observe

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"syscall"
	"testing"
	"time"
)

func newTestResolver(t *testing.T) *resolver {
	t.Helper()
	r, err := newResolver(t.Context(), "127.0.0.1:0", newReport([]string{"build"}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.close)
	go r.serveUDP()
	go r.serveTCP()
	return r
}

// client asks the resolver, over the network.
func (r *resolver) client(network string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, r.address().String())
	}}
}

func TestNamesAreAnsweredAtOnceAndRemembered(t *testing.T) {
	for _, network := range []string{"udp", "tcp"} {
		r := newTestResolver(t)
		started := time.Now()
		_, err := r.client(network).LookupHost(t.Context(), "cdn.example.com.")
		var failed *net.DNSError
		if !errors.As(err, &failed) || !failed.IsNotFound || time.Since(started) > time.Second {
			t.Errorf("%s: %v after %s", network, err, time.Since(started))
		}
		// One question for each family.
		got := r.report.names.all[name{"cdn.example.com", ""}]
		if len(r.report.names.all) != 1 || got == nil || got.count != 2 {
			t.Errorf("%s: %+v", network, r.report.names.all)
		}
		if n := r.datagrams.Load(); network == "udp" && n != 4 || network == "tcp" && n != 0 {
			t.Errorf("%s: %d datagrams", network, n)
		}
	}
}

func (r *resolver) connect(t *testing.T) net.Conn {
	t.Helper()
	peer, err := net.Dial("tcp", r.address().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = peer.Close() })
	return peer
}

func TestATCPConnectionThatIsNoUseEnds(t *testing.T) {
	t.Parallel()
	r := newTestResolver(t)
	valid := question(t, "cdn.example.com.")
	long := append(binary.BigEndian.AppendUint16(nil, maxQuestion+1), append(valid, make([]byte, maxQuestion+1-len(valid))...)...)
	for what, c := range map[string]struct {
		sent   []byte
		atOnce bool
	}{
		"a message that is too long": {long, true},
		"a message that is none":     {[]byte{0, 3, 1, 2, 3}, true},
		"nothing":                    {nil, false},
		"half a message":             {[]byte{0, 100, 1}, false},
	} {
		started := time.Now()
		peer := r.connect(t)
		if _, err := peer.Write(c.sent); err != nil {
			t.Fatal(err)
		}
		_ = peer.SetReadDeadline(time.Now().Add(2 * resolvePatience))
		got, err := io.ReadAll(peer)
		if errors.Is(err, syscall.ECONNRESET) {
			// What it had sent was not read.
			err = nil
		}
		if took := time.Since(started); err != nil || len(got) > 0 || took < resolvePatience/2 != c.atOnce {
			t.Errorf("%s: %q after %s: %v", what, got, took, err)
		}
	}
}

func TestHeldConnectionsDoNotStopTheResolver(t *testing.T) {
	t.Parallel()
	r := newTestResolver(t)
	for range maxResolving {
		r.connect(t)
	}
	started := time.Now()
	_, _ = r.client("udp").LookupHost(t.Context(), "udp.example.com.")
	if took := time.Since(started); took > resolvePatience/2 {
		t.Errorf("UDP took %s", took)
	}
	_, _ = r.client("tcp").LookupHost(t.Context(), "tcp.example.com.")
	if took := time.Since(started); took < resolvePatience/2 {
		t.Errorf("more than %d connections are served", maxResolving)
	}
	if len(r.report.names.all) != 2 {
		t.Errorf("%+v", r.report.names.all)
	}
}

func TestAFloodOfNamesTakesNoMemory(t *testing.T) {
	r := &resolver{report: newReport([]string{"build"})}
	const flood = 100_000
	ask := func(from, to int) uint64 {
		for i := from; i < to; i++ {
			r.answer(question(t, fmt.Sprintf("n%d.example.com.", i)))
		}
		runtime.GC()
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		return memory.HeapAlloc
	}
	full := ask(0, maxNames)
	if grown := int64(ask(maxNames, flood) - full); grown > 64<<10 {
		t.Errorf("%d bytes more", grown)
	}
	if end := r.report.ending(); len(r.report.names.all) != maxNames || end.Omitted != flood-maxNames || end.Reason != tooManyNames {
		t.Errorf("%d names, %+v", len(r.report.names.all), end)
	}
}
