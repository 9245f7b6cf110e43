package sim

import (
	"slices"
	"strings"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var (
	start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	node  = NewNodes(1, 10250)[0]
)

func newPod(annotations map[string]string) *v1.Pod {
	pod := &v1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "p", UID: "uid", Annotations: map[string]string{}},
		Spec: v1.PodSpec{
			InitContainers: []v1.Container{{Name: "gate", Image: "gate:1"}},
			Containers:     []v1.Container{{Name: "helper", Image: "helper:1"}, {Name: "build", Image: "build@sha256:1"}},
		},
	}
	for key, value := range annotations {
		pod.Annotations[Prefix+key] = value
	}
	return pod
}

// A pod's statuses at times of its life: what a restart of the loop at any of them would see, and how often it wakes.
func TestLifeInSteps(t *testing.T) {
	pod := newPod(map[string]string{"start-after": "10s", "exit-after": "20s", "exit-code": "4"})
	life := &Life{IP: "10.128.0.1", Seen: start}
	for _, step := range []struct {
		at    time.Duration
		phase v1.PodPhase
		again time.Duration
	}{
		{0, v1.PodPending, 10 * time.Second},
		{9 * time.Second, v1.PodPending, 10 * time.Second},
		{10 * time.Second, v1.PodRunning, 30 * time.Second},
		{29 * time.Second, v1.PodRunning, 30 * time.Second},
		{30 * time.Second, v1.PodFailed, -1},
		{40 * time.Second, v1.PodFailed, -1},
	} {
		next := Decide(pod, life, node, start.Add(step.at))
		if next.Status.Phase != step.phase {
			t.Fatalf("at %s: %s, want %s", step.at, next.Status.Phase, step.phase)
		}
		if want := start.Add(step.again); step.again < 0 != next.Again.IsZero() || step.again > 0 && !next.Again.Equal(want) {
			t.Errorf("at %s: again at %s", step.at, next.Again)
		}
		pod.Status = next.Status
	}
	build := pod.Status.ContainerStatuses[1].State.Terminated
	if build.ExitCode != 4 || build.Reason != "Error" || !build.StartedAt.Time.Equal(start.Add(10*time.Second)) || !build.FinishedAt.Time.Equal(start.Add(30*time.Second)) {
		t.Errorf("build: %+v", build)
	}
	if helper := pod.Status.ContainerStatuses[0].State.Terminated; helper.ExitCode != 0 {
		t.Errorf("helper: %+v", helper)
	}
}

// The launcher of a pod that is preparing waits for its state, and the build's time counts from there.
func TestABuildWaitsForTheStep(t *testing.T) {
	pod := newPod(map[string]string{"exit-after": "20s", "exit-code": "4"})
	pod.Labels = map[string]string{stateLabel: preparing}
	life := &Life{IP: "10.128.0.1", Seen: start}
	for _, step := range []struct {
		at    time.Duration
		state string
		phase v1.PodPhase
		again time.Duration
	}{
		{0, preparing, v1.PodRunning, -1},
		{time.Hour, preparing, v1.PodRunning, -1},
		{2 * time.Hour, active, v1.PodRunning, 2*time.Hour + 20*time.Second},
		{2*time.Hour + 19*time.Second, "suspect", v1.PodRunning, 2*time.Hour + 20*time.Second},
		{2*time.Hour + 20*time.Second, "quarantined", v1.PodFailed, -1},
	} {
		pod.Labels[stateLabel] = step.state
		next := Decide(pod, life, node, start.Add(step.at))
		if next.Status.Phase != step.phase {
			t.Fatalf("%s at %s: %s, want %s", step.state, step.at, next.Status.Phase, step.phase)
		}
		if want := start.Add(step.again); step.again < 0 != next.Again.IsZero() || step.again > 0 && !next.Again.Equal(want) {
			t.Errorf("%s at %s: again at %s", step.state, step.at, next.Again)
		}
		pod.Status = next.Status
	}
	build := pod.Status.ContainerStatuses[1].State.Terminated
	if build.ExitCode != 4 || !build.StartedAt.Time.Equal(start) || !build.FinishedAt.Time.Equal(start.Add(2*time.Hour+20*time.Second)) {
		t.Errorf("build: %+v", build)
	}
}

func TestABuildNeverBeginsInAPodThatIsQuarantinedBefore(t *testing.T) {
	pod := newPod(map[string]string{"exit-after": "0s"})
	pod.Labels = map[string]string{stateLabel: preparing}
	life := &Life{Seen: start}
	pod.Status = Decide(pod, life, node, start).Status
	pod.Labels[stateLabel] = "quarantined"
	if next := Decide(pod, life, node, start.Add(time.Hour)); next.Status.Phase != v1.PodRunning || !next.Again.IsZero() {
		t.Errorf("%s, again at %s", next.Status.Phase, next.Again)
	}
}

