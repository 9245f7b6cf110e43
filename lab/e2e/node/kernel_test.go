//go:build node

package node

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"cleanroom.dev/lab/internal/labtest"
)

// What a build pod is promised to be, tried by builds in pods that the operator made.
func TestABuildOnARealKernel(t *testing.T) {
	t.Parallel()
	o := cuts.product(t)
	t.Run("refuses", o.refuses)
	t.Run("finds no token", o.findsNoToken)
	t.Run("is snapshotted while it writes", o.snapshotsAWriter)
	t.Run("is shut until its end", o.isShutUntilItsEnd)
}

// small is what a build of these tests needs.
const small = `{requests: {cpu: 10m, memory: 16Mi}, limits: {cpu: 500m, memory: 128Mi}}`

// refusal is what one try comes to in a build, and where nothing hinders it.
type refusal struct{ try, build, unhindered string }

var refusals = []refusal{
	{"write in /", "EROFS", "done"},
	{"write in /bin", "EROFS", "done"},
	{"write in /etc", "EROFS", "done"},
	{"write in /var", "EROFS", "done"},
	{"write in /home", "EROFS", "done"},
	{"write in /dev", "EACCES", "done"},
	{"write in /etc/cleanroom/tools", "EROFS", "ENOENT"},
	{"write in /tmp, its own", "done", "done"},
	{"write in /workspace, its own", "done", "done"},
	{"write in /home/build, its own", "done", "done"},
	{"write in /dev/shm, its own", "done", "done"},
	{"change /etc/hosts", "EACCES", "done"},
	{"change /etc/resolv.conf", "EACCES", "done"},
	{"change /proc/sys/kernel/core_pattern", "EACCES", "done"},
	{"setuid program", "not raised", "root"},
	{"become root", "EPERM", "done"},
	{"capabilities", "none", "CapPrm CapEff CapBnd"},
	{"give a file away", "EPERM", "done"},
	{"raw socket", "EPERM", "done"},
	{"packet socket", "EPERM", "done"},
	{"host name", "EPERM", "done"},
	{"user namespace", "EPERM", "done"},
	{"device of a disk", "EPERM", "done"},
	{"mount", "EPERM", "done"},
	{"remount the root", "EPERM", "done"},
	{"host's file", "ENOENT", "done"},
	// Process 1 has another user than the build.
	{"host's file through process 1", "EACCES", "done"},
	{"ptrace of its own process", "done", "done"},
	{"ptrace of another user's process", "EPERM", "done"},
	{"environment of another user's process", "EACCES", "done"},
	{"signal to another user's process", "EPERM", "done"},
	{"API token", "ENOENT", "done"},
	// The observer answers at once that no such name exists.
	{"the pod's resolver", "unknown", "10.96.0.1"},
	{"the cluster's DNS", "silent", "10.96.0.1"},
	{"API server, its service", "silent", "open"},
	{"API server, its address", "silent", "open"},
	{"node, its registry", "silent", "open"},
	{"node, its kubelet", "silent", "open"},
	// Nobody listens there, but the node answers.
	{"node over IPv6", "silent", "closed"},
	{"metadata address", "silent", "open"},
	{"metadata address, IPv6", "silent", "open"},
	{"pod of the namespace", "silent", "open"},
	{"pod of the namespace, IPv6", "silent", "open"},
	{"pod of the namespace, UDP", "silent", "open"},
	{"pod of the namespace, UDP over IPv6", "silent", "open"},
	{"pod of the namespace, ICMP", "silent", "open"},
	{"pod of the namespace, ICMP over IPv6", "silent", "open"},
	{"pod of another tenant", "silent", "open"},
	{"pod of another tenant, IPv6", "silent", "open"},
	{"pod of another tenant, UDP", "silent", "open"},
	{"pod of another tenant, UDP over IPv6", "silent", "open"},
	{"pod of another tenant, ICMP", "silent", "open"},
	{"pod of another tenant, ICMP over IPv6", "silent", "open"},
}

