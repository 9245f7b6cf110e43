package canary

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"cleanroom.dev/tools/internal/wire"
)

// patience bounds what must come; what must not come ends by itself.
const patience = 30 * time.Second

func listen(t *testing.T, address string) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener
}

// served runs a canary on the listeners; its end comes on the channel.
func served(t *testing.T, l listeners) <-chan error {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, l) }()
	t.Cleanup(stop)
	return ended
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	connection, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	if err := connection.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return connection
}

// said is all that is answered until the connection is closed.
func said(t *testing.T, address string) string {
	t.Helper()
	line, err := io.ReadAll(dial(t, address))
	if err != nil {
		t.Fatal(err)
	}
	return string(line)
}

func port(listener net.Listener) string {
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return port
}

func TestAllPortsAnswerInBothFamilies(t *testing.T) {
	l := listeners{beacon: listen(t, ":0"), canary: listen(t, ":0"), fetch: listen(t, ":0")}
	served(t, l)
	for _, host := range []string{"127.0.0.1", "127.0.0.2", "::1"} {
		for _, c := range []struct {
			name string
			port net.Listener
			line string
		}{{"canary", l.canary, wire.Canary}, {"fetch beacon", l.fetch, wire.Beacon}, {"beacon", l.beacon, wire.Beacon}} {
			if got := said(t, net.JoinHostPort(host, port(c.port))); got != c.line {
				t.Errorf("the %s at %s said %q", c.name, host, got)
			}
		}
	}
}

// checkBeacons compares what both beacons answer at the host.
func checkBeacons(t *testing.T, l listeners, host, beacon, fetch string) {
	t.Helper()
	if got := said(t, net.JoinHostPort(host, port(l.beacon))); got != beacon {
		t.Errorf("the beacon at %s said %q, want %q", host, got, beacon)
	}
	if got := said(t, net.JoinHostPort(host, port(l.fetch))); got != fetch {
		t.Errorf("the fetch beacon at %s said %q, want %q", host, got, fetch)
	}
}

func TestBothBeaconsAreSilentWhereTheCanaryIsDead(t *testing.T) {
	l := listeners{beacon: listen(t, ":0"), canary: listen(t, "127.0.0.1:0"), fetch: listen(t, ":0")}
	served(t, l)
	checkBeacons(t, l, "127.0.0.1", wire.Beacon, wire.Beacon)
	checkBeacons(t, l, "127.0.0.2", "", "")
	checkBeacons(t, l, "::1", "", "")
}

// A launcher takes a silent fetch beacon for a policy, if the beacon answers.
func TestTheBeaconIsSilentWhereTheFetchBeaconIsDead(t *testing.T) {
	l := listeners{beacon: listen(t, ":0"), canary: listen(t, ":0"), fetch: listen(t, "127.0.0.1:0")}
	served(t, l)
	checkBeacons(t, l, "127.0.0.1", wire.Beacon, wire.Beacon)
	for _, host := range []string{"127.0.0.2", "::1"} {
		if got := said(t, net.JoinHostPort(host, port(l.beacon))); got != "" {
			t.Errorf("at %s no fetch beacon answers, and the beacon said %q", host, got)
		}
	}
}

// flooded is a listener that nobody takes connections from, its queue in the kernel full.
func flooded(t *testing.T) net.Listener {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}), syscall.Listen(fd, 1)); err != nil {
		t.Fatal(err)
	}
	file := os.NewFile(uintptr(fd), "listener")
	defer file.Close()
	listener, err := net.FileListener(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	for range 64 {
		connection, err := net.DialTimeout("tcp", listener.Addr().String(), maxAge)
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() {
			return unheard{listener}
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = connection.Close() })
	}
	t.Fatal("the queue is never full")
	return nil
}

// unheard never accepts, but ends when closed.
type unheard struct{ net.Listener }

func (unheard) Accept() (net.Conn, error) { select {} }

