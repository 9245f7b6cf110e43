//go:build e2e

package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	authentication "k8s.io/api/authentication/v1"
	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"cleanroom.dev/lab/internal/labtest"
)

func TestUpAgainIsFast(t *testing.T) {
	out := shared.Must(t, "up", "--audit")
	if want := filepath.Join(shared.Dir, "kubeconfig") + "\n"; out != want {
		t.Errorf("stdout %q, want %q", out, want)
	}
	if out, err := shared.Run("up", "--audit", "--nodes", "7"); err == nil {
		t.Errorf("up with other nodes than the running lab's succeeded: %s", out)
	}
}

func TestStatus(t *testing.T) {
	out := shared.Must(t, "status")
	for _, name := range []string{"supervisor", "etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "simulated-nodes"} {
		if !strings.Contains(out, name) {
			t.Errorf("%s is missing in\n%s", name, out)
		}
	}
}

func TestKubectl(t *testing.T) {
	if out := shared.Must(t, "kubectl", "--dir", shared.Dir, "version"); !strings.Contains(out, "Server Version: v1.37.2") || !strings.Contains(out, "Client Version: v1.37.2") {
		t.Error(out)
	}
}

func TestServiceAccountKubeconfig(t *testing.T) {
	path := strings.TrimSpace(shared.Must(t, "kubeconfig", "--serviceaccount", "default/default", "--out", filepath.Join(t.TempDir(), "sa")))
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	account, err := client(path)
	if err != nil {
		t.Fatal(err)
	}
	who, err := account.AuthenticationV1().SelfSubjectReviews().Create(context.Background(), &authentication.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil || who.Status.UserInfo.Username != "system:serviceaccount:default:default" {
		t.Errorf("who am I: %v, %v", who, err)
	}
	if _, err := account.CoreV1().Secrets("default").List(context.Background(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("secrets: %v", err)
	}
}

func TestHelm(t *testing.T) {
	chart := filepath.Join(t.TempDir(), "little")
	shared.Must(t, "helm", "--dir", shared.Dir, "create", chart)
	if out := shared.Must(t, "helm", "--dir", shared.Dir, "template", chart); !strings.Contains(out, "kind: Deployment") {
		t.Error(out)
	}
	shared.Must(t, "helm", "--dir", shared.Dir, "install", "little", chart, "--set", "replicaCount=0")
	if out := shared.Must(t, "helm", "--dir", shared.Dir, "list", "-q"); strings.TrimSpace(out) != "little" {
		t.Error(out)
	}
	shared.Must(t, "helm", "--dir", shared.Dir, "uninstall", "little")
}

func TestTokenBoundToAPod(t *testing.T) {
	const podUID = "authentication.kubernetes.io/pod-uid"
	out := filepath.Join(t.TempDir(), "sa")
	ctx := context.Background()
	for range 2 {
		shared.Must(t, "kubeconfig", "--serviceaccount", "default/default", "--bound-pod", "outside", "--out", out)
		account, err := client(out)
		if err != nil {
			t.Fatal(err)
		}
		pod, err := shared.client.CoreV1().Pods("default").Get(ctx, "outside", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		who, err := account.AuthenticationV1().SelfSubjectReviews().Create(ctx, &authentication.SelfSubjectReview{}, metav1.CreateOptions{})
		if err != nil || len(who.Status.UserInfo.Extra[podUID]) != 1 || who.Status.UserInfo.Extra[podUID][0] != string(pod.UID) {
			t.Errorf("who am I: %v, %v", who, err)
		}
		if pod.Spec.NodeName != "" {
			t.Errorf("it was scheduled to %s", pod.Spec.NodeName)
		}
	}
}

func TestWritesAreCounted(t *testing.T) {
	type row struct {
		User, Verb, Resource, Code, Namespace, Name string
		Count                                       int
	}
	read := func(args ...string) []row {
		var rows []row
		if err := json.Unmarshal([]byte(shared.Must(t, "writes", append(args, "-o", "json")...)), &rows); err != nil {
			t.Fatal(err)
		}
		return rows
	}
	since := time.Now().UTC().Format(time.RFC3339Nano)
	maps := shared.client.CoreV1().ConfigMaps("default")
	ctx := context.Background()
	object := &v1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "counted"}}
	if _, err := maps.Create(ctx, object, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := maps.Create(ctx, object, metav1.CreateOptions{}); !apierrors.IsAlreadyExists(err) {
		t.Fatal(err)
	}
	if _, err := maps.Update(ctx, object, metav1.UpdateOptions{DryRun: []string{metav1.DryRunAll}}); err != nil {
		t.Fatal(err)
	}
	if _, err := maps.List(ctx, metav1.ListOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := maps.Delete(ctx, "counted", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, r := range read("--since", since, "--user", "lab-admin") {
		if r.Resource == "configmaps" {
			got[r.Verb+" "+r.Code] = r.Count
		}
	}
	want := map[string]int{"create 2xx": 1, "create 4xx": 1, "update (dry run) 2xx": 1, "delete 2xx": 1}
	if len(got) != len(want) {
		t.Errorf("have %v, want %v", got, want)
	}
	for key, count := range want {
		if got[key] != count {
			t.Errorf("%s: have %d, want %d", key, got[key], count)
		}
	}
	for _, r := range read("--since", since, "--by", "object") {
		if r.Resource == "configmaps" && r.Name == "counted" && r.Namespace == "default" && r.Count == 4 {
			return
		}
	}
	t.Error("by object: no row of the config map with 4 requests")
}

// another lab in a directory of its own.
func another(t *testing.T) *lab {
	t.Helper()
	l := &lab{Lab: labtest.Lab{Dir: filepath.Join(t.TempDir(), "lab")}}
	t.Cleanup(func() { l.Must(t, "down") })
	return l
}

func TestDownLeavesNothing(t *testing.T) {
	l := another(t)
	l.Must(t, "up", "--nodes", "1")
	if len(l.processes(t)) < 6 {
		t.Errorf("processes: %v", l.processes(t))
	}
	l.Must(t, "down")
	if left := l.processes(t); len(left) > 0 {
		t.Errorf("processes: %v", left)
	}
	if _, err := os.Stat(l.Dir); !os.IsNotExist(err) {
		t.Errorf("directory: %v", err)
	}
	l.Must(t, "down")
}

func TestKilledSupervisor(t *testing.T) {
	l := another(t)
	l.Must(t, "up", "--nodes", "1")
	if err := syscall.Kill(l.processes(t)["lab"], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	l.awaitNoProcesses(t)
	if out, err := l.Run("status"); err == nil {
		t.Errorf("status of a killed lab succeeded:\n%s", out)
	}
	l.Must(t, "up", "--nodes", "1")
	if out, err := l.Run("kubectl", "get", "nodes"); err != nil {
		t.Errorf("after starting again: %v\n%s", err, out)
	}
}

func TestDeadComponentEndsTheLab(t *testing.T) {
	l := another(t)
	l.Must(t, "up", "--nodes", "1")
	if err := syscall.Kill(l.processes(t)["kube-controller-manager"], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	l.awaitNoProcesses(t)
	out, err := l.Run("status")
	if err == nil || !strings.Contains(out, "kube-controller-manager ended: signal: killed") {
		t.Errorf("status: %v\n%s", err, out)
	}
}

func TestForegroundEndsWithStdin(t *testing.T) {
	for _, end := range []string{"stdin", "signal"} {
		t.Run(end, func(t *testing.T) {
			l := another(t)
			cmd := exec.Command(labtest.Binary(), "up", "--foreground", "--dir", l.Dir)
			stdin, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			stdout, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			cmd.Stderr = os.Stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			reader := bufio.NewReader(stdout)
			line, err := reader.ReadString('\n')
			if want := filepath.Join(l.Dir, "kubeconfig") + "\n"; err != nil || line != want {
				t.Fatalf("stdout %q, %v, want %q", line, err, want)
			}
			if end == "stdin" {
				err = stdin.Close()
			} else {
				err = cmd.Process.Signal(syscall.SIGTERM)
			}
			if err != nil {
				t.Fatal(err)
			}
			if rest, _ := io.ReadAll(reader); len(rest) > 0 {
				t.Errorf("more on stdout: %q", rest)
			}
			if err := cmd.Wait(); err != nil {
				t.Errorf("exit: %v", err)
			}
			l.awaitNoProcesses(t)
			if _, err := os.Stat(l.Dir); !os.IsNotExist(err) {
				t.Errorf("directory: %v", err)
			}
		})
	}
}

func TestForeignDirectoryIsRefused(t *testing.T) {
	dir := t.TempDir()
	precious := filepath.Join(dir, "thesis.txt")
	if err := os.WriteFile(precious, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l := &lab{Lab: labtest.Lab{Dir: dir}}
	if out, err := l.Run("up"); err == nil || !strings.Contains(out, "thesis.txt") {
		t.Errorf("up: %v\n%s", err, out)
	}
	l.Must(t, "down")
	if _, err := os.Stat(precious); err != nil {
		t.Error(err)
	}
}
