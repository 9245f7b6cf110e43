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

func up(t *testing.T, flags ...string) *lab {
	t.Helper()
	l := &lab{dir: filepath.Join(t.TempDir(), "lab")}
	t.Cleanup(func() { _, _ = l.run("down") })
	l.must(t, "up", append([]string{"--node", "real"}, flags...)...)
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
	awaitFor(t, patience, what, check)
}

func awaitFor(t *testing.T, patience time.Duration, what string, check func() error) {
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

// restricted is a pod that Pod Security `restricted` admits.
func (l *lab) restricted(name, image string, command ...string) *v1.Pod {
	yes, no, user, grace := true, false, int64(1000), int64(0)
	return &v1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default"},
		Spec: v1.PodSpec{
			AutomountServiceAccountToken: &no, TerminationGracePeriodSeconds: &grace, RestartPolicy: v1.RestartPolicyNever,
			SecurityContext: &v1.PodSecurityContext{
				RunAsNonRoot: &yes, RunAsUser: &user, SeccompProfile: &v1.SeccompProfile{Type: v1.SeccompProfileTypeRuntimeDefault},
			},
			Containers: []v1.Container{{
				Name: "main", Image: l.registry + "/" + image, Command: command,
				SecurityContext: &v1.SecurityContext{
					AllowPrivilegeEscalation: &no, Capabilities: &v1.Capabilities{Drop: []v1.Capability{"ALL"}},
				},
			}},
		},
	}
}

// pod runs the script as a pod, and waits until it is ready.
func (l *lab) pod(t *testing.T, name, script string) *v1.Pod {
	t.Helper()
	pod := l.restricted(name, "busybox:1", "sh", "-c", script)
	l.create(t, pod)
	return l.ready(t, pod)
}

func (l *lab) create(t *testing.T, pod *v1.Pod) {
	t.Helper()
	if _, err := l.client.CoreV1().Pods(pod.Namespace).Create(context.Background(), pod, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

func (l *lab) ready(t *testing.T, pod *v1.Pod) (got *v1.Pod) {
	t.Helper()
	await(t, "readiness of pod "+pod.Name, func() (err error) {
		if got, err = l.client.CoreV1().Pods(pod.Namespace).Get(context.Background(), pod.Name, metav1.GetOptions{}); err != nil {
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