func TestBothBeaconsAreSilentWhenTheCanaryIsFlooded(t *testing.T) {
	l := listeners{beacon: listen(t, "127.0.0.1:0"), canary: flooded(t), fetch: listen(t, "127.0.0.1:0")}
	served(t, l)
	for range 3 {
		checkBeacons(t, l, "127.0.0.1", "", "")
	}
}

// The pods that may reach the fetch beacon run what they have fetched, so they may flood it.
func TestTheBeaconIsSilentWhenTheFetchBeaconIsFlooded(t *testing.T) {
	l := listeners{beacon: listen(t, "127.0.0.1:0"), canary: listen(t, "127.0.0.1:0"), fetch: flooded(t)}
	served(t, l)
	for range 3 {
		if got := said(t, l.beacon.Addr().String()); got != "" {
			t.Fatalf("the fetch beacon takes no connection, and the beacon said %q", got)
		}
	}
}

func TestPeersThatDoNotLeaveKeepNobodyOut(t *testing.T) {
	l := listeners{beacon: listen(t, "127.0.0.1:0"), canary: listen(t, "127.0.0.1:0"), fetch: listen(t, "127.0.0.1:0")}
	served(t, l)
	for range maxConnections + 1 {
		for _, listener := range []net.Listener{l.canary, l.fetch, l.beacon} {
			dial(t, listener.Addr().String())
		}
	}
	checkBeacons(t, l, "127.0.0.1", wire.Beacon, wire.Beacon)
}

func TestNoMoreThanTheLimitAreServedAtOnce(t *testing.T) {
	const peers = 2 * maxConnections
	listener := listen(t, "127.0.0.1:0")
	var served, most atomic.Int32
	entered, leave := make(chan struct{}, peers), make(chan struct{})
	go func() {
		_ = accept(listener, func(net.Conn) {
			if now := served.Add(1); now > most.Load() {
				most.Store(now)
			}
			entered <- struct{}{}
			<-leave
			served.Add(-1)
		})
	}()
	for range peers {
		dial(t, listener.Addr().String())
	}
	for i := range peers {
		if i >= maxConnections {
			leave <- struct{}{}
		}
		<-entered
	}
	close(leave)
	if most.Load() > maxConnections {
		t.Errorf("%d were served at once", most.Load())
	}
}

func TestThePortsShareOneFate(t *testing.T) {
	for name, fail := range map[string]func(listeners) error{
		"beacon fails":       func(l listeners) error { return l.beacon.Close() },
		"canary fails":       func(l listeners) error { return l.canary.Close() },
		"fetch beacon fails": func(l listeners) error { return l.fetch.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			l := listeners{beacon: listen(t, "127.0.0.1:0"), canary: listen(t, "127.0.0.1:0"), fetch: listen(t, "127.0.0.1:0")}
			ended := served(t, l)
			said(t, l.beacon.Addr().String())
			if err := fail(l); err != nil {
				t.Fatal(err)
			}
			if err := <-ended; !errors.Is(err, net.ErrClosed) {
				t.Errorf("ended with %v", err)
			}
			for _, listener := range []net.Listener{l.beacon, l.canary, l.fetch} {
				if connection, err := net.Dial("tcp", listener.Addr().String()); err == nil {
					_ = connection.Close()
					t.Errorf("%s still listens", listener.Addr())
				}
			}
		})
	}
}

func TestAPortThatIsTakenIsAnError(t *testing.T) {
	var free []int
	for range 2 {
		listener := listen(t, ":0")
		free = append(free, listener.Addr().(*net.TCPAddr).Port)
		_ = listener.Close()
	}
	taken := listen(t, ":0").Addr().(*net.TCPAddr).Port
	for _, ports := range []wire.Ports{
		{Beacon: taken, Canary: free[0], Fetch: free[1]}, {Beacon: free[0], Canary: taken, Fetch: free[1]},
		{Beacon: free[0], Canary: free[1], Fetch: taken},
	} {
		ctx, stop := context.WithTimeout(t.Context(), patience)
		defer stop()
		if err := Run(ctx, ports); !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("%v: error %v", ports, err)
		}
	}
}