// refuses runs one program in a build, and in a privileged pod that no policy selects: what is refused to the first and not
// to the second is refused for what the build pod is.
func (o installed) refuses(t *testing.T) {
	hostFile := filepath.Join(t.TempDir(), "the-hosts")
	must(t, os.WriteFile(hostFile, []byte("secret"), 0o644))
	args := append([]string{"refuse", hostFile}, o.targets(t)...)
	quoted, err := json.Marshal(args)
	must(t, err)
	o.apply(t, `
apiVersion: cleanroom.dev/v1alpha1
kind: BuildEnvironment
metadata: {name: refuse, namespace: TEAM}
spec: {image: "REGISTRY/talk:1", command: [talk], args: `+string(quoted)+`, resources: `+small+`}
`)
	o.create(t, o.unhindered(hostFile, args))
	got := map[string]map[string]string{}
	for _, of := range []*v1.Pod{named(o.team, "refuse-0-1"), named(o.namespace, "unhindered")} {
		pod := o.ready(t, of)
		o.befriend(t, pod)
		got[pod.Name] = o.tries(t, pod)
	}
	for _, r := range refusals {
		if build := got["refuse-0-1"][r.try]; build != r.build {
			t.Errorf("%s: a build gets %q, and should get %q", r.try, build, r.build)
		}
		if unhindered := got["unhindered"][r.try]; unhindered != r.unhindered {
			t.Errorf("%s: where nothing hinders it comes to %q, and should to %q", r.try, unhindered, r.unhindered)
		}
	}

	// The same the other way: nobody reaches a build, of whatever namespace.
	build, control := o.addresses(t, o.team, "refuse-0-1"), o.addresses(t, o.namespace, "unhindered")
	for _, from := range []*v1.Pod{named(o.team, "sibling"), named("other", "tenant")} {
		for i := range build {
			results := o.try(t, from.Namespace, from.Name, "tcp/"+port(build[i], 8080), "tcp/"+port(control[i], 8080))
			if results[0] != "silent" || results[1] != "open" {
				t.Errorf("%s reaches a build: %s, and a pod that is not a build: %s", from.Name, results[0], results[1])
			}
		}
	}
}

func named(namespace, name string) *v1.Pod {
	return &v1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
}

// targets are pods of the same and of another namespace, the API server, the node, and what answers at a cloud's address.
func (o installed) targets(t *testing.T) []string {
	t.Helper()
	o.makeNamespace(t, "other", nil)
	o.create(t, o.talker(o.team, "sibling", nil))
	o.create(t, o.talker("other", "tenant", nil))
	_, node := o.pids(t)
	enter := []string{"-t", strconv.Itoa(node), "-n"}
	for _, address := range []string{"169.254.169.254/32", "fd00:ec2::254/128"} {
		run(t, "nsenter", append(enter, "ip", "address", "add", address, "dev", "lo")...)
	}
	background(t, "nsenter", append(enter, talkProgram, "serve", "80")...)
	server := strings.TrimSpace(o.Must(t, "kubectl", "config", "view", "-o", "jsonpath={.clusters[0].cluster.server}"))
	address := strings.TrimSuffix(o.registry, ":5000")
	targets := []string{
		"API server, its service=tcp/10.96.0.1:443", "API server, its address=tcp/" + strings.TrimPrefix(server, "https://"),
		"node, its registry=tcp/" + o.registry, "node, its kubelet=tcp/" + port(address, 10250),
		"node over IPv6=tcp/[fd00:10:244::1]:10250", "the cluster's DNS=dns/" + port(address, 53),
		"metadata address=tcp/169.254.169.254:80", "metadata address, IPv6=tcp/[fd00:ec2::254]:80",
	}
	for name, pod := range map[string]*v1.Pod{"pod of the namespace": named(o.team, "sibling"), "pod of another tenant": named("other", "tenant")} {
		both := o.addresses(t, pod.Namespace, pod.Name)
		targets = append(targets, name+"=tcp/"+port(both[0], 8080), name+", IPv6=tcp/"+port(both[1], 8080),
			name+", UDP=udp/"+port(both[0], 8080), name+", UDP over IPv6=udp/"+port(both[1], 8080),
			name+", ICMP=icmp/"+both[0], name+", ICMP over IPv6=icmp/"+both[1])
	}
	return targets
}

