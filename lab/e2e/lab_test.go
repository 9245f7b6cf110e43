//go:build e2e

// Package e2e runs the built binary ($LAB_BIN, else bin/lab) and asserts what README.md promises.
package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"cleanroom.dev/lab/internal/labtest"
)

const patience = 60 * time.Second

// shared is the lab of the tests that only use one.
var shared *lab

type lab struct {
	labtest.Lab
	client kubernetes.Interface
}

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "lab-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	shared = &lab{Lab: labtest.Lab{Dir: dir}}
	defer shared.Run("down")
	if out, err := shared.Run("up", "--audit"); err != nil {
		fmt.Fprintf(os.Stderr, "lab up (build the binary with lab/build.sh first): %v\n%s", err, out)
		return 1
	}
	if shared.client, err = client(filepath.Join(dir, "kubeconfig")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

func client(kubeconfig string) (kubernetes.Interface, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	config.QPS = -1
	return kubernetes.NewForConfig(config)
}

// processes of this lab, by name.
func (l *lab) processes(t *testing.T) map[string]int {
	t.Helper()
	found := map[string]int{}
	paths, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil || len(paths) == 0 {
		t.Fatalf("these tests need /proc: %v", err)
	}
	for _, path := range paths {
		line, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(line, []byte(l.Dir)) {
			continue
		}
		name, _, _ := strings.Cut(string(line), "\x00")
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		found[filepath.Base(name)] = pid
	}
	return found
}

func (l *lab) awaitNoProcesses(t *testing.T) {
	t.Helper()
	labtest.Await(t, patience, "the end of all processes", func() error {
		if left := l.processes(t); len(left) > 0 {
			return fmt.Errorf("left over: %v", left)
		}
		return nil
	})
}

func makePod(t *testing.T, annotations map[string]string, change func(*v1.Pod)) *v1.Pod {
	t.Helper()
	pod := &v1.Pod{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "p-", Annotations: map[string]string{}},
		Spec: v1.PodSpec{
			RestartPolicy:  v1.RestartPolicyNever,
			InitContainers: []v1.Container{{Name: "gate", Image: "gate:1"}, {Name: "clone", Image: "clone:1"}},
			Containers:     []v1.Container{{Name: "build", Image: "build:1"}},
		},
	}
	for key, value := range annotations {
		pod.Annotations["lab.cleanroom.dev/"+key] = value
	}
	if change != nil {
		change(pod)
	}
	made, err := shared.client.CoreV1().Pods("default").Create(context.Background(), pod, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func get(t *testing.T, pod *v1.Pod) *v1.Pod {
	t.Helper()
	got, err := shared.client.CoreV1().Pods(pod.Namespace).Get(context.Background(), pod.Name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// summary is what the table of pods compares: phase, reason, each container's state, the conditions that tests ask about.
func summary(pod *v1.Pod) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s", pod.Status.Phase)
	if pod.Status.Reason != "" {
		fmt.Fprintf(&b, "/%s", pod.Status.Reason)
	}
	for _, c := range append(append(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses...), pod.Status.EphemeralContainerStatuses...) {
		switch {
		case c.State.Waiting != nil:
			fmt.Fprintf(&b, " %s:wait/%s", c.Name, c.State.Waiting.Reason)
		case c.State.Running != nil:
			fmt.Fprintf(&b, " %s:run", c.Name)
		case c.State.Terminated != nil:
			fmt.Fprintf(&b, " %s:%d/%s", c.Name, c.State.Terminated.ExitCode, c.State.Terminated.Reason)
		}
	}
	for _, kind := range []v1.PodConditionType{v1.PodReady, v1.DisruptionTarget} {
		for _, condition := range pod.Status.Conditions {
			if condition.Type != kind {
				continue
			}
			fmt.Fprintf(&b, " %s=%s", kind, condition.Status)
			if condition.Reason != "" {
				fmt.Fprintf(&b, "/%s", condition.Reason)
			}
		}
	}
	return b.String()
}

func awaitSummary(t *testing.T, pod *v1.Pod, want string) *v1.Pod {
	t.Helper()
	var got *v1.Pod
	labtest.Await(t, patience, "status of "+pod.Name, func() error {
		got = get(t, pod)
		if have := summary(got); have != want {
			return fmt.Errorf("\nhave %s\nwant %s", have, want)
		}
		return nil
	})
	return got
}
