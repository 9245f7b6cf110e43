//go:build node

package node

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"

	"cleanroom.dev/lab/internal/labtest"
)

// The registry has a name of the cluster's DNS for the operator alone. Without a usable AOT cache the virtual machine would not start.
const asPods = `
image: OPERATOR
jvmOptions: ["-XX:AOTMode=on"]
registries:
  REGISTRY: {mirrors: ["registry.default.svc.cluster.local:5000"], mirrorsOnly: true}
  registry.default.svc.cluster.local:5000: {plainHttp: true, anyAddress: true}
networkPolicy:
  enabled: true
  apiServer: {cidrs: [API/32], ports: [PORT]}
  registries: {cidrs: [NODE/32], ports: [5000]}
  metricsFrom: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: default}}, podSelector: {matchLabels: {scrapes: cleanroom}}}]
`

const namedRegistry = `
apiVersion: v1
kind: Service
metadata: {name: registry}
spec: {ports: [{name: http, port: 5000}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: registry, labels: {kubernetes.io/service-name: registry}}
addressType: IPv4
ports: [{name: http, port: 5000}]
endpoints: [{addresses: [NODE]}]
`

// deployPods installs the chart as a user does, with the image that `make image` made.
func deployPods(t *testing.T) (o installed, apiServer string) {
	t.Helper()
	l := up(t)
	slice, err := l.client.DiscoveryV1().EndpointSlices("default").Get(context.Background(), "kubernetes", metav1.GetOptions{})
	must(t, err)
	api, port := slice.Endpoints[0].Addresses[0], strconv.Itoa(int(*slice.Ports[0].Port))
	node := strings.TrimSuffix(l.registry, ":5000")
	installed{lab: l}.apply(t, strings.ReplaceAll(namedRegistry, "NODE", node))
	values := filepath.Join(t.TempDir(), "values.yaml")
	must(t, os.WriteFile(values, []byte(strings.NewReplacer("OPERATOR", l.pushOperator(t), "REGISTRY", l.registry, "NODE", node,
		"API", api, "PORT", port).Replace(asPods)), 0o600))
	t.Cleanup(func() {
		if t.Failed() {
			said, _ := l.Run("kubectl", "logs", "-n", system, "-l", "app.kubernetes.io/component=operator", "--prefix", "--tail=200")
			pods, _ := l.Run("kubectl", "describe", "pods", "-n", system)
			t.Logf("the operators:\n%s\n%s", said, pods)
		}
	})
	o = deploy(t, l, "-f", values)
	o.team = "team"
	o.open(t)
	return o, net.JoinHostPort(api, port)
}

// pushOperator gives the node's registry the image, and returns its name by digest.
func (l *lab) pushOperator(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if out, err := exec.Command("tar", "-xf", repository+"operator/target/cleanroom-image.tar", "-C", folder).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s: make image makes it", err, out)
	}
	index, err := layout.ImageIndexFromPath(folder)
	must(t, err)
	manifest, err := index.IndexManifest()
	must(t, err)
	digest := manifest.Manifests[0].Digest
	image, err := index.Image(digest)
	must(t, err)
	to, err := name.NewDigest(l.registry+"/cleanroom/operator@"+digest.String(), name.Insecure)
	must(t, err)
	must(t, remote.Write(to, image))
	return to.String()
}

// replicas are the operator's pods that are ready and stay.
func (o installed) replicas(t *testing.T) (pods []v1.Pod) {
	t.Helper()
	labtest.Await(t, 2*patience, "two replicas", func() error {
		list, err := o.client.CoreV1().Pods(system).List(context.Background(),
			metav1.ListOptions{LabelSelector: "app.kubernetes.io/component=operator"})
		if err != nil {
			return err
		}
		pods = nil
		for _, pod := range list.Items {
			for _, condition := range pod.Status.Conditions {
				if condition.Type == v1.PodReady && condition.Status == v1.ConditionTrue && pod.DeletionTimestamp == nil {
					pods = append(pods, pod)
				}
			}
		}
		if len(pods) != 2 {
			return fmt.Errorf("%d are ready", len(pods))
		}
		return nil
	})
	return pods
}

// leader waits for a holder of the Lease other than the one given, and returns it.
func (o installed) leader(t *testing.T, not string) (holder string) {
	t.Helper()
	labtest.Await(t, patience, "a leader", func() error {
		lease, err := o.client.CoordinationV1().Leases(system).Get(context.Background(), "cleanroom-operator", metav1.GetOptions{})
		if err != nil {
			return err
		}
		if holder = *lease.Spec.HolderIdentity; holder == "" || holder == not {
			return fmt.Errorf("held by %q", holder)
		}
		return nil
	})
	return holder
}