// unhindered runs the program as a privileged root, with the host's file mounted.
func (o installed) unhindered(hostFile string, args []string) *v1.Pod {
	yes, none := true, int64(0)
	pod := named(o.namespace, "unhindered")
	container := v1.Container{
		Name: "main", Image: o.registry + "/talk:1", Command: append([]string{"talk"}, args...),
		SecurityContext: &v1.SecurityContext{Privileged: &yes},
	}
	for name, path := range map[string]string{"tmp": "/tmp", "workspace": "/workspace", "home": "/home/build"} {
		pod.Spec.Volumes = append(pod.Spec.Volumes, v1.Volume{Name: name, VolumeSource: v1.VolumeSource{EmptyDir: &v1.EmptyDirVolumeSource{}}})
		container.VolumeMounts = append(container.VolumeMounts, v1.VolumeMount{Name: name, MountPath: path})
	}
	host := v1.VolumeSource{HostPath: &v1.HostPathVolumeSource{Path: filepath.Dir(hostFile)}}
	pod.Spec.Volumes = append(pod.Spec.Volumes, v1.Volume{Name: "host", VolumeSource: host})
	container.VolumeMounts = append(container.VolumeMounts, v1.VolumeMount{Name: "host", MountPath: filepath.Dir(hostFile)})
	pod.Spec.Containers, pod.Spec.TerminationGracePeriodSeconds = []v1.Container{container}, &none
	return pod
}

// befriend gives the pod what it does not have by itself: a process of a user that nothing else has, for which its program waits, and
// sockets for pings, which some container runtimes give to all pods.
func (o installed) befriend(t *testing.T, pod *v1.Pod) {
	t.Helper()
	process := o.process(t, pod)
	run(t, "nsenter", "-t", process, "-n", "sh", "-c", "echo 0 2147483647 >/proc/sys/net/ipv4/ping_group_range")
	background(t, "nsenter", "-t", process, "-p", "setpriv", "--reuid=4242", "--regid=4242", "--clear-groups", "sleep", "3600")
}

// process is that of the command talk in the pod, as the host numbers it.
func (o installed) process(t *testing.T, pod *v1.Pod) string {
	t.Helper()
	groups, err := filepath.Glob("/proc/[0-9]*/cgroup")
	must(t, err)
	for _, file := range groups {
		group, err := os.ReadFile(file)
		name, unreadable := os.ReadFile(filepath.Join(filepath.Dir(file), "comm"))
		if err == nil && unreadable == nil && string(name) == "talk\n" && strings.Contains(string(group), "pod"+string(pod.UID)) {
			return filepath.Base(filepath.Dir(file))
		}
	}
	t.Fatalf("no process talk of the pod %s", pod.Name)
	return ""
}

// tries are all that the pod's program said, once it has said all.
func (o installed) tries(t *testing.T, pod *v1.Pod) (outcomes map[string]string) {
	t.Helper()
	labtest.Await(t, patience, "all tries of "+pod.Name, func() error {
		outcomes = map[string]string{}
		log := o.Must(t, "kubectl", "logs", pod.Name, "-n", pod.Namespace)
		for line := range strings.Lines(log) {
			var told struct{ Try, Outcome string }
			if err := json.Unmarshal([]byte(line), &told); err != nil {
				return fmt.Errorf("%s says %q", pod.Name, line)
			}
			outcomes[told.Try] = told.Outcome
		}
		if len(outcomes) < len(refusals) {
			return fmt.Errorf("%d tries:\n%s", len(outcomes), log)
		}
		return nil
	})
	return outcomes
}

func port(address string, port int) string { return net.JoinHostPort(address, strconv.Itoa(port)) }

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

// background runs the command until the test ends.
func background(t *testing.T, name string, args ...string) {
	t.Helper()
	ctx, end := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, name, args...)
	must(t, cmd.Start())
	t.Cleanup(func() {
		end()
		_ = cmd.Wait()
	})
}
