//go:build e2e

package e2e

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"cleanroom.dev/lab/internal/labtest"
)

type notes map[string]string

const (
	steps   = " gate:0/Completed clone:0/Completed"
	running = "Running" + steps + " build:run Ready=True"
)

func prepares(p *v1.Pod) { p.Labels = map[string]string{"cleanroom.dev/state": "preparing"} }

func TestAnnotations(t *testing.T) {
	sidecar := v1.ContainerRestartPolicyAlways
	for _, test := range []struct {
		name   string
		notes  notes
		change func(*v1.Pod)
		want   string
	}{
		{name: "none", want: running},
		{name: "start later", notes: notes{"start-after": "1h"},
			want: "Pending gate:wait/PodInitializing clone:wait/PodInitializing build:wait/PodInitializing Ready=False/ContainersNotReady"},
		{name: "start later, no steps", notes: notes{"start-after": "1h"}, change: func(p *v1.Pod) { p.Spec.InitContainers = nil },
			want: "Pending build:wait/ContainerCreating Ready=False/ContainersNotReady"},
		{name: "start soon", notes: notes{"start-after": "1s"}, want: running},
		{name: "exit", notes: notes{"exit-after": "1s"}, want: "Succeeded" + steps + " build:0/Completed Ready=False/PodCompleted"},
		{name: "exit much later", notes: notes{"exit-after": "1h"}, want: running},
		{name: "exit with code", notes: notes{"exit-after": "0s", "exit-code": "3"}, want: "Failed" + steps + " build:3/Error Ready=False/PodFailed"},
		{name: "out of memory", notes: notes{"exit-after": "0s", "exit-reason": "OOMKilled"}, want: "Failed" + steps + " build:137/OOMKilled Ready=False/PodFailed"},
		{name: "failing step", notes: notes{"fail-step": "gate", "exit-code": "7"},
			want: "Failed gate:7/Error clone:wait/PodInitializing build:wait/PodInitializing Ready=False/PodFailed"},
		{name: "failing second step", notes: notes{"fail-step": "clone"},
			want: "Failed gate:0/Completed clone:1/Error build:wait/PodInitializing Ready=False/PodFailed"},
		{name: "in the step that fails later", notes: notes{"fail-step": "clone", "exit-after": "1h"},
			want: "Pending gate:0/Completed clone:run build:wait/PodInitializing Ready=False/ContainersNotReady"},
		{name: "evicted", notes: notes{"pod-reason": "Evicted", "exit-after": "0s"},
			want: "Failed/Evicted" + steps + " build:137/Error Ready=False/PodFailed"},
		{name: "evicted for the node", notes: notes{"pod-reason": "Evicted", "disrupted": "true", "exit-after": "0s"},
			want: "Failed/Evicted" + steps + " build:137/Error Ready=False/PodFailed DisruptionTarget=True/TerminationByKubelet"},
		{name: "refused", notes: notes{"pod-reason": "OutOfcpu"}, want: "Failed/OutOfcpu"},
		{name: "shutdown while running", notes: notes{"pod-reason": "NodeShutdown", "exit-after": "0s"},
			want: "Failed/NodeShutdown" + steps + " build:137/Error Ready=False/PodFailed"},
		{name: "disrupted", notes: notes{"disrupted": "true"},
			want: "Failed" + steps + " build:137/Error Ready=False/PodFailed DisruptionTarget=True/TerminationByKubelet"},
		{name: "image", notes: notes{"never-start": "true"}, want: "Pending" + steps + " build:wait/ImagePullBackOff Ready=False/ContainersNotReady"},
		{name: "image name", notes: notes{"never-start": "InvalidImageName"}, want: "Pending" + steps + " build:wait/InvalidImageName Ready=False/ContainersNotReady"},
		{name: "deadline", change: func(p *v1.Pod) { p.Spec.ActiveDeadlineSeconds = new(int64(1)) },
			want: "Failed/DeadlineExceeded" + steps + " build:137/Error Ready=False/PodFailed"},
		{name: "sidecar and helper", notes: notes{"exit-after": "1s"}, change: func(p *v1.Pod) {
			p.Spec.InitContainers[1].RestartPolicy = &sidecar
			p.Spec.Containers = append(p.Spec.Containers, v1.Container{Name: "helper", Image: "helper:1"})
		}, want: "Succeeded gate:0/Completed clone:0/Completed build:0/Completed helper:0/Completed Ready=False/PodCompleted"},
		{name: "preparing", notes: notes{"exit-after": "0s"}, change: prepares, want: running},
		{name: "the launcher gives up", notes: notes{"give-up": "because"}, change: prepares,
			want: "Failed" + steps + " build:125/Error Ready=False/PodFailed"},
		{name: "readiness gate", change: func(p *v1.Pod) {
			p.Spec.ReadinessGates = []v1.PodReadinessGate{{ConditionType: "cleanroom.dev/gate"}}
		}, want: "Running" + steps + " build:run Ready=False/ReadinessGatesNotReady"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			pod := awaitSummary(t, makePod(t, test.notes, test.change), test.want)
			for _, c := range append(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses...) {
				if ended := c.State.Terminated; ended != nil && (ended.StartedAt.IsZero() || ended.FinishedAt.Before(&ended.StartedAt)) {
					t.Errorf("%s started %v, finished %v", c.Name, ended.StartedAt, ended.FinishedAt)
				}
				if c.State.Running != nil && c.State.Running.StartedAt.IsZero() {
					t.Errorf("%s runs without startedAt", c.Name)
				}
			}
			if pod.Status.Phase == v1.PodRunning && (pod.Status.PodIP == "" || pod.Status.StartTime == nil) {
				t.Errorf("no address or start time: %+v", pod.Status)
			}
		})
	}
}

