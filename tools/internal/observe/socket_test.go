package observe

import (
	"net/netip"
	"testing"
)

const (
	tcpLine  = "   1: 0100000A:E1F2 010200C0:01BB 02 00000001:00000000 01:000003E8 00000001  1000        0 4711 2 0000000000000000 200 0 0 1 7"
	udpLine  = "  77: 0100007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000  1001        0 4712 2 0000000000000000 3"
	tcp6Line = "   0: 00000000000000000000000000000000:E1F2 B80D0120000000000000000001000000:1F90 02 00000000:00000000 00:00000000 00000000  1000        0 4713 1 0000000000000000 20 4 30 10 -1"
	tcp4in6  = "   0: 0000000000000000FFFF00000100000A:E1F2 0000000000000000FFFF0000010200C0:01BB 02 00000000:00000000 00:00000000 00000000  1000        0 4714 1 0000000000000000 20 4 30 10 -1"
)

func TestASocketIsRead(t *testing.T) {
	at := netip.MustParseAddrPort
	for line, want := range map[string]socket{
		tcpLine:  {at("10.0.0.1:57842"), at("192.0.2.1:443"), synSent, 1000, 4711, 0},
		udpLine:  {at("127.0.0.1:53"), at("0.0.0.0:0"), 7, 1001, 4712, 3},
		tcp6Line: {at("[::]:57842"), at("[2001:db8::1]:8080"), synSent, 1000, 4713, 0},
		// As IPv4 addresses are in IPv6 sockets.
		tcp4in6: {at("10.0.0.1:57842"), at("192.0.2.1:443"), synSent, 1000, 4714, 0},
	} {
		if got, err := parseSocket(line); err != nil || got != want {
			t.Errorf("%s:\n%+v, want\n%+v: %v", line, got, want, err)
		}
	}
}

func TestASocketOfAnUnknownFormIsAnError(t *testing.T) {
	for _, line := range []string{
		"",
		"0: 0100000A:E1F2 010200C0:01BB 02 0 0 0 1000 0",
		"0: 0100000A 010200C0:01BB 02 0 0 0 1000 0 1",
		"0: 0100000A:E1F2 010200C0:1FFFF 02 0 0 0 1000 0 1",
		"0: 0100000A:E1F2 010200C:01BB 02 0 0 0 1000 0 1",
		"0: 0100000A:E1F2 010200CX:01BB 02 0 0 0 1000 0 1",
		"0: 0100000A:E1F2 010200C0:01BB 102 0 0 0 1000 0 1",
		"0: 0100000A:E1F2 010200C0:01BB 02 0 0 0 -1 0 1",
		"0: 0100000A:E1F2 010200C0:01BB 02 0 0 0 1000 0 x",
		"0: 0100000A:E1F2 010200C0:01BB 02 0 0 0 1000 0 1 2 0 x",
	} {
		if got, err := parseSocket(line); err == nil {
			t.Errorf("%q: %+v", line, got)
		}
	}
}

func FuzzSocket(f *testing.F) {
	for _, line := range []string{tcpLine, udpLine, tcp6Line, tcp4in6, ""} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		got, err := parseSocket(line)
		if err != nil && got != (socket{}) {
			t.Errorf("%+v: %v", got, err)
		}
		if err == nil && (!got.remote.IsValid() || got.remote.Addr().Is4In6()) {
			t.Errorf("%+v", got)
		}
	})
}
