//go:build node

package node

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/yaml"

	"cleanroom.dev/lab/internal/labtest"
)

// What the operator writes for the gate: build pods in state active reach the beacon of the canary pods, and nothing names
// the canary's port.
const beacon = `{podSelector: {matchLabels: {cleanroom.dev/state: active}, matchExpressions: [{key: cleanroom.dev/environment, operator: Exists}]},
	policyTypes: [Egress], egress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: SYSTEM}},
		podSelector: {matchLabels: {app.kubernetes.io/component: canary}}}], ports: [{protocol: TCP, port: 7801}]}]}`

const system = "cleanroom-system"

// gated is a lab with canaries and the policies of a namespace of builds, before the first build pod.
type gated struct {
	*lab
	// system is the namespace of the canaries.
	system string
	// canaries are the addresses of two canary pods, both families.
	canaries []string
}

func setGated(t testing.TB, l *lab) gated {
	t.Helper()
	g := gated{lab: l, system: l.namespace + "-system"}
	ctx := context.Background()
	g.makeNamespace(t, g.system, nil)
	for name, spec := range map[string]string{
		"cleanroom.deny-all": denyAll, "cleanroom.beacon": strings.ReplaceAll(beacon, "SYSTEM", g.system),
	} {
		policy := &networking.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Name: name}}
		must(t, yaml.Unmarshal([]byte(spec), &policy.Spec))
		_, err := g.client.NetworkingV1().NetworkPolicies(g.namespace).Create(ctx, policy, metav1.CreateOptions{})
		must(t, err)
	}
	names := []string{"canary-1", "canary-2"}
	for _, name := range names {
		g.create(t, g.canary(name))
	}
	for _, name := range names {
		g.canaries = append(g.canaries, g.addresses(t, g.system, name)...)
	}
	return g
}

// canary is a pod as the chart's.
func (g gated) canary(name string) *v1.Pod {
	pod := g.restricted(name, "cleanroom/tools:1", "/cleanroom-tools", "canary")
	pod.Namespace, pod.Labels = g.system, map[string]string{"app.kubernetes.io/component": "canary"}
	readOnly(pod)
	pod.Spec.Containers[0].ReadinessProbe = &v1.Probe{PeriodSeconds: 1}
	pod.Spec.Containers[0].ReadinessProbe.TCPSocket = &v1.TCPSocketAction{Port: intstr.FromInt32(7801)}
	return pod
}

// readOnly is how the product's own containers run.
func readOnly(pod *v1.Pod) {
	yes := true
	pod.Spec.Containers[0].SecurityContext.ReadOnlyRootFilesystem = &yes
}

// addresses of a pod once it is ready, both families.
func (l *lab) addresses(t testing.TB, namespace, name string) []string {
	t.Helper()
	both := families(t, l.ready(t, &v1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace}}))
	return both[:]
}

// receiver is a pod that no policy selects, and targets of it, TCP and UDP in both families.
func (l *lab) receiver(t *testing.T, name string) (targets []string) {
	t.Helper()
	l.create(t, l.talker(l.namespace, name, map[string]string{"app": name}))
	for _, address := range l.addresses(t, l.namespace, name) {
		to := net.JoinHostPort(address, "8080")
		targets = append(targets, "tcp/"+to, "udp/"+to)
	}
	return targets
}

// received are the TCP segments and the UDP datagrams that came to the pod, by its kernel's count.
func (l *lab) received(t *testing.T, pod string) (segments, datagrams int) {
	t.Helper()
	fields := map[string]int{}
	var names []string
	for line := range strings.Lines(l.exec(t, pod, "cat /proc/net/snmp /proc/net/snmp6")) {
		words := strings.Fields(line)
		protocol, isTable := strings.CutSuffix(words[0], ":")
		if _, err := strconv.Atoi(words[1]); isTable && err != nil {
			names = words
			continue
		}
		if !isTable {
			names, words, protocol = []string{"", words[0]}, []string{"", words[1]}, "6"
		}
		for i := range words[1:] {
			value, err := strconv.Atoi(words[i+1])
			must(t, err)
			fields[protocol+names[i+1]] = value
		}
	}
	for _, name := range []string{"TcpInSegs", "UdpInDatagrams", "6Udp6InDatagrams"} {
		if _, counted := fields[name]; !counted {
			t.Fatalf("%s is not counted: %v", name, fields)
		}
	}
	return fields["TcpInSegs"], fields["UdpInDatagrams"] + fields["6Udp6InDatagrams"]
}

// build is a pod as the operator's, that sends to the targets from its first instruction.
func (g gated) build(name string, targets ...string) *v1.Pod {
	pod := g.restricted(name, "talk:1", append([]string{"talk", "send"}, targets...)...)
	pod.Labels = buildPod
	return pod
}

