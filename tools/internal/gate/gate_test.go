package gate

import (
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"cleanroom.dev/tools/internal/wire"
)

const (
	// quiet is a test's; soon a deadline by which nothing passes, far one that is never reached.
	quiet = 60 * time.Millisecond
	soon  = 150 * time.Millisecond
	far   = time.Minute
)

// scene is a pod on loopback: real connections, but families as told, for loopback gives none.
type scene struct {
	t        *testing.T
	ports    wire.Ports
	families []family
}

// newScene has ports that are free at every address of loopback.
func newScene(t *testing.T, families ...family) *scene {
	t.Helper()
	var ports []int
	for range 3 {
		listener, err := net.Listen("tcp", ":0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return &scene{t, wire.Ports{Beacon: ports[0], Canary: ports[1], Fetch: ports[2]}, families}
}

// peer answers each connection with the line; each is told to seen.
func (s *scene) peer(address string, port int, line string, seen func()) net.Listener {
	s.t.Helper()
	listener, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(address), uint16(port))))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = connection.Write([]byte(line))
			_ = connection.Close()
			seen()
		}
	}()
	return listener
}

func (s *scene) beacon(address string) { s.peer(address, s.ports.Beacon, wire.Beacon, func() {}) }
func (s *scene) canary(address string) { s.peer(address, s.ports.Canary, wire.Canary, func() {}) }

func (s *scene) prober() prober {
	p := newProber(time.Now(), beaconOf(s.ports), canaryOf(s.ports))
	p.families = func() ([]family, error) { return s.families, nil }
	return p
}

func (s *scene) hold(deadline time.Duration, addresses ...string) Message {
	return s.holdWith(s.prober(), deadline, addresses...)
}

func (s *scene) holdWith(p prober, deadline time.Duration, addresses ...string) Message {
	s.t.Helper()
	parsed, err := parse(addresses)
	if err != nil {
		s.t.Fatal(err)
	}
	return hold(p, Settings{Ports: s.ports, Quiet: quiet, Deadline: deadline}, parsed)
}

// check compares all but the rounds, of which there must be some, and the lag.
func check(t *testing.T, got Message, want Message) {
	t.Helper()
	if got.Rounds == 0 {
		t.Error("no rounds")
	}
	want.Rounds, want.LagMillis = got.Rounds, got.LagMillis
	if got.Outcome != want.Outcome || !slices.Equal(got.Families, want.Families) || got.Addresses != want.Addresses || got.Detail != want.Detail {
		t.Errorf("got  %s\nwant %s", got.JSON(), want.JSON())
	}
}

func TestItPassesWhereTheBeaconAnswersAndTheCanaryDoesNot(t *testing.T) {
	s := newScene(t, ipv4, ipv6)
	s.beacon("127.0.0.2")
	s.beacon("::1")
	got := s.hold(far, "127.0.0.2", "::1")
	check(t, got, Message{Outcome: Enforced, Families: []family{ipv4, ipv6}, Addresses: 2})
	if got.LagMillis != 0 {
		t.Errorf("%s", got.JSON())
	}
}

func TestItPassesWithABeaconAtOneOfTwo(t *testing.T) {
	s := newScene(t, ipv4)
	s.beacon("127.0.0.3")
	check(t, s.hold(far, "127.0.0.2", "127.0.0.3"), Message{Outcome: Enforced, Families: []family{ipv4}, Addresses: 2})
}

func TestACanaryThatAnswersIsAPolicyNotEnforced(t *testing.T) {
	s := newScene(t, ipv4)
	s.beacon("127.0.0.2")
	s.beacon("127.0.0.3")
	s.canary("127.0.0.3")
	got := s.hold(soon, "127.0.0.2", "127.0.0.3")
	check(t, got, Message{Outcome: PolicyNotEnforced, Families: []family{ipv4}, Addresses: 2,
		Detail: "no policy blocks the canary at 127.0.0.3"})
	if got.LagMillis == 0 {
		t.Error("no lag, though the canary answered")
	}
}

// What a canary says is no matter: a packet went there and one came back.
func TestACanaryThatSaysNothingAnswers(t *testing.T) {
	s := newScene(t, ipv4)
	s.beacon("127.0.0.2")
	s.peer("127.0.0.2", s.ports.Canary, "", func() {})
	if got := s.hold(soon, "127.0.0.2"); got.Outcome != PolicyNotEnforced {
		t.Errorf("%s", got.JSON())
	}
}

