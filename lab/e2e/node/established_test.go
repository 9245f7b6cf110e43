//go:build node

package node

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"cleanroom.dev/lab/internal/labtest"
)

// What the operator writes: a namespace's deny-all, and what the environment `payments` may reach while it is not quarantined.
const (
	denyAll = `{podSelector: {matchExpressions: [{key: cleanroom.dev/environment, operator: Exists}]}, policyTypes: [Ingress, Egress]}`
	egress  = `{podSelector: {matchLabels: {cleanroom.dev/environment: payments}, matchExpressions: [{key: cleanroom.dev/state, operator: In, values: [active, suspect]}]},
		policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: server}}}]}]}`
)

var buildPod = map[string]string{"cleanroom.dev/environment": "payments", "cleanroom.dev/state": "active"}

// buildAndServer are a build pod and what it may reach, targets of each protocol and family.
func buildAndServer(t testing.TB, l *lab) (build *v1.Pod, targets []string) {
	t.Helper()
	server := l.talker(l.namespace, "server", map[string]string{"app": "server"})
	build = l.talker(l.namespace, "build", buildPod)
	l.create(t, server)
	l.create(t, build)
	for _, address := range families(t, l.ready(t, server)) {
		if strings.Contains(address, ":") {
			targets = append(targets, "tcp/["+address+"]:8080", "udp/["+address+"]:8080", "icmp/"+address)
		} else {
			targets = append(targets, "tcp/"+address+":8080", "udp/"+address+":8080", "icmp/"+address)
		}
	}
	return l.ready(t, build), targets
}

func (l *lab) awaitTries(t testing.TB, pod string, targets []string, want string) {
	t.Helper()
	labtest.Await(t, patience, fmt.Sprintf("%s finds all %s", pod, want), func() error {
		got := l.try(t, l.namespace, pod, targets...)
		if slices.ContainsFunc(got, func(result string) bool { return result != want }) {
			return fmt.Errorf("%v: %v", targets, got)
		}
		return nil
	})
}

func (l *lab) flip(t testing.TB, state string) {
	t.Helper()
	patch := []byte(`{"metadata":{"labels":{"cleanroom.dev/state":"` + state + `"}}}`)
	_, err := l.client.CoreV1().Pods(l.namespace).Patch(context.Background(), "build", types.MergePatchType, patch, metav1.PatchOptions{})
	must(t, err)
}

// holdAll keeps connections of each protocol and family, and returns when all of them have answered.
func (l *lab) holdAll(t *testing.T, targets []string) (next map[string]func() string) {
	t.Helper()
	next = map[string]func() string{}
	for _, target := range targets {
		if strings.HasPrefix(target, "icmp") {
			continue
		}
		next[target] = l.hold(t, l.namespace, "build", target)
		if got := next[target](); got != "open" {
			t.Fatalf("%s: %s", target, got)
		}
	}
	return next
}

func TestAFlippedLabelCutsNewConnectionsAndKeepsOthers(t *testing.T) {
	t.Parallel()
	l := keeps.up(t)
	_, targets := buildAndServer(t, l)
	l.apply(t, l.namespace, denyAll, egress)
	l.awaitTries(t, "build", targets, "open")
	established := l.holdAll(t, targets)
	l.flip(t, "quarantined")
	l.awaitTries(t, "build", targets, "silent")
	// Longer than an answer may take. A datagram may be lost or late on a busy machine: what was cut stays silent.
	for target, next := range established {
		for range 40 {
			labtest.Await(t, patience, target+", established before, goes on", func() error {
				if got := next(); got != "open" {
					return errors.New(got)
				}
				return nil
			})
		}
	}
	// What was cut is the build pod, not its peer.
	l.awaitTries(t, "server", targets, "open")
}

func TestAFlippedLabelCutsEstablishedConnections(t *testing.T) {
	t.Parallel()
	l := cuts.up(t)
	build, targets := buildAndServer(t, l)
	l.apply(t, l.namespace, denyAll, egress)
	l.awaitTries(t, "build", targets, "open")
	established := l.holdAll(t, targets)
	l.flip(t, "quarantined")
	for target, next := range established {
		labtest.Await(t, patience, "the end of "+target, func() error {
			if got := next(); got != "silent" {
				return fmt.Errorf("still %s", got)
			}
			return nil
		})
	}
	l.awaitTries(t, "build", targets, "silent")
	l.awaitTries(t, "build", []string{l.linkLocal(t, build)}, "silent")
	l.awaitTries(t, "server", targets, "open")

	if out, err := l.Run("up", "--node", "real"); err == nil || !strings.Contains(out, "runs with --established=cut --policy-lag=0s --enforce=on") {
		t.Errorf("up with other switches: %v, %s", err, out)
	}
}

// linkLocal is a target on the node that a pod reaches without any address of its own that policies know.
func (l *lab) linkLocal(t *testing.T, pod *v1.Pod) string {
	t.Helper()
	_, node := l.pids(t)
	in := func(command string) string {
		out, err := exec.Command("nsenter", "-t", strconv.Itoa(node), "-n", "sh", "-c", command).Output()
		must(t, err)
		return strings.TrimSpace(string(out))
	}
	link := in("ip -6 route get " + families(t, pod)[1] + ` | sed -n 's/.* dev \([^ ]*\) .*/\1/p'`)
	address := in("ip -6 -o address show scope link dev " + link + ` | sed -n 's/.* inet6 \([^/]*\).*/\1/p'`)
	return "tcp/[" + address + "%eth0]:10250"
}

// letsNewPodsTrafficPass is for a lag that is far longer than a pod takes from its start to its address being known, which is
// when the lag begins.
func (l *lab) letsNewPodsTrafficPass(t *testing.T) {
	own := *l
	l, own.namespace = &own, "lagging"
	l.makeNamespace(t, l.namespace, nil)
	server := l.talker(l.namespace, "server", map[string]string{"app": "server"})
	l.create(t, server)
	target := "tcp/" + families(t, l.ready(t, server))[0] + ":8080"
	l.apply(t, l.namespace, denyAll)
	build := l.talker(l.namespace, "build", buildPod)
	build.Spec.Containers[0].Command = []string{"talk", "watch", target}
	l.create(t, build)
	l.ready(t, build)
	labtest.Await(t, patience, "the end of the lag", func() error {
		lines := strings.Fields(l.kubectl(t, "logs", "build"))
		first := slices.Index(lines, "silent")
		if first < 0 {
			return fmt.Errorf("%d attempts, none silent", len(lines))
		}
		if first < 10 {
			t.Fatalf("silent after %d attempts", first)
		}
		return nil
	})
}

func TestPoliciesAreIgnored(t *testing.T) {
	t.Parallel()
	l := enforcesNone.up(t)
	build, targets := buildAndServer(t, l)
	l.apply(t, l.namespace, denyAll)
	if _, err := os.Stat(filepath.Join(l.Dir, "logs", "network-policies.log")); err == nil {
		t.Error("something enforces policies")
	}
	l.awaitTries(t, "build", targets, "open")
	// Nobody listens there, but the way is open.
	l.awaitTries(t, "build", []string{l.linkLocal(t, build)}, "closed")
}