// gate goes before all else in the pod.
func (g gated) gate(pod *v1.Pod, deadline time.Duration, addresses ...string) *v1.Pod {
	gate := g.restricted("", "cleanroom/tools:1", append([]string{"/cleanroom-tools", "gate", "--deadline", deadline.String()}, addresses...)...)
	readOnly(gate)
	pod.Spec.InitContainers = gate.Spec.Containers
	pod.Spec.InitContainers[0].Name = "gate"
	return pod
}

// verdict is a gate's message.
type verdict struct {
	Outcome           string
	Families          []string
	Addresses, Rounds int
	LagMillis         int
	Detail            string
}

// ended awaits the pods' ends, and returns the gates' messages by pod.
func (g gated) ended(t *testing.T, pods ...*v1.Pod) map[string]verdict {
	t.Helper()
	verdicts := map[string]verdict{}
	for _, pod := range pods {
		var got *v1.Pod
		labtest.Await(t, patience, "the end of "+pod.Name, func() (err error) {
			got, err = g.client.CoreV1().Pods(pod.Namespace).Get(context.Background(), pod.Name, metav1.GetOptions{})
			if err == nil && got.Status.Phase != v1.PodSucceeded && got.Status.Phase != v1.PodFailed {
				err = fmt.Errorf("status: %+v", got.Status)
			}
			return err
		})
		if len(got.Spec.InitContainers) == 0 {
			continue
		}
		end := got.Status.InitContainerStatuses[0].State.Terminated
		if end == nil {
			t.Fatalf("the gate of %s has not ended: %+v", pod.Name, got.Status)
		}
		var v verdict
		if err := json.Unmarshal([]byte(end.Message), &v); err != nil {
			t.Fatalf("the gate of %s says %q: %v", pod.Name, end.Message, err)
		}
		if passed := end.ExitCode == 0; passed != (v.Outcome == "Enforced") || passed != (got.Status.Phase == v1.PodSucceeded) {
			t.Errorf("the gate of %s ended with %d, the pod is %s: %s", pod.Name, end.ExitCode, got.Status.Phase, end.Message)
		}
		if started := got.Status.ContainerStatuses[0].State.Terminated != nil; started != (v.Outcome == "Enforced") {
			t.Errorf("the build of %s started: %v: %s", pod.Name, started, end.Message)
		}
		verdicts[pod.Name] = v
	}
	return verdicts
}

// manyBuilds keep the node so busy that its policies are late even without a lag.
const manyBuilds = 50

func TestNoPacketPassesTheGate(t *testing.T) {
	setGated(t, keeps.up(t)).letsNoPacketPass(t, manyBuilds)
}

func TestNoPacketPassesTheGateWhilePoliciesLag(t *testing.T) {
	builds := 15
	// As `make prove` says.
	if os.Getenv("CLEANROOM_ALL") == "true" {
		builds = manyBuilds
	}
	for _, lag := range []time.Duration{100 * time.Millisecond, 3 * time.Second} {
		t.Run(lag.String(), func(t *testing.T) {
			l := up(t, "--policy-lag", lag.String())
			if lag > time.Second {
				t.Run("a new pod's traffic passes", l.letsNewPodsTrafficPass)
			}
			setGated(t, l).letsNoPacketPass(t, builds)
		})
	}
}

// letsNoPacketPass has pods send from their first instruction, behind the gate and beside it: the second kind shows that the
// first would be seen.
func (g gated) letsNoPacketPass(t *testing.T, builds int) {
	t.Helper()
	const besides = 5
	fmt.Printf("sample: builds behind the gate, %s: %d of %d\n", t.Name(), builds, manyBuilds)
	behind, beside := g.receiver(t, "behind"), g.receiver(t, "beside")
	var pods []*v1.Pod
	for i := range besides {
		pods = append(pods, g.build(fmt.Sprintf("beside-%d", i), beside...))
	}
	for i := range builds {
		pods = append(pods, g.gate(g.build(fmt.Sprintf("behind-%d", i), behind...), 2*patience, g.canaries...))
	}
	for _, pod := range pods {
		g.create(t, pod)
	}
	var lags, rounds []int
	for name, v := range g.ended(t, pods...) {
		if v.Outcome != "Enforced" || !slices.Equal(v.Families, []string{"IPv4", "IPv6"}) || v.Addresses != 4 {
			t.Errorf("%s: %+v", name, v)
		}
		lags, rounds = append(lags, v.LagMillis), append(rounds, v.Rounds)
	}
	slices.Sort(lags)
	slices.Sort(rounds)
	t.Logf("lag in ms: least %d, median %d, most %d; rounds: %d, %d, %d", lags[0], lags[builds/2], lags[builds-1],
		rounds[0], rounds[builds/2], rounds[builds-1])
	if segments, datagrams := g.received(t, "behind"); segments > 0 || datagrams > 0 {
		t.Errorf("%d TCP segments and %d datagrams passed the gate", segments, datagrams)
	}
	segments, datagrams := g.received(t, "beside")
	t.Logf("without the gate %d TCP segments and %d datagrams of %d pods", segments, datagrams, besides)
	if segments == 0 || datagrams == 0 {
		t.Error("this test sees nothing without the gate: it proves nothing")
	}
}
