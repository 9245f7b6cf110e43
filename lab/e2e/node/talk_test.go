//go:build node

package node

import (
	"archive/tar"
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	v1 "k8s.io/api/core/v1"

	"cleanroom.dev/lab/internal/labtest"
)

// talkProgram is the built command talk. Other processes write it: while this one did, those that it starts meanwhile
// would keep it open, and it could not be run.
var talkProgram string

func TestMain(m *testing.M) { os.Exit(withTalk(m.Run)) }

func withTalk(run func() int) int {
	folder, err := os.MkdirTemp("", "talk")
	if err == nil {
		defer os.RemoveAll(folder)
		talkProgram = filepath.Join(folder, "talk")
		build := exec.Command("go", "build", "-trimpath", "-o", talkProgram, "./talk")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		build.Stderr = os.Stderr
		err = build.Run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "talk:", err)
		return 1
	}
	return run()
}

// pushTalk gives the node's registry the image talk:1, busybox:1 with the command talk, once more as root's setuid program.
func (l *lab) pushTalk(t *testing.T) {
	t.Helper()
	program, err := os.ReadFile(talkProgram)
	must(t, err)
	var content bytes.Buffer
	archive := tar.NewWriter(&content)
	for name, mode := range map[string]int64{"bin/talk": 0o755, "bin/raised": 0o4755} {
		must(t, archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: mode, Size: int64(len(program))}))
		_, err = archive.Write(program)
		must(t, err)
	}
	must(t, archive.Close())
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content.Bytes())), nil })
	must(t, err)
	from, err := name.NewTag(l.registry+"/busybox:1", name.Insecure)
	must(t, err)
	base, err := remote.Image(from)
	must(t, err)
	image, err := mutate.AppendLayers(base, layer)
	must(t, err)
	to, err := name.NewTag(l.registry+"/talk:1", name.Insecure)
	must(t, err)
	must(t, remote.Write(to, image))
}

func must(t *testing.T, err error) {
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
func (l *lab) try(t *testing.T, namespace, pod string, targets ...string) []string {
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
func (l *lab) hold(t *testing.T, namespace, pod, target string) func() string {
	t.Helper()
	cmd := exec.Command(labtest.Binary(), "kubectl", "exec", "-n", namespace, pod, "--", "talk", "hold", target)
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
