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
func served(t *testing.T, beacon, canary net.Listener) <-chan error {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, beacon, canary) }()
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

func TestBothPortsAnswerInBothFamilies(t *testing.T) {
	beacon, canary := listen(t, ":0"), listen(t, ":0")
	served(t, beacon, canary)
	for _, host := range []string{"127.0.0.1", "127.0.0.2", "::1"} {
		if got := said(t, net.JoinHostPort(host, port(canary))); got != wire.Canary {
			t.Errorf("the canary at %s said %q", host, got)
		}
		if got := said(t, net.JoinHostPort(host, port(beacon))); got != wire.Beacon {
			t.Errorf("the beacon at %s said %q", host, got)
		}
	}
}

func TestTheBeaconIsSilentWhereTheCanaryIsDead(t *testing.T) {
	beacon, canary := listen(t, ":0"), listen(t, "127.0.0.1:0")
	served(t, beacon, canary)
	if got := said(t, "127.0.0.1:"+port(beacon)); got != wire.Beacon {
		t.Fatalf("beside a canary that answers, the beacon said %q", got)
	}
	for _, host := range []string{"127.0.0.2", "::1"} {
		if got := said(t, net.JoinHostPort(host, port(beacon))); got != "" {
			t.Errorf("at %s no canary answers, and the beacon said %q", host, got)
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

func TestTheBeaconIsSilentWhenTheCanaryIsFlooded(t *testing.T) {
	beacon := listen(t, "127.0.0.1:0")
	served(t, beacon, flooded(t))
	for range 3 {
		if got := said(t, beacon.Addr().String()); got != "" {
			t.Fatalf("the canary takes no connection, and the beacon said %q", got)
		}
	}
}

func TestPeersThatDoNotLeaveKeepNobodyOut(t *testing.T) {
	beacon, canary := listen(t, "127.0.0.1:0"), listen(t, "127.0.0.1:0")
	served(t, beacon, canary)
	for range maxConnections + 1 {
		dial(t, canary.Addr().String())
		dial(t, beacon.Addr().String())
	}
	if got := said(t, beacon.Addr().String()); got != wire.Beacon {
		t.Errorf("the beacon said %q", got)
	}
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
	for name, fail := range map[string]func(beacon, canary net.Listener) error{
		"beacon fails": func(beacon, _ net.Listener) error { return beacon.Close() },
		"canary fails": func(_, canary net.Listener) error { return canary.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			beacon, canary := listen(t, "127.0.0.1:0"), listen(t, "127.0.0.1:0")
			ended := served(t, beacon, canary)
			said(t, beacon.Addr().String())
			if err := fail(beacon, canary); err != nil {
				t.Fatal(err)
			}
			if err := <-ended; !errors.Is(err, net.ErrClosed) {
				t.Errorf("ended with %v", err)
			}
			for _, listener := range []net.Listener{beacon, canary} {
				if connection, err := net.Dial("tcp", listener.Addr().String()); err == nil {
					_ = connection.Close()
					t.Errorf("%s still listens", listener.Addr())
				}
			}
		})
	}
}

func TestAPortThatIsTakenIsAnError(t *testing.T) {
	taken, free := listen(t, ":0"), listen(t, ":0")
	_ = free.Close()
	ports := wire.Ports{Beacon: free.Addr().(*net.TCPAddr).Port, Canary: taken.Addr().(*net.TCPAddr).Port}
	if err := Run(t.Context(), ports); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("error: %v", err)
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
	s := newSelfCheck(wire.CanaryPort)
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
		if got := s.passes(at); got != step.want || dials != step.wantDials {
			t.Errorf("%s: %v after %d checks, want %v after %d", step.name, got, dials, step.want, step.wantDials)
		}
	}
}

func TestASelfCheckNeedsTheCanarysLine(t *testing.T) {
	for line, want := range map[string]bool{wire.Canary: true, wire.Beacon: false, "": false, "cleanroom canary 1": false} {
		s := newSelfCheck(wire.CanaryPort)
		s.dial = answering(line)
		if got := s.passes(netip.MustParseAddr("10.0.0.7")); got != want {
			t.Errorf("a canary that says %q: %v", line, got)
		}
	}
}

func TestASelfCheckDoesNotWaitForACanaryThatHangs(t *testing.T) {
	s := newSelfCheck(wire.CanaryPort)
	s.dial = func(netip.AddrPort, time.Duration) (net.Conn, error) {
		here, there := net.Pipe()
		t.Cleanup(func() { _ = there.Close() })
		return here, nil
	}
	if s.passes(netip.MustParseAddr("10.0.0.7")) {
		t.Error("it passes")
	}
}

func TestTheAddressesRememberedAreBounded(t *testing.T) {
	s := newSelfCheck(wire.CanaryPort)
	s.dial = answering(wire.Canary)
	address := netip.MustParseAddr("127.0.0.1")
	for range 2*maxChecks + 1 {
		s.passes(address)
		address = address.Next()
		if len(s.latest) > maxChecks {
			t.Fatalf("%d addresses", len(s.latest))
		}
	}
}