func TestALauncherGivesUp(t *testing.T) {
	const message = `{"outcome":"PreparationStillRuns"}`
	for name, test := range map[string]struct {
		annotations map[string]string
		state       string
		at          time.Duration
		phase       v1.PodPhase
		again       time.Duration
	}{
		"at once":                 {map[string]string{"give-up": message}, preparing, 0, v1.PodFailed, -1},
		"not yet":                 {map[string]string{"give-up": message, "exit-after": "5s"}, preparing, 0, v1.PodRunning, 5 * time.Second},
		"later":                   {map[string]string{"give-up": message, "exit-after": "0s", "exit-code": "3", "exit-reason": "OOMKilled"}, preparing, 0, v1.PodFailed, -1},
		"not after the step":      {map[string]string{"give-up": message}, active, 0, v1.PodRunning, -1},
		"not without a state":     {map[string]string{"give-up": message}, "", 0, v1.PodRunning, -1},
		"never in a failing step": {map[string]string{"give-up": message, "fail-step": "gate", "exit-after": "1h"}, preparing, 0, v1.PodPending, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			pod := newPod(test.annotations)
			pod.Labels = map[string]string{stateLabel: test.state}
			next := Decide(pod, &Life{Seen: start}, node, start.Add(test.at))
			if next.Status.Phase != test.phase || len(next.Problems) != 0 {
				t.Fatalf("%s, %v", next.Status.Phase, next.Problems)
			}
			if want := start.Add(test.again); test.again < 0 != next.Again.IsZero() || test.again > 0 && !next.Again.Equal(want) {
				t.Errorf("again at %s", next.Again)
			}
			if next.Status.Phase != v1.PodFailed {
				return
			}
			if build := next.Status.ContainerStatuses[1].State.Terminated; build.ExitCode != 125 || build.Reason != "Error" || build.Message != message {
				t.Errorf("build: %+v", build)
			}
		})
	}
}

// A settled pod costs no write, whatever its annotations.
func TestDecideAgainChangesNothing(t *testing.T) {
	for _, annotations := range []map[string]string{
		nil, {"start-after": "1h"}, {"exit-after": "0s"}, {"exit-after": "1h"}, {"fail-step": "gate"}, {"fail-step": "gate", "exit-after": "1h"},
		{"pod-reason": "Evicted"}, {"pod-reason": "OutOfcpu"}, {"disrupted": "true"}, {"never-start": "true"}, {"give-up": "because"},
	} {
		for _, state := range []string{"", preparing} {
			pod := newPod(annotations)
			pod.Labels = map[string]string{stateLabel: state}
			life := &Life{IP: "10.128.0.1", Seen: start}
			pod.Status = Decide(pod, life, node, start.Add(time.Second)).Status
			again := Decide(pod, life, node, start.Add(2*time.Second)).Status
			if !apiequality.Semantic.DeepEqual(pod.Status, again) {
				t.Errorf("%v %s:\n%+v\n%+v", annotations, state, pod.Status, again)
			}
		}
	}
}

// A kubelet writes DisruptionTarget when it evicts for its node, and not when a pod exceeds a limit of its own.
func TestEvictions(t *testing.T) {
	for _, test := range []struct {
		annotations map[string]string
		message     string
		disrupted   bool
	}{
		{map[string]string{"pod-reason": "Evicted"}, "Usage of EmptyDir volume", false},
		{map[string]string{"pod-reason": "Evicted", "disrupted": "true"}, "The node was low on resource", true},
		{map[string]string{"pod-reason": "Terminated"}, "Requested by the annotation", true},
	} {
		status := Decide(newPod(test.annotations), &Life{Seen: start}, node, start).Status
		disrupted := slices.ContainsFunc(status.Conditions, func(c v1.PodCondition) bool {
			return c.Type == v1.DisruptionTarget && c.Status == v1.ConditionTrue
		})
		if !strings.HasPrefix(status.Message, test.message) || disrupted != test.disrupted || status.Phase != v1.PodFailed {
			t.Errorf("%v: %s %q, disrupted %t", test.annotations, status.Phase, status.Message, disrupted)
		}
	}
}

func TestConditionsOfOthersStay(t *testing.T) {
	pod := newPod(nil)
	pod.Status.Conditions = []v1.PodCondition{{Type: v1.PodScheduled, Status: v1.ConditionTrue}, {Type: "cleanroom.dev/gate", Status: v1.ConditionTrue}}
	pod.Spec.ReadinessGates = []v1.PodReadinessGate{{ConditionType: "cleanroom.dev/gate"}}
	status := Decide(pod, &Life{Seen: start}, node, start).Status
	have := map[v1.PodConditionType]v1.ConditionStatus{}
	for _, c := range status.Conditions {
		have[c.Type] = c.Status
	}
	for _, kind := range []v1.PodConditionType{v1.PodScheduled, "cleanroom.dev/gate", v1.PodReady, v1.ContainersReady, v1.PodInitialized, v1.PodReadyToStartContainers} {
		if have[kind] != v1.ConditionTrue {
			t.Errorf("%s is %q", kind, have[kind])
		}
	}
}

func TestRunningPodCannotBeKeptFromStarting(t *testing.T) {
	for _, note := range []string{"never-start", "start-after", "fail-step"} {
		pod := newPod(nil)
		life := &Life{Seen: start}
		pod.Status = Decide(pod, life, node, start).Status
		pod.Annotations[Prefix+note] = map[string]string{"never-start": "true", "start-after": "1h", "fail-step": "gate"}[note]
		if next := Decide(pod, life, node, start.Add(time.Second)); next.Status.Phase != v1.PodRunning {
			t.Errorf("%s: %s", note, next.Status.Phase)
		}
	}
}

func TestUnreadableAnnotationsAreNamed(t *testing.T) {
	for key, value := range map[string]string{"exit-after": "soon", "exit-code": "-1", "fail-step": "none", "exit-aftr": "1s", "disrupted": "perhaps"} {
		next := Decide(newPod(map[string]string{key: value}), &Life{Seen: start}, node, start)
		if len(next.Problems) != 1 || !strings.Contains(next.Problems[0], key) {
			t.Errorf("%s=%s: %v", key, value, next.Problems)
		}
		if next.Status.Phase != v1.PodRunning {
			t.Errorf("%s=%s: %s", key, value, next.Status.Phase)
		}
	}
}
