package gate

import (
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"cleanroom.dev/tools/internal/wire"
)

var ports = wire.Ports{Beacon: wire.BeaconPort, Canary: wire.CanaryPort, Fetch: wire.FetchPort}

var (
	addressA = netip.MustParseAddr("10.0.0.7")
	addressB = netip.MustParseAddr("10.0.0.8")
	address6 = netip.MustParseAddr("fd00::7")
)

const (
	// closedQuiet and closedDeadline are the launcher's.
	closedQuiet    = 300 * time.Millisecond
	closedDeadline = 30 * time.Second
	// step is when the operator takes the step.
	step = 10 * time.Minute
)

// network is one in memory, at a time that passes only when all wait. It says what answers; everything else is dropped.
type network struct {
	families []family
	open     func(to netip.AddrPort, now time.Duration) bool
	rounds   []time.Duration
}

// closedAt is a network in which the step reaches the plug-in at this time.
func closedAt(at time.Duration) func(netip.AddrPort, time.Duration) bool {
	return func(to netip.AddrPort, now time.Duration) bool {
		switch int(to.Port()) {
		case ports.Beacon:
			return now >= at
		case ports.Fetch:
			return now < at
		}
		return false
	}
}

// await is what a launcher measures there, with each dial that fails for a reason of its own.
func (n *network) await(t *testing.T, trouble func(to netip.AddrPort, now time.Duration) error, addresses ...netip.Addr) Message {
	t.Helper()
	var got Message
	synctest.Test(t, func(t *testing.T) {
		started := time.Now()
		p := newProber(started, beaconOf(ports), fetchBeaconOf(ports), canaryOf(ports))
		p.families = func() ([]family, error) {
			n.rounds = append(n.rounds, time.Since(started))
			return n.families, nil
		}
		p.dial = func(to netip.AddrPort, limit time.Duration) (net.Conn, error) {
			now := time.Since(started)
			if trouble != nil {
				if err := trouble(to, now); err != nil {
					return nil, err
				}
			}
			if !n.open(to, now) {
				time.Sleep(limit)
				return nil, os.ErrDeadlineExceeded
			}
			here, there := net.Pipe()
			go func() {
				_, _ = there.Write([]byte(wire.Beacon))
				_ = there.Close()
			}()
			return here, nil
		}
		got = awaitClosed(p, Settings{Ports: ports, Quiet: closedQuiet, Deadline: closedDeadline}, addresses)
		checkLine(t, got)
	})
	return got
}

func (n *network) ended() time.Duration { return n.rounds[len(n.rounds)-1] }

// checkWithin compares when the last round began.
func (n *network) checkWithin(t *testing.T, from, to time.Duration) {
	t.Helper()
	if n.ended() < from || n.ended() > to {
		t.Errorf("the last round began after %s, want %s to %s", n.ended(), from, to)
	}
}

func TestTheLauncherPassesWhenTheStepIsEnforced(t *testing.T) {
	n := network{families: []family{ipv4}, open: closedAt(0)}
	check(t, n.await(t, nil, addressA, addressB), Message{Outcome: Enforced, Families: []family{ipv4}, Addresses: 2})
	// Three rounds: each waits 200 ms for what is dropped.
	n.checkWithin(t, closedQuiet, time.Second)
}

func TestTheLauncherWaitsForTheStepWithoutEnd(t *testing.T) {
	n := network{families: []family{ipv4}, open: closedAt(step)}
	check(t, n.await(t, nil, addressA), Message{Outcome: Enforced, Families: []family{ipv4}, Addresses: 1})
	n.checkWithin(t, step+closedQuiet, step+maxPause+time.Second)
	if most := int(step/maxPause) + 200; len(n.rounds) > most {
		t.Errorf("%d rounds in %s", len(n.rounds), n.ended())
	}
}

// A tenth of the time that it has waited, and never more than maxPause.
func TestTheLauncherNoticesAnEarlyStepSoon(t *testing.T) {
	for _, at := range []time.Duration{100 * time.Millisecond, time.Second, 5 * time.Second} {
		n := network{families: []family{ipv4}, open: closedAt(at)}
		n.await(t, nil, addressA)
		n.checkWithin(t, at, at+roundLimit+max(pause, at/pauseShare)+2*(roundLimit+pause))
	}
}

func TestTheQuietTimeOfTheLauncherHasShortPauses(t *testing.T) {
	n := network{families: []family{ipv4}, open: closedAt(step)}
	n.await(t, nil, addressA)
	quiet := slices.DeleteFunc(slices.Clone(n.rounds), func(at time.Duration) bool { return at < step })
	for i := 1; i < len(quiet); i++ {
		if gap := quiet[i] - quiet[i-1]; gap > roundLimit+pause {
			t.Errorf("%s passed between rounds", gap)
		}
	}
}

