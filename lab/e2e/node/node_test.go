//go:build node

// Package node runs the built binaries ($LAB_BIN, else bin/lab, and the kubelet beside it) with a real node, and asserts
// that pods really run on it and that nothing of it is left. It needs Linux, root and what `lab up --node real` names.
package node

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

const patience = 60 * time.Second

type lab struct {
	dir    string
	client kubernetes.Interface
	// registry is the node's, as images name it.
	registry string
}

func binary() string {
	if path := os.Getenv("LAB_BIN"); path != "" {
		return path
	}
	path, _ := filepath.Abs("../../bin/lab")
	return path
}

// run runs the binary on the lab and returns stdout, or with an error stderr too.
func (l *lab) run(name string, args ...string) (string, error) {
	cmd := exec.Command(binary(), append([]string{name}, args...)...)
	cmd.Env = append(os.Environ(), "LAB_DIR="+l.dir)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.String() + stderr.String(), err
	}
	return stdout.String(), nil
}

func (l *lab) must(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := l.run(name, args...)
	if err != nil {
		t.Fatalf("lab %s %v: %v\n%s", name, args, err, out)
	}
	return out
}

func up(t *testing.T) *lab {
	t.Helper()
	l := &lab{dir: filepath.Join(t.TempDir(), "lab")}
	t.Cleanup(func() { _, _ = l.run("down") })
	l.must(t, "up", "--node", "real")
	l.connect(t)
	return l
}

func (l *lab) connect(t *testing.T) {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", filepath.Join(l.dir, "kubeconfig"))
	if err != nil {
		t.Fatal(err)
	}
	if l.client, err = kubernetes.NewForConfig(config); err != nil {
		t.Fatal(err)
	}
	node, err := l.client.CoreV1().Nodes().Get(context.Background(), "real", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	l.registry = node.Status.Addresses[0].Address + ":5000"
}

func await(t *testing.T, what string, check func() error) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %v", what, err)
		}
	}
}

// pod runs the script as a pod that Pod Security `restricted` admits, and waits until it is ready.
func (l *lab) pod(t *testing.T, name, script string) *v1.Pod {
	t.Helper()
	yes, no, user, grace := true, false, int64(1000), int64(0)
	pods := l.client.CoreV1().Pods("default")
	_, err := pods.Create(context.Background(), &v1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: v1.PodSpec{
			AutomountServiceAccountToken: &no, TerminationGracePeriodSeconds: &grace, RestartPolicy: v1.RestartPolicyNever,
			SecurityContext: &v1.PodSecurityContext{
				RunAsNonRoot: &yes, RunAsUser: &user, SeccompProfile: &v1.SeccompProfile{Type: v1.SeccompProfileTypeRuntimeDefault},
			},
			Containers: []v1.Container{{
				Name: "main", Image: l.registry + "/busybox:1", Command: []string{"sh", "-c", script},
				SecurityContext: &v1.SecurityContext{
					AllowPrivilegeEscalation: &no, Capabilities: &v1.Capabilities{Drop: []v1.Capability{"ALL"}},
				},
			}},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var got *v1.Pod
	await(t, "readiness of pod "+name, func() error {
		if got, err = pods.Get(context.Background(), name, metav1.GetOptions{}); err != nil {
			return err
		}
		for _, condition := range got.Status.Conditions {
			if condition.Type == v1.PodReady && condition.Status == v1.ConditionTrue {
				return nil
			}
		}
		return fmt.Errorf("status: %+v", got.Status)
	})
	return got
}

func (l *lab) exec(t *testing.T, pod, script string) string {
	t.Helper()
	return l.must(t, "kubectl", "exec", pod, "--", "sh", "-c", script)
}

func TestPodsReallyRun(t *testing.T) {
	l := up(t)
	server := l.pod(t, "server", "echo started; mkdir /tmp/w; echo served >/tmp/w/index.html; exec httpd -f -p 8080 -h /tmp/w")
	l.pod(t, "client", "sleep 3600")

	if log := l.must(t, "kubectl", "logs", "server"); log != "started\n" {
		t.Errorf("log: %q", log)
	}
	if len(server.Status.PodIPs) == 0 {
		t.Fatal("the server has no address")
	}
	for _, address := range server.Status.PodIPs {
		// Not wget: Debian's static one crashes on every URL.
		got := l.exec(t, "client", `printf 'GET / HTTP/1.0\r\n\r\n' | nc -w 5 `+address.IP+" 8080")
		if !strings.HasSuffix(got, "\r\n\r\nserved\n") {
			t.Errorf("the server answers at %s: %q", address.IP, got)
		}
	}
	status := l.exec(t, "client", "id -u; grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/self/status; cat /etc/resolv.conf")
	for _, want := range []string{"1000\n", "CapEff:\t0000000000000000\n", "NoNewPrivs:\t1\n", "Seccomp:\t2\n"} {
		if !strings.Contains(status, want) {
			t.Errorf("%q is not in\n%s", want, status)
		}
	}
	if strings.Contains(status, "nameserver") {
		t.Errorf("the host's resolver reached a pod:\n%s", status)
	}
}

// traces are what a node could leave on the host. Its mounts, filters and interfaces are in namespaces that its processes hold.
func (l *lab) traces(t *testing.T, namespace string) []string {
	t.Helper()
	var found []string
	processes, err := filepath.Glob("/proc/[0-9]*/ns/pid")
	if err != nil {
		t.Fatal(err)
	}
	for _, process := range processes {
		// An ended one that is not reaped yet has no mounts any more.
		_, err := os.Readlink(filepath.Join(filepath.Dir(process), "mnt"))
		if of, unreadable := os.Readlink(process); err == nil && unreadable == nil && of == namespace {
			found = append(found, process)
		}
	}
	groups, err := filepath.Glob("/sys/fs/cgroup/*/lab[0-9a-f]*")
	if err != nil {
		t.Fatal(err)
	}
	unified, err := filepath.Glob("/sys/fs/cgroup/lab[0-9a-f]*")
	if err != nil {
		t.Fatal(err)
	}
	interfaces, err := filepath.Glob("/sys/class/net/lab[0-9a-f]*")
	if err != nil {
		t.Fatal(err)
	}
	found = append(append(append(found, groups...), unified...), interfaces...)
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mounts)) {
		if strings.Contains(line, l.dir) {
			found = append(found, line)
		}
	}
	if _, err := os.Stat(l.dir); err == nil {
		found = append(found, l.dir)
	}
	return found
}

