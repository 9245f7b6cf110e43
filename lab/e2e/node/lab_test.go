//go:build node

// Package node runs the built binaries ($LAB_BIN, else bin/lab, and the kubelet beside it) with a real node, and asserts
// that pods really run on it and that nothing of it is left. It needs Linux, root and what `lab up --node real` names.
package node

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"cleanroom.dev/lab/internal/labtest"
)

// Nodes of other tests are up beside this one.
const patience = 3 * time.Minute

type lab struct {
	labtest.Lab
	// namespace is where pods are that say nothing else.
	namespace string
	client    kubernetes.Interface
	// registry is the node's, as images name it.
	registry string
	// atEnd has a function called when the node ends.
	atEnd func(func())
}

// up is a node of the test's own.
func up(t testing.TB, flags ...string) *lab {
	t.Helper()
	l := &lab{Lab: labtest.Lab{Dir: filepath.Join(t.TempDir(), "lab")}, namespace: "default", atEnd: t.Cleanup}
	l.start(t, flags...)
	return l
}

func (l *lab) start(t testing.TB, flags ...string) {
	t.Helper()
	l.atEnd(func() { _, _ = l.Run("down") })
	l.Must(t, "up", append([]string{"--node", "real"}, flags...)...)
	l.connect(t)
	l.pushTalk(t)
}

// home is a folder for files that the lab's tests need as long as the lab.
func (l *lab) home() string { return filepath.Dir(l.Dir) }

func (l *lab) connect(t testing.TB) {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", filepath.Join(l.Dir, "kubeconfig"))
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

// restricted is a pod that Pod Security `restricted` admits.
func (l *lab) restricted(name, image string, command ...string) *v1.Pod {
	yes, no, user, grace := true, false, int64(1000), int64(0)
	return &v1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: l.namespace},
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
func (l *lab) pod(t testing.TB, name, script string) *v1.Pod {
	t.Helper()
	pod := l.restricted(name, "busybox:1", "sh", "-c", script)
	l.create(t, pod)
	return l.ready(t, pod)
}

func (l *lab) create(t testing.TB, pod *v1.Pod) {
	t.Helper()
	if _, err := l.client.CoreV1().Pods(pod.Namespace).Create(context.Background(), pod, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

func (l *lab) ready(t testing.TB, pod *v1.Pod) (got *v1.Pod) {
	t.Helper()
	labtest.Await(t, patience, "readiness of pod "+pod.Name, func() (err error) {
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

// kubectl is in the lab's namespace, where the arguments name no other.
func (l *lab) kubectl(t testing.TB, args ...string) string {
	t.Helper()
	return l.Must(t, "kubectl", append([]string{"-n", l.namespace}, args...)...)
}

func (l *lab) exec(t testing.TB, pod, script string) string {
	t.Helper()
	return l.kubectl(t, "exec", pod, "--", "sh", "-c", script)
}

func (l *lab) pids(t testing.TB) (supervisor, node int) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(l.Dir, "state.json"))
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
