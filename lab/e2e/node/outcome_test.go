//go:build node

package node

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"cleanroom.dev/lab/internal/labtest"
)

// odd are what a gate may meet in place of canaries: addresses where nothing answers any more, where only the canary's port
// does, and where the beacon's does but is none.
type odd struct{ gone, silent, beaconDead, noBeacon []string }

func (g gated) odd(t *testing.T) odd {
	t.Helper()
	pods := map[string]*v1.Pod{
		"gone": g.canary("gone"), "silent": g.talker(g.system, "silent", nil),
		"beacon-dead": g.talker(g.system, "beacon-dead", nil), "no-beacon": g.talker(g.system, "no-beacon", nil),
	}
	pods["beacon-dead"].Spec.Containers[0].Command = []string{"talk", "serve", "7802"}
	pods["no-beacon"].Spec.Containers[0].Command = []string{"talk", "serve", "7801"}
	addresses := map[string][]string{}
	for name, pod := range pods {
		if name != "gone" {
			pod.Labels = map[string]string{"app.kubernetes.io/component": "canary"}
		}
		g.create(t, pod)
	}
	for name := range pods {
		addresses[name] = g.addresses(t, g.system, name)
	}
	ctx := context.Background()
	must(t, g.client.CoreV1().Pods(g.system).Delete(ctx, "gone", metav1.DeleteOptions{}))
	labtest.Await(t, patience, "the end of a canary", func() error {
		if _, err := g.client.CoreV1().Pods(g.system).Get(ctx, "gone", metav1.GetOptions{}); err == nil {
			return fmt.Errorf("it is still there")
		}
		return nil
	})
	return odd{addresses["gone"], addresses["silent"], addresses["beacon-dead"], addresses["no-beacon"]}
}

// met is a gate, what it is given, and what it must report; one of several outcomes where load decides.
type met struct {
	name      string
	addresses []string
	state     string
	outcomes  []string
	detail    string
}

// gatesReport runs all at once, with builds behind them, and checks what each reports; the deadline is for those that may fail.
func (g gated) gatesReport(t *testing.T, deadline time.Duration, behind []string, all ...met) {
	t.Helper()
	var pods []*v1.Pod
	for _, m := range all {
		until := deadline
		if len(m.outcomes) == 1 && m.outcomes[0] == "Enforced" {
			until = 2 * patience
		}
		pod := g.gate(g.build(m.name, behind...), until, m.addresses...)
		if m.state != "" {
			pod.Labels = map[string]string{"cleanroom.dev/environment": "payments", "cleanroom.dev/state": m.state}
		}
		pods = append(pods, pod)
		g.create(t, pod)
	}
	verdicts := g.ended(t, pods...)
	for _, m := range all {
		v := verdicts[m.name]
		t.Logf("%s: %+v", m.name, v)
		if !slices.Contains(m.outcomes, v.Outcome) || !strings.Contains(v.Detail, m.detail) {
			t.Errorf("%s: %+v, want %v and %q", m.name, v, m.outcomes, m.detail)
		}
	}
	if segments, datagrams := g.received(t, "behind"); segments > 0 || datagrams > 0 {
		t.Errorf("%d TCP segments and %d datagrams passed", segments, datagrams)
	}
}

// flood has other pods connect to the port of all canaries as often as they can.
func (g gated) flood(t *testing.T, port string) {
	t.Helper()
	command := []string{"talk", "flood"}
	for _, address := range g.canaries {
		command = append(command, "tcp/"+net.JoinHostPort(address, port))
	}
	for _, name := range []string{"flood-1", "flood-2"} {
		g.create(t, g.restricted(name, "talk:1", command...))
		g.ready(t, &v1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: g.namespace}})
	}
}

var (
	enforced    = []string{"Enforced"}
	notEnforced = []string{"PolicyNotEnforced"}
	unreachable = []string{"GateUnreachable"}
)

func TestTheGatesOutcomeWherePoliciesAreEnforced(t *testing.T) {
	const deadline = 8 * time.Second
	g := setGated(t, keeps.up(t))
	odd, behind := g.odd(t), g.receiver(t, "behind")
	var four []string
	for _, address := range g.canaries {
		if !strings.Contains(address, ":") {
			four = append(four, address)
		}
	}
	g.gatesReport(t, deadline, behind,
		met{"well", g.canaries, "", enforced, ""},
		met{"one-stale", append(slices.Clone(odd.gone), g.canaries...), "", enforced, ""},
		met{"all-stale", odd.gone, "", unreachable, "no beacon answered at " + odd.gone[0]},
		met{"canary-dead", odd.silent, "", unreachable, "no beacon answered"},
		met{"beacon-dead", odd.beaconDead, "", unreachable, "no beacon answered"},
		met{"no-beacon", odd.noBeacon, "", unreachable, "no beacon answered"},
		met{"both-blocked", g.canaries, "quarantined", unreachable, "no beacon answered"},
		met{"one-family", four, "", unreachable, "IPv6 address and no canary of that family"},
	)
	g.flood(t, "7802")
	g.gatesReport(t, deadline, behind, met{"flooded", g.canaries, "", []string{"Enforced", "GateUnreachable"}, ""})
}

func TestWithoutEnforcementNoBuildStarts(t *testing.T) {
	const deadline = 4 * time.Second
	g := setGated(t, enforcesNone.up(t))
	odd, behind := g.odd(t), g.receiver(t, "behind")
	g.gatesReport(t, deadline, behind,
		met{"well", g.canaries, "", notEnforced, "no policy blocks the canary at 10.244.0."},
		met{"one-stale", append(slices.Clone(odd.gone), g.canaries...), "", notEnforced, ""},
		met{"canary-dead", odd.silent, "", unreachable, "no beacon answered"},
		met{"beacon-dead", odd.beaconDead, "", notEnforced, ""},
	)
	g.flood(t, "7802")
	// A flood may hide the canary, but not behind a beacon that answers.
	g.gatesReport(t, deadline, behind, met{"flooded", g.canaries, "", []string{"PolicyNotEnforced", "GateUnreachable"}, ""})
}