// The API server reads it from the simulated kubelet, by the limit too.
func TestAnObserversLog(t *testing.T) {
	t.Parallel()
	sidecar := v1.ContainerRestartPolicyAlways
	const asked = `{"name":"cdn.example.com","step":"build","count":4}`
	pod := makePod(t, notes{"exit-after": "0s", "observed": "[" + asked + "]"}, func(p *v1.Pod) {
		p.Spec.InitContainers = append(p.Spec.InitContainers, v1.Container{
			Name: "observer", Image: "tools:1", RestartPolicy: &sidecar, Args: []string{"observe", "--workspace", "/workspace", "build"}})
	})
	ended := awaitSummary(t, pod, "Succeeded"+steps+" observer:0/Completed build:0/Completed Ready=False/PodCompleted")
	logOf := func(container string, limit int64) string {
		t.Helper()
		options := &v1.PodLogOptions{Container: container, LimitBytes: &limit}
		text, err := shared.client.CoreV1().Pods(pod.Namespace).GetLogs(pod.Name, options).DoRaw(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	text := logOf("observer", 4<<20)
	report, last, _ := strings.Cut(text, `{"end":`)
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(report)))
	message := ended.Status.InitContainerStatuses[2].State.Terminated.Message
	if !strings.Contains(report, asked+"\n") || !strings.Contains(last, sum) || !strings.Contains(message, sum) {
		t.Errorf("%s\n%s", message, text)
	}
	if logOf("observer", 10) != text[:10] || logOf("build", 100) != "simulated: build\n" {
		t.Errorf("%s\n%s", logOf("observer", 10), logOf("build", 100))
	}
}

func TestExitTakesItsTime(t *testing.T) {
	t.Parallel()
	pod := makePod(t, notes{"start-after": "1s", "exit-after": "2s", "message.build": "sha256:0"}, nil)
	ended := awaitSummary(t, pod, "Succeeded"+steps+" build:0/Completed Ready=False/PodCompleted")
	state := ended.Status.ContainerStatuses[0].State.Terminated
	if took := state.FinishedAt.Sub(state.StartedAt.Time); took < time.Second {
		t.Errorf("ran %s", took)
	}
	if state.Message != "sha256:0" {
		t.Errorf("termination message %q", state.Message)
	}
}