// It must not pass by a family in which the pod has no address, nor overlook what answers there.
func TestACanaryOfAnotherFamilyCountsToo(t *testing.T) {
	s := newScene(t, ipv4)
	s.beacon("127.0.0.2")
	s.canary("::1")
	if got := s.hold(soon, "127.0.0.2", "::1"); got.Outcome != PolicyNotEnforced {
		t.Errorf("%s", got.JSON())
	}
}

func TestWithoutABeaconThereIsNoVerdict(t *testing.T) {
	s := newScene(t, ipv4)
	want := Message{Outcome: GateUnreachable, Families: []family{ipv4}, Addresses: 2, Detail: "no beacon answered at 127.0.0.2, 127.0.0.3"}
	check(t, s.hold(soon, "127.0.0.3", "127.0.0.2"), want)
	for what, line := range map[string]string{"nothing": "", "what the canary says": wire.Canary, "too little": wire.Beacon[:5]} {
		t.Run("it says "+what, func(t *testing.T) {
			s := newScene(t, ipv4)
			s.peer("127.0.0.2", s.ports.Beacon, line, func() {})
			check(t, s.hold(soon, "127.0.0.3", "127.0.0.2"), want)
		})
	}
}

// The kernel takes the connection, and nobody is behind it.
func TestABeaconThatHangsIsNone(t *testing.T) {
	s := newScene(t, ipv4)
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2), Port: s.ports.Beacon})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	check(t, s.hold(soon, "127.0.0.2"), Message{Outcome: GateUnreachable, Families: []family{ipv4}, Addresses: 1, Detail: "no beacon answered at 127.0.0.2"})
}

func TestEveryFamilyOfThePodNeedsItsBeacon(t *testing.T) {
	both := []family{ipv4, ipv6}
	s := newScene(t, both...)
	s.beacon("127.0.0.2")
	check(t, s.hold(soon, "127.0.0.2", "::1"),
		Message{Outcome: GateUnreachable, Families: both, Addresses: 2, Detail: "no beacon answered at ::1"})
	check(t, s.hold(soon, "127.0.0.2"),
		Message{Outcome: GateUnreachable, Families: both, Addresses: 1, Detail: "the pod has an IPv6 address and no canary of that family was given"})
}

func TestAPodWithoutAnAddressNeverPasses(t *testing.T) {
	s := newScene(t)
	s.beacon("127.0.0.2")
	check(t, s.hold(soon, "127.0.0.2"), Message{Outcome: GateUnreachable, Addresses: 1, Detail: "the pod has no address"})
}

func TestItWaitsUntilTheCanaryIsBlocked(t *testing.T) {
	const answers = 5
	s := newScene(t, ipv4)
	s.beacon("127.0.0.2")
	seen := 0
	var canary net.Listener
	ready := make(chan struct{})
	canary = s.peer("127.0.0.2", s.ports.Canary, wire.Canary, func() {
		<-ready
		if seen++; seen == answers {
			_ = canary.Close()
		}
	})
	close(ready)
	got := s.hold(far, "127.0.0.2")
	check(t, got, Message{Outcome: Enforced, Families: []family{ipv4}, Addresses: 1})
	if got.Rounds <= answers {
		t.Errorf("it passed after %d rounds, in %d of which the canary answered", got.Rounds, answers)
	}
	if least := (answers - 1) * pause.Milliseconds(); got.LagMillis < least {
		t.Errorf("the lag is %d ms: the canary answered for %d at least", got.LagMillis, least)
	}
}

func TestAddressesAreReadStrictly(t *testing.T) {
	many := strings.Fields(strings.Repeat("10.0.0.7 ", maxAddresses+1))
	for name, addresses := range map[string][]string{
		"none": nil, "a name": {"localhost"}, "a port": {"10.0.0.7:80"}, "a zone": {"fe80::1%eth0"}, "a flag too late": {"10.0.0.7", "--quiet=0s"},
		"too many": many, "hostile": {strings.Repeat("\x00\xff\"\\<é\n", 1000)},
	} {
		t.Run(name, func(t *testing.T) {
			got := Run(time.Now(), Settings{Addresses: addresses})
			if got.Outcome != GateUnreachable || got.Rounds != 0 || got.Detail == "" {
				t.Errorf("%s", got.JSON())
			}
			checkLine(t, got)
		})
	}
	if _, err := parse(many[1:]); err != nil {
		t.Error(err)
	}
}