// host is what a node must not change: packet filters and the kernel's tunables that a kubelet would set.
func host(t *testing.T) string {
	t.Helper()
	filters, err := exec.Command("nft", "list", "tables").CombinedOutput()
	if err != nil {
		t.Fatalf("nft: %v\n%s", err, filters)
	}
	for _, tunable := range []string{"vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops", "net/ipv4/ip_forward"} {
		value, err := os.ReadFile("/proc/sys/" + tunable)
		if err != nil {
			t.Fatal(err)
		}
		filters = fmt.Appendf(filters, "%s=%s", tunable, value)
	}
	return string(filters)
}

func (l *lab) pids(t *testing.T) (supervisor, node int) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(l.dir, "state.json"))
	if err != nil {
		t.Fatal(err)
	}
	var state struct {
		Supervisor struct{ PID int }
		Components []struct {
			PID  int
			Name string
		}
	}
	if err := json.Unmarshal(data, &state); err != nil {
		t.Fatal(err)
	}
	for _, component := range state.Components {
		if component.Name == "node" {
			return state.Supervisor.PID, component.PID
		}
	}
	t.Fatal("no node in " + string(data))
	return 0, 0
}

func TestNothingIsLeft(t *testing.T) {
	before := host(t)
	kill := func(t *testing.T, l *lab) {
		supervisor, _ := l.pids(t)
		if err := syscall.Kill(supervisor, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	ends := map[string]func(*testing.T, *lab){
		"down":      func(t *testing.T, l *lab) { l.must(t, "down") },
		"kill down": func(t *testing.T, l *lab) { kill(t, l); l.must(t, "down") },
		"kill up down": func(t *testing.T, l *lab) {
			kill(t, l)
			l.must(t, "up", "--node", "real")
			l.must(t, "down")
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			l := up(t)
			l.pod(t, "left", "trap '' TERM; sleep 3600")
			_, node := l.pids(t)
			namespace, err := os.Readlink("/proc/" + strconv.Itoa(node) + "/ns/pid_for_children")
			if err != nil {
				t.Fatal(err)
			}
			if during := l.traces(t, namespace); len(during) < 4 {
				t.Fatalf("this test would not see what is left: %v", during)
			}
			end(t, l)
			if after := l.traces(t, namespace); len(after) > 0 {
				t.Errorf("left over: %v", after)
			}
			if after := host(t); after != before {
				t.Errorf("the host was\n%s\nand is\n%s", before, after)
			}
		})
	}
}

func TestTheNodeEndsWithTheHolderOfItsPipe(t *testing.T) {
	l := &lab{dir: filepath.Join(t.TempDir(), "lab")}
	t.Cleanup(func() { _, _ = l.run("down") })
	cmd := exec.Command(binary(), "up", "--node", "real", "--foreground", "--dir", l.dir)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := stdout.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	_, node := l.pids(t)
	namespace, err := os.Readlink("/proc/" + strconv.Itoa(node) + "/ns/pid_for_children")
	if err != nil {
		t.Fatal(err)
	}
	if err := stdin.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("the lab did not end well: %v", err)
	}
	if after := l.traces(t, namespace); len(after) > 0 {
		t.Errorf("left over: %v", after)
	}
}