func TestACanaryThatAnswersTheLauncherIsAPolicyNotEnforced(t *testing.T) {
	n := network{families: []family{ipv4}, open: func(to netip.AddrPort, now time.Duration) bool {
		return int(to.Port()) == ports.Canary && to.Addr() == addressB || closedAt(time.Second)(to, now)
	}}
	check(t, n.await(t, nil, addressA, addressB), Message{Outcome: PolicyNotEnforced, Families: []family{ipv4}, Addresses: 2,
		Detail: "no policy blocks the canary at 10.0.0.8"})
	n.checkWithin(t, closedDeadline, closedDeadline+2*time.Second)
}

// The build's rules are in force already, and the preparation's still are.
func TestAFetchBeaconThatAnswersBesideTheBeaconKeepsTheLauncher(t *testing.T) {
	for _, each := range []netip.Addr{addressA, addressB, address6} {
		n := network{families: []family{ipv4}, open: func(to netip.AddrPort, now time.Duration) bool {
			return int(to.Port()) == ports.Beacon || int(to.Port()) == ports.Fetch && to.Addr() == each && now < step
		}}
		check(t, n.await(t, nil, addressA, addressB, address6), Message{Outcome: Enforced, Families: []family{ipv4}, Addresses: 3})
		n.checkWithin(t, step+closedQuiet, step+maxPause+time.Second)
	}
}

func TestAMissingBeaconEndsTheLauncher(t *testing.T) {
	n := network{families: []family{ipv4}, open: func(to netip.AddrPort, now time.Duration) bool {
		return int(to.Port()) == ports.Fetch && now < step
	}}
	got := n.await(t, nil, addressA)
	want := Message{Outcome: GateUnreachable, Families: []family{ipv4}, Addresses: 1, Detail: got.Detail}
	check(t, got, want)
	if !strings.HasPrefix(got.Detail, "the fetch beacon last answered ") || !strings.HasSuffix(got.Detail, " ms after the start; no beacon answered at 10.0.0.7") {
		t.Errorf("%q", got.Detail)
	}
	if lag := time.Duration(got.LagMillis) * time.Millisecond; lag < step-maxPause || lag > step {
		t.Errorf("the fetch beacon last answered after %s", lag)
	}
	n.checkWithin(t, step-maxPause+closedDeadline, step+closedDeadline)
}

func TestALauncherThatNothingAnswersEnds(t *testing.T) {
	n := network{families: []family{ipv4}, open: func(netip.AddrPort, time.Duration) bool { return false }}
	check(t, n.await(t, nil, addressA), Message{Outcome: GateUnreachable, Families: []family{ipv4}, Addresses: 1,
		Detail: "no beacon answered at 10.0.0.7"})
	n.checkWithin(t, closedDeadline-time.Second, closedDeadline)
}

func TestEveryFamilyOfThePodMustBeClosed(t *testing.T) {
	both := []family{ipv4, ipv6}
	n := network{families: both, open: closedAt(0)}
	check(t, n.await(t, nil, addressA), Message{Outcome: GateUnreachable, Families: both, Addresses: 1,
		Detail: "the pod has an IPv6 address and no canary of that family was given"})
	n.open = func(to netip.AddrPort, now time.Duration) bool { return to.Addr().Is4() && closedAt(0)(to, now) }
	check(t, n.await(t, nil, addressA, address6), Message{Outcome: GateUnreachable, Families: both, Addresses: 2,
		Detail: "no beacon answered at fd00::7"})
	n.open = closedAt(0)
	check(t, n.await(t, nil, addressA, address6), Message{Outcome: Enforced, Families: both, Addresses: 2})
}

// Trouble of its own must not look as if the fetch beacon or the canary were blocked.
func TestTroubleOfTheLaunchersOwnIsNeverClean(t *testing.T) {
	for _, port := range []int{ports.Fetch, ports.Canary} {
		n := network{families: []family{ipv4}, open: closedAt(0)}
		trouble := func(to netip.AddrPort, _ time.Duration) error {
			if int(to.Port()) == port {
				return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.EMFILE)}
			}
			return nil
		}
		got := n.await(t, trouble, addressA)
		if got.Outcome != GateUnreachable || !strings.Contains(got.Detail, "too many open files") {
			t.Errorf("port %d: %s", port, got.JSON())
		}
	}
}

func TestTroubleThatEndsDelaysTheLauncher(t *testing.T) {
	n := network{families: []family{ipv4}, open: closedAt(0)}
	trouble := func(to netip.AddrPort, now time.Duration) error {
		if int(to.Port()) == ports.Fetch && now < 10*time.Second {
			return syscall.EMFILE
		}
		return nil
	}
	check(t, n.await(t, trouble, addressA), Message{Outcome: Enforced, Families: []family{ipv4}, Addresses: 1})
	n.checkWithin(t, 10*time.Second+closedQuiet, 11*time.Second)
}

func TestTheLauncherReadsAddressesStrictly(t *testing.T) {
	for _, addresses := range [][]string{nil, {"localhost"}, {"10.0.0.7:80"}, {"fe80::1%eth0"}} {
		if got := AwaitClosed(time.Now(), Settings{Addresses: addresses}); got.Outcome != GateUnreachable || got.Rounds != 0 || got.Detail == "" {
			t.Errorf("%q: %s", addresses, got.JSON())
		}
	}
}
