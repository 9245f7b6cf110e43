package gate

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"time"
)

func TestARoundOfAProcessThatMeasuresOn(t *testing.T) {
	s := newScene(t, ipv4)
	addresses := []netip.Addr{netip.MustParseAddr("127.0.0.3"), netip.MustParseAddr("127.0.0.2")}
	rounds := newRounds(s.prober(), addresses)
	measures := func(want Measured) {
		t.Helper()
		if got := rounds.Measure(); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	measures(Measured{Refused: 4})
	s.beacon("127.0.0.3")
	measures(Measured{Beacon: true, Enforced: true, Refused: 3})
	first := s.peer("127.0.0.3", s.ports.Canary, "", func() {})
	second := s.peer("127.0.0.2", s.ports.Canary, "", func() {})
	measures(Measured{Beacon: true, Answered: "127.0.0.2", Refused: 1})
	_, _ = first.Close(), second.Close()
	measures(Measured{Beacon: true, Enforced: true, Refused: 3})
}

// Only these are answers of the network, which the kernel counts as failed attempts.
func TestWhatRefusesAConnection(t *testing.T) {
	for err, want := range map[error]bool{
		nil: false, os.ErrDeadlineExceeded: false, syscall.EMFILE: false, syscall.ENETUNREACH: false, syscall.ECONNREFUSED: true, syscall.EHOSTUNREACH: true,
		errors.New("other"): false,
	} {
		p := newProber(time.Now(), beaconOf(ports), canaryOf(ports))
		p.dial = func(netip.AddrPort, time.Duration) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Err: err}
		}
		got := newRounds(p, []netip.Addr{addressA}).Measure()
		if err != nil && (got.Refused == 2) != want {
			t.Errorf("%v: %+v", err, got)
		}
	}
}

// The observer counts the kernel's repetitions of a SYN, of which the first follows after a second. Its own must not be among them.
func TestARoundEndsBeforeTheKernelRepeatsASYN(t *testing.T) {
	if maxRound >= time.Second {
		t.Errorf("%s", maxRound)
	}
}

func TestRoundsReadAddressesStrictly(t *testing.T) {
	for _, addresses := range [][]string{nil, {"localhost"}, {"10.0.0.7:80"}, {"10.0.0.7", "fe80::1%eth0"}} {
		if rounds, err := NewRounds(Settings{Addresses: addresses}); err == nil || rounds != nil {
			t.Errorf("%q", addresses)
		}
	}
}