// answering is a canary in memory.
func answering(line string) func(netip.AddrPort, time.Duration) (net.Conn, error) {
	return func(netip.AddrPort, time.Duration) (net.Conn, error) {
		here, there := net.Pipe()
		go func() {
			_, _ = there.Write([]byte(line))
			_ = there.Close()
		}()
		return here, nil
	}
}

func TestSelfChecksAge(t *testing.T) {
	at := netip.MustParseAddr("10.0.0.7")
	now := time.Unix(0, 0)
	dials, slow := 0, time.Duration(0)
	s := newSelfCheck(wire.CanaryPort, wire.Canary)
	s.now = func() time.Time { return now }
	s.dial = func(to netip.AddrPort, limit time.Duration) (net.Conn, error) {
		if to != netip.AddrPortFrom(at, wire.CanaryPort) {
			t.Errorf("checked %s", to)
		}
		dials++
		now = now.Add(slow)
		return answering(wire.Canary)(to, limit)
	}
	for _, step := range []struct {
		name      string
		advance   time.Duration
		slow      time.Duration
		wantDials int
		want      bool
	}{
		{"the first", 0, 0, 1, true},
		{"another soon after shares it", renewAge, 0, 1, true},
		{"a later one brings its own", 1, 0, 2, true},
		{"one that takes as long as it may", renewAge + 1, maxAge, 3, true},
		{"one that is too old when it is known", 1, maxAge + 1, 4, false},
	} {
		now, slow = now.Add(step.advance), step.slow
		if got := allPass(at, s); got != step.want || dials != step.wantDials {
			t.Errorf("%s: %v after %d checks, want %v after %d", step.name, got, dials, step.want, step.wantDials)
		}
	}
}

func TestASelfCheckNeedsTheCanarysLine(t *testing.T) {
	for line, want := range map[string]bool{wire.Canary: true, wire.Beacon: false, "": false, "cleanroom canary 1": false} {
		s := newSelfCheck(wire.CanaryPort, wire.Canary)
		s.dial = answering(line)
		if got := allPass(netip.MustParseAddr("10.0.0.7"), s); got != want {
			t.Errorf("a canary that says %q: %v", line, got)
		}
	}
}

func TestASelfCheckDoesNotWaitForACanaryThatHangs(t *testing.T) {
	s := newSelfCheck(wire.CanaryPort, wire.Canary)
	s.dial = func(netip.AddrPort, time.Duration) (net.Conn, error) {
		here, there := net.Pipe()
		t.Cleanup(func() { _ = there.Close() })
		return here, nil
	}
	if allPass(netip.MustParseAddr("10.0.0.7"), s) {
		t.Error("it passes")
	}
}

// A gate waits 200 ms for a beacon.
func TestABeaconAnswersWithinTheAgeOfACheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var checks []*selfCheck
		for _, line := range []string{wire.Canary, wire.Beacon} {
			s := newSelfCheck(1, line)
			s.dial = func(to netip.AddrPort, limit time.Duration) (net.Conn, error) {
				time.Sleep(maxAge - 1)
				return answering(line)(to, limit)
			}
			checks = append(checks, s)
		}
		began := time.Now()
		passed := allPass(netip.MustParseAddr("10.0.0.7"), checks...)
		if took := time.Since(began); !passed || took > maxAge {
			t.Errorf("two slow checks: %v after %s", passed, took)
		}
	})
}

func TestTheAddressesRememberedAreBounded(t *testing.T) {
	s := newSelfCheck(wire.CanaryPort, wire.Canary)
	s.dial = answering(wire.Canary)
	address := netip.MustParseAddr("127.0.0.1")
	for range 2*maxChecks + 1 {
		allPass(address, s)
		address = address.Next()
		if len(s.latest) > maxChecks {
			t.Fatalf("%d addresses", len(s.latest))
		}
	}
}