func TestLaterPatches(t *testing.T) {
	t.Parallel()
	annotate := func(pod *v1.Pod, patch string) {
		patch = fmt.Sprintf(`{"metadata":{"annotations":{%s}}}`, patch)
		if _, err := shared.client.CoreV1().Pods(pod.Namespace).Patch(context.Background(), pod.Name, types.MergePatchType, []byte(patch), metav1.PatchOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	pod := awaitSummary(t, makePod(t, nil, nil), running)
	annotate(pod, `"lab.cleanroom.dev/exit-after":"0s","lab.cleanroom.dev/exit-code":"2"`)
	awaitSummary(t, pod, "Failed"+steps+" build:2/Error Ready=False/PodFailed")

	stuck := awaitSummary(t, makePod(t, notes{"never-start": "true"}, nil), "Pending"+steps+" build:wait/ImagePullBackOff Ready=False/ContainersNotReady")
	annotate(stuck, `"lab.cleanroom.dev/never-start":null`)
	awaitSummary(t, stuck, running)

	prepared := awaitSummary(t, makePod(t, notes{"exit-after": "0s", "exit-code": "3"}, prepares), running)
	active := `{"metadata":{"labels":{"cleanroom.dev/state":"active"}}}`
	if _, err := shared.client.CoreV1().Pods(prepared.Namespace).Patch(context.Background(), prepared.Name, types.MergePatchType, []byte(active), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	awaitSummary(t, prepared, "Failed"+steps+" build:3/Error Ready=False/PodFailed")

	evicted := awaitSummary(t, makePod(t, nil, nil), running)
	annotate(evicted, `"lab.cleanroom.dev/pod-reason":"Evicted"`)
	awaitSummary(t, evicted, "Failed/Evicted"+steps+" build:137/Error Ready=False/PodFailed")
}

func TestEphemeralContainer(t *testing.T) {
	t.Parallel()
	pod := awaitSummary(t, makePod(t, notes{"exit-after.collect": "1s", "exit-code.collect": "0", "message.collect": "done"}, nil), running)
	pod.Spec.EphemeralContainers = []v1.EphemeralContainer{{EphemeralContainerCommon: v1.EphemeralContainerCommon{
		Name: "collect", Image: "collector:1", TerminationMessagePolicy: v1.TerminationMessageReadFile}}}
	if _, err := shared.client.CoreV1().Pods(pod.Namespace).UpdateEphemeralContainers(context.Background(), pod.Name, pod, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	got := awaitSummary(t, pod, "Running"+steps+" build:run collect:0/Completed Ready=True")
	if message := got.Status.EphemeralContainerStatuses[0].State.Terminated.Message; message != "done" {
		t.Errorf("termination message %q", message)
	}
}

func TestVolumeOfAPod(t *testing.T) {
	t.Parallel()
	pod := makePod(t, nil, func(p *v1.Pod) {
		p.Spec.Volumes = []v1.Volume{{Name: "work", VolumeSource: v1.VolumeSource{Ephemeral: &v1.EphemeralVolumeSource{
			VolumeClaimTemplate: &v1.PersistentVolumeClaimTemplate{Spec: v1.PersistentVolumeClaimSpec{
				AccessModes: []v1.PersistentVolumeAccessMode{v1.ReadWriteOnce},
				Resources:   v1.VolumeResourceRequirements{Requests: v1.ResourceList{v1.ResourceStorage: resource.MustParse("1Gi")}},
			}}}}}}
	})
	awaitSummary(t, pod, running)
	core := shared.client.CoreV1()
	claim, err := core.PersistentVolumeClaims("default").Get(context.Background(), pod.Name+"-work", metav1.GetOptions{})
	if err != nil || claim.Status.Phase != v1.ClaimBound {
		t.Fatalf("claim %+v: %v", claim, err)
	}
	if err := core.Pods("default").Delete(context.Background(), pod.Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	labtest.Await(t, patience, "the end of the volume", func() error {
		_, err := core.PersistentVolumes().Get(context.Background(), claim.Spec.VolumeName, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return nil
		}
		return fmt.Errorf("still there: %v", err)
	})
}

func TestDeletionShowsTheEndToFinalizers(t *testing.T) {
	t.Parallel()
	pod := awaitSummary(t, makePod(t, nil, func(p *v1.Pod) { p.Finalizers = []string{"cleanroom.dev/evidence"} }), running)
	pods := shared.client.CoreV1().Pods("default")
	if err := pods.Delete(context.Background(), pod.Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	awaitSummary(t, pod, "Failed"+steps+" build:137/Error Ready=False/PodFailed")
	if _, err := pods.Patch(context.Background(), pod.Name, types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	labtest.Await(t, patience, "the end of the pod", func() error {
		_, err := pods.Get(context.Background(), pod.Name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return nil
		}
		return fmt.Errorf("still there: %v", err)
	})
}
