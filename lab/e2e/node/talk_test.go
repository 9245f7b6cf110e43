//go:build node

package node

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	v1 "k8s.io/api/core/v1"

	"cleanroom.dev/lab/internal/images"
	"cleanroom.dev/lab/internal/labtest"
)

// talkProgram is the built command talk. Other processes write it: while this one did, those that it starts meanwhile
// would keep it open, and it could not be run.
var talkProgram string

func TestMain(m *testing.M) { os.Exit(withTalk(func() int { return withShared(m.Run) })) }

func withTalk(run func() int) int {
	folder, err := os.MkdirTemp("", "talk")
	if err == nil {
		defer os.RemoveAll(folder)
		talkProgram = filepath.Join(folder, "bin", "talk")
		build := exec.Command("go", "build", "-trimpath", "-o", talkProgram, "./talk")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		build.Stderr = os.Stderr
		err = build.Run()
	}
	if err == nil {
		err = raise(talkProgram, filepath.Join(folder, "bin", "raised"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "talk:", err)
		return 1
	}
	return run()
}

// raise copies a program to one that runs as its owner.
func raise(program, to string) error {
	data, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	if err := os.WriteFile(to, data, 0o755); err != nil {
		return err
	}
	return os.Chmod(to, os.ModeSetuid|0o755)
}

// pushTalk gives the node's registry the image talk:1, busybox:1 with the command talk, once more as root's setuid program.
func (l *lab) pushTalk(t testing.TB) {
	t.Helper()
	_, err := images.Push(l.registry+"/busybox:1", filepath.Dir(filepath.Dir(talkProgram)), l.registry+"/talk:1")
	must(t, err)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// talker is a pod that echoes on two ports, and may ping.
func (l *lab) talker(namespace, name string, labels map[string]string) *v1.Pod {
	pod := l.restricted(name, "talk:1", "talk", "serve", "8080", "8443")
	pod.Namespace, pod.Labels = namespace, labels
	pod.Spec.SecurityContext.Sysctls = []v1.Sysctl{{Name: "net.ipv4.ping_group_range", Value: "0 2147483647"}}
	return pod
}

// try asks the pod which of the targets answer: open, closed, silent or another error for each.
func (l *lab) try(t testing.TB, namespace, pod string, targets ...string) []string {
	t.Helper()
	out := l.Must(t, "kubectl", append([]string{"exec", "-n", namespace, pod, "--", "talk", "try"}, targets...)...)
	return strings.Split(strings.TrimSpace(out), "\n")
}

// tryFromNode is try by a process in the node's own network.
func (l *lab) tryFromNode(t *testing.T, targets ...string) []string {
	t.Helper()
	_, node := l.pids(t)
	out, err := exec.Command("nsenter", append([]string{"-t", strconv.Itoa(node), "-n", talkProgram, "try"}, targets...)...).Output()
	must(t, err)
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// hold keeps a connection from the pod to the target, and returns what reads its next echo: open or silent.
func (l *lab) hold(t testing.TB, namespace, pod, target string) func() string {
	t.Helper()
	return l.follow(t, "exec", "-n", namespace, pod, "--", "talk", "hold", target)
}

// follow runs kubectl, and returns what reads its next line; the command ends with the test.
func (l *lab) follow(t testing.TB, kubectl ...string) (next func() string) {
	t.Helper()
	cmd := exec.Command(labtest.Binary(), append([]string{"kubectl"}, kubectl...)...)
	cmd.Env = append(os.Environ(), "LAB_DIR="+l.Dir)
	stdout, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(stdout)
	return func() string {
		lines.Scan()
		return lines.Text()
	}
}