// java is the process of the operator in the pod, as this machine sees it.
func java(t *testing.T, pod v1.Pod) int {
	t.Helper()
	groups, err := filepath.Glob("/proc/[0-9]*/cgroup")
	must(t, err)
	for _, group := range groups {
		in, _ := os.ReadFile(group)
		program, _ := os.Readlink(filepath.Join(filepath.Dir(group), "exe"))
		if strings.Contains(string(in), string(pod.UID)) && filepath.Base(program) == "java" {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(group)))
			must(t, err)
			return pid
		}
	}
	t.Fatalf("no process of pod %s", pod.Name)
	return 0
}

// peak is the most memory that the process has used, in bytes.
func peak(t *testing.T, pid int) (bytes int64) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	must(t, err)
	for line := range strings.Lines(string(status)) {
		if words := strings.Fields(line); words[0] == "VmHWM:" {
			kilobytes, err := strconv.ParseInt(words[1], 10, 64)
			must(t, err)
			return kilobytes << 10
		}
	}
	t.Fatalf("no VmHWM in %s", status)
	return 0
}

// watch puts a container with talk into the pod, which sees the network as the pod does.
func (o installed) watch(t *testing.T, pod v1.Pod) {
	t.Helper()
	watcher := o.restricted("", "talk:1", "talk", "serve", "9090").Spec.Containers[0]
	watcher.Name = "watcher"
	ctx := context.Background()
	must(t, retry.RetryOnConflict(retry.DefaultRetry, func() error {
		now, err := o.client.CoreV1().Pods(system).Get(ctx, pod.Name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		now.Spec.EphemeralContainers = []v1.EphemeralContainer{{EphemeralContainerCommon: v1.EphemeralContainerCommon{
			Name: watcher.Name, Image: watcher.Image, Command: watcher.Command, SecurityContext: watcher.SecurityContext,
		}}}
		_, err = o.client.CoreV1().Pods(system).UpdateEphemeralContainers(ctx, pod.Name, now, metav1.UpdateOptions{})
		return err
	}))
	labtest.Await(t, patience, "the watcher", func() error {
		got, err := o.client.CoreV1().Pods(system).Get(ctx, pod.Name, metav1.GetOptions{})
		if err == nil && (len(got.Status.EphemeralContainerStatuses) == 0 || got.Status.EphemeralContainerStatuses[0].State.Running == nil) {
			err = fmt.Errorf("status: %+v", got.Status.EphemeralContainerStatuses)
		}
		return err
	})
}

func TestTheOperatorRunsAsAPod(t *testing.T) {
	t.Parallel()
	o, apiServer := deployPods(t)
	replicas := o.replicas(t)
	o.apply(t, strings.ReplaceAll(talkative, "NODE", strings.TrimSuffix(o.registry, ":5000")))
	o.awaits(t, "Running", "get", "benv", "payments", "-o", reason("Ready"))
	o.awaits(t, "Enforced", "get", "benv", "payments", "-o", reason("NetworkEnforced"))
	o.awaits(t, "reached", "logs", "payments-0-1")
	o.Must(t, "kubectl", "annotate", "pod", "payments-0-1", "-n", o.team, "cleanroom.dev/quarantine=odd egress")
	o.awaits(t, "shut", "logs", "payments-0-1")
	o.awaits(t, "Replaced", "get", "incident", "-o", `jsonpath={.items[0].status.conditions[?(@.type=="Rebuilt")].reason}`)

	t.Run("its network", func(t *testing.T) { o.operatorNetwork(t, replicas[0], apiServer) })
	replicas = o.replicas(t)
	for _, pod := range replicas {
		limit := pod.Spec.Containers[0].Resources.Limits.Memory().Value()
		used := peak(t, java(t, pod))
		t.Logf("%s used at most %d MiB of %d", pod.Name, used>>20, limit>>20)
		before := pod.Status.ContainerStatuses[0].LastTerminationState.Terminated
		if used >= limit || before != nil && before.Reason == "OOMKilled" {
			t.Errorf("%d bytes of %d, before: %+v", used, limit, before)
		}
	}

	// Stopped it cannot give the Lease back: the other one takes it over when it has run out.
	first, other := o.leader(t, ""), ""
	for _, pod := range replicas {
		if pod.Name == first {
			must(t, syscall.Kill(java(t, pod), syscall.SIGSTOP))
		} else {
			other = pod.Name
		}
	}
	if second := o.leader(t, first); second != other {
		t.Errorf("led by %s, not by %s", second, other)
	}
	o.Must(t, "kubectl", "delete", "pod", first, "-n", system, "--grace-period=0", "--force")
	o.apply(t, strings.NewReplacer("NODE", strings.TrimSuffix(o.registry, ":5000"), "payments", "orders").Replace(talkative))
	o.awaits(t, "Enforced", "get", "benv", "orders", "-o", reason("NetworkEnforced"))

	o.uninstalls(t)
}

// uninstalls shows that the chart stays while a build pod is left, and that nothing of it holds or refuses anything afterwards.
func (o installed) uninstalls(t *testing.T) {
	o.replicas(t)
	if out, err := o.Run("helm", "uninstall", "cleanroom", "-n", system); err == nil {
		t.Fatalf("uninstalled while builds run: %s", out)
	}
	if said := o.Must(t, "kubectl", "logs", "job/cleanroom-uninstall", "-n", system); !strings.Contains(said, "build pods exist in "+o.team+":") {
		t.Fatalf("the hook says %q", said)
	}
	o.Must(t, "kubectl", "get", "networkpolicy", "cleanroom.deny-all", "-n", o.team)
	o.resolve(t)
	o.Must(t, "kubectl", "delete", "benv", "--all", "-n", o.team)
	labtest.Await(t, 2*patience, "the end of all build pods", func() error {
		out, err := o.Run("kubectl", "get", "pods", "-n", o.team, "-o", "name")
		if err == nil && out != "" {
			err = fmt.Errorf("left: %s", out)
		}
		return err
	})
	o.Must(t, "helm", "uninstall", "cleanroom", "-n", system)
	if left := o.Must(t, "kubectl", "get", "networkpolicies", "-A", "-o", "name"); left != "" {
		t.Errorf("policies are left: %s", left)
	}
	if left := o.Must(t, "kubectl", "get", "validatingadmissionpolicies,mutatingadmissionpolicies", "-o", "name"); strings.Contains(left, "cleanroom.dev\n") {
		t.Errorf("rails are left: %s", left)
	}
	o.Must(t, "kubectl", "delete", "namespace", o.team, "--timeout=60s")
}

// operatorNetwork is what the chart's policy lets through and what not, each seen from inside.
func (o installed) operatorNetwork(t *testing.T, replica v1.Pod, apiServer string) {
	open := o.talker(o.namespace, "open", map[string]string{"scrapes": "cleanroom"})
	stranger := o.talker(o.namespace, "stranger", nil)
	o.create(t, open)
	o.create(t, stranger)
	server := o.ready(t, open).Status.PodIP
	o.ready(t, stranger)
	o.watch(t, replica)
	node := strings.TrimSuffix(o.registry, ":5000")

	from := func(container string, pod v1.Pod) func(string) string {
		return func(target string) string {
			out := o.Must(t, "kubectl", "exec", "-n", pod.Namespace, pod.Name, "-c", container, "--", "talk", "try", target)
			return strings.TrimSpace(out)
		}
	}
	inside, peer, foreign := from("watcher", replica), from("main", *open), from("main", *stranger)
	// Who serves HTTP or TLS does not echo, but it answers.
	const reached, silent = true, false
	metrics := "tcp/" + net.JoinHostPort(replica.Status.PodIP, "8080")
	for _, attempt := range []struct {
		what string
		try  func(string) string
		to   string
		want bool
	}{
		{"the API server", inside, "tcp/" + apiServer, reached},
		{"the registry", inside, "tcp/" + o.registry, reached},
		{"the node's kubelet", inside, "tcp/" + net.JoinHostPort(node, "10250"), silent},
		{"another pod", inside, "tcp/" + net.JoinHostPort(server, "8080"), silent},
		{"another pod by UDP", inside, "udp/" + net.JoinHostPort(server, "8080"), silent},
		{"the metadata address", inside, "tcp/169.254.169.254:80", silent},
		{"the same pod from one without a policy", foreign, "tcp/" + net.JoinHostPort(server, "8080"), reached},
		{"metrics from a pod that may scrape", peer, metrics, reached},
		{"metrics from a stranger", foreign, metrics, silent},
		{"another port from a pod that may scrape", peer, "tcp/" + net.JoinHostPort(replica.Status.PodIP, "9090"), silent},
	} {
		if got := attempt.try(attempt.to); (got != "silent") != attempt.want || got == "closed" {
			t.Errorf("%s (%s): %s", attempt.what, attempt.to, got)
		}
	}
}
