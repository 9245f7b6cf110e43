//go:build node

package node

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"cleanroom.dev/lab/internal/labtest"
)

func TestPodsReallyRun(t *testing.T) {
	t.Parallel()
	l := keeps.up(t)
	server := l.pod(t, "server", "echo started; mkdir /tmp/w; echo served >/tmp/w/index.html; exec httpd -f -p 8080 -h /tmp/w")
	l.pod(t, "client", "sleep 3600")

	if log := l.kubectl(t, "logs", "server"); log != "started\n" {
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
	node := strings.TrimSuffix(l.registry, ":5000")
	if strings.Count(status, "nameserver") != 1 || !strings.Contains(status, "nameserver "+node+"\n") {
		t.Errorf("a pod has other resolvers than the node:\n%s", status)
	}
}

// processNamespace is that of the node's processes. It is held to the test's end, or a node of a test beside this one could get its number.
func (l *lab) processNamespace(t *testing.T) string {
	t.Helper()
	_, node := l.pids(t)
	path := "/proc/" + strconv.Itoa(node) + "/ns/pid_for_children"
	held, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = held.Close() })
	name, err := os.Readlink(path)
	if err != nil {
		t.Fatal(err)
	}
	return name
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
	// As the lab names its own: others may run beside it.
	sum := sha256.Sum256([]byte(l.Dir))
	name := "lab" + hex.EncodeToString(sum[:4])
	groups, err := filepath.Glob("/sys/fs/cgroup/*/" + name)
	if err != nil {
		t.Fatal(err)
	}
	unified, err := filepath.Glob("/sys/fs/cgroup/" + name)
	if err != nil {
		t.Fatal(err)
	}
	interfaces, err := filepath.Glob("/sys/class/net/" + name)
	if err != nil {
		t.Fatal(err)
	}
	found = append(append(append(found, groups...), unified...), interfaces...)
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mounts)) {
		if strings.Contains(line, l.Dir) {
			found = append(found, line)
		}
	}
	if _, err := os.Stat(l.Dir); err == nil {
		found = append(found, l.Dir)
	}
	return found
}

// host is what a node must not change: packet filters, the kernel's tunables that a kubelet would set, and folders that
// kubelet, controller manager and container runtime make by default.
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
	for _, folder := range []string{"/usr/libexec/kubernetes", "/opt/containerd"} {
		_, missing := os.Stat(folder)
		filters = fmt.Appendf(filters, "%s: %t\n", folder, missing == nil)
	}
	return string(filters)
}

func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	before := host(t)
	kill := func(t *testing.T, l *lab) {
		supervisor, _ := l.pids(t)
		if err := syscall.Kill(supervisor, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	ends := map[string]func(*testing.T, *lab){
		"down":      func(t *testing.T, l *lab) { l.Must(t, "down") },
		"kill down": func(t *testing.T, l *lab) { kill(t, l); l.Must(t, "down") },
		"kill up down": func(t *testing.T, l *lab) {
			kill(t, l)
			l.Must(t, "up", "--node", "real")
			l.Must(t, "down")
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			l := up(t)
			// It mounts, is met by rules and ignores its end.
			left := l.holder("left", ephemeral(), fsGroup)
			left.Labels = buildPod
			l.apply(t, l.namespace, denyAll)
			l.create(t, left)
			l.ready(t, left)
			namespace := l.processNamespace(t)
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
	t.Parallel()
	l := &lab{Lab: labtest.Lab{Dir: filepath.Join(t.TempDir(), "lab")}}
	t.Cleanup(func() { _, _ = l.Run("down") })
	cmd := exec.Command(labtest.Binary(), "up", "--node", "real", "--foreground", "--dir", l.Dir)
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
	namespace := l.processNamespace(t)
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
