package gate

import (
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Its own trouble must not look as if a policy blocked the canary.
func TestTroubleOfItsOwnIsNeverClean(t *testing.T) {
	for name, failure := range map[string]error{
		"too many open files": syscall.EMFILE, "no memory": syscall.ENOBUFS, "no port left": syscall.EADDRNOTAVAIL,
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, ipv4)
			s.beacon("127.0.0.2")
			p := s.prober()
			p.dial = func(to netip.AddrPort, limit time.Duration) (net.Conn, error) {
				if int(to.Port()) == s.ports.Canary {
					return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", failure)}
				}
				return dialTCP(to, limit)
			}
			got := s.holdWith(p, soon, "127.0.0.2")
			if got.Outcome != GateUnreachable || !strings.Contains(got.Detail, failure.Error()) {
				t.Errorf("%s", got.JSON())
			}
		})
	}
	t.Run("no processor time", func(t *testing.T) {
		s := newScene(t, ipv4)
		s.beacon("127.0.0.2")
		p, now := s.prober(), time.Duration(0)
		p.clock = func() time.Duration { now += maxRound + 1; return now }
		if got := s.holdWith(p, far, "127.0.0.2"); got.Outcome != GateUnreachable || !strings.Contains(got.Detail, "did not get processor time") {
			t.Errorf("%s", got.JSON())
		}
	})
	t.Run("its addresses cannot be read", func(t *testing.T) {
		s := newScene(t, ipv4)
		s.beacon("127.0.0.2")
		p := s.prober()
		p.families = func() ([]family, error) { return s.families, syscall.EMFILE }
		if got := s.holdWith(p, soon, "127.0.0.2"); got.Outcome != GateUnreachable {
			t.Errorf("%s", got.JSON())
		}
	})
}

// An address of a family that the pod lacks cannot even be tried; a list for both families must not stop it.
func TestAnAddressOfAnotherFamilyIsNoTrouble(t *testing.T) {
	s := newScene(t, ipv4)
	s.beacon("127.0.0.2")
	p := s.prober()
	p.dial = func(to netip.AddrPort, limit time.Duration) (net.Conn, error) {
		if to.Addr().Is6() {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.EADDRNOTAVAIL)}
		}
		return dialTCP(to, limit)
	}
	check(t, s.holdWith(p, far, "127.0.0.2", "fd00::7"), Message{Outcome: Enforced, Families: []family{ipv4}, Addresses: 2})
}

func TestWhatAPolicyLooksLike(t *testing.T) {
	for _, failure := range []error{
		syscall.ECONNREFUSED, syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.EACCES, syscall.EPERM, os.ErrDeadlineExceeded,
	} {
		if !blocked(&net.OpError{Op: "dial", Err: failure}) {
			t.Errorf("%v is not seen as blocked", failure)
		}
	}
	if blocked(nil) {
		t.Error("no error is seen as blocked")
	}
}

func TestFamilies(t *testing.T) {
	for _, c := range []struct {
		addresses []string
		want      []family
	}{
		{nil, nil},
		{[]string{"10.0.0.7/24"}, []family{ipv4}},
		{[]string{"fd00::7/64", "10.0.0.7/24", "fd00::8/64"}, []family{ipv4, ipv6}},
		{[]string{"fe80::7/64", "10.0.0.7/32"}, []family{ipv4}},
		{[]string{"169.254.0.7/16", "127.0.0.1/8", "::1/128", "ff02::1/128", "0.0.0.0/0"}, nil},
	} {
		var addresses []net.Addr
		for _, text := range c.addresses {
			ip, network, err := net.ParseCIDR(text)
			if err != nil {
				t.Fatal(err)
			}
			addresses = append(addresses, &net.IPNet{IP: ip, Mask: network.Mask})
		}
		if got := familiesOf(addresses); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.addresses, got, c.want)
		}
	}
}
