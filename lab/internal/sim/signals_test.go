package sim

import (
	"slices"
	"strings"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
)

const (
	signalled = `{"signal":1,"name":"cdn.example.com","step":"build","at":"2026-01-01T00:00:02.000Z"}`
	lost      = `{"enforcement":"Lost","at":"2026-01-01T00:00:40.000Z","address":"192.0.2.7"}`
	lostToo   = `{"signal":2,"enforcement":"Lost","at":"2026-01-01T00:00:40.000Z"}`
)

// signallingPod has an observer that is probed and measures.
func signallingPod(annotations map[string]string) *v1.Pod {
	pod := observedPod(annotations)
	own := sidecar(pod)
	own.ReadinessProbe = &v1.Probe{}
	own.Args = []string{"observe", "--workspace", "/workspace", "--canary", "192.0.2.7", "--canary=192.0.2.8", "--beacon-port", "7801", "checkout", "build"}
	return pod
}

func isReady(pod *v1.Pod) (observer, whole bool) {
	for _, c := range pod.Status.Conditions {
		whole = whole || c.Type == v1.PodReady && c.Status == v1.ConditionTrue
	}
	return pod.Status.InitContainerStatuses[1].Ready, whole
}

func TestSignalsMakeTheObserverUnreadyOnce(t *testing.T) {
	pod := signallingPod(map[string]string{"observed": "[" + signalled + "," + asked + "]"})
	pod.Labels = map[string]string{stateLabel: preparing}
	life := &Life{Seen: start}
	for _, each := range []struct {
		at       time.Duration
		state    string
		observed string
		ready    bool
		log      string
	}{
		{0, preparing, "", true, head + checkout},
		{time.Second, active, "", false, head + checkout + building(1) + signalled + "\n"},
		{time.Second + unreadyTakes/2, active, "", false, head + checkout + building(1) + signalled + "\n"},
		{time.Second + unreadyTakes, active, "", true, head + checkout + building(1) + signalled + "\n"},
		{time.Minute, active, "[" + signalled + "," + lost + "," + lostToo + "]", false,
			head + checkout + building(1) + signalled + "\n" + lost + "\n" + lostToo + "\n"},
		{time.Minute + unreadyTakes, active, "", true, head + checkout + building(1) + signalled + "\n" + lost + "\n" + lostToo + "\n"},
	} {
		pod.Labels[stateLabel] = each.state
		if each.observed != "" {
			pod.Annotations[Prefix+"observed"] = each.observed
		}
		next := decide(pod, life, each.at)
		if observer, whole := isReady(pod); observer != each.ready || whole != each.ready {
			t.Errorf("at %s: the observer's ready %t, the pod's %t", each.at, observer, whole)
		}
		if each.ready != next.Again.IsZero() {
			t.Errorf("at %s: again at %s", each.at, next.Again)
		}
		if log := logOf(t, pod, life); log != each.log {
			t.Errorf("at %s:\n%s", each.at, log)
		}
	}
}

func TestSignalsAreNoNamesOfTheReport(t *testing.T) {
	pod := signallingPod(map[string]string{"exit-after": "0s", "observed": "[" + asked + "," + signalled + "]"})
	life := &Life{Seen: start}
	decide(pod, life, 0)
	decide(pod, life, time.Minute)
	if ended := pod.Status.InitContainerStatuses[1].State.Terminated; ended == nil || !strings.Contains(ended.Message, `"names":1`) {
		t.Fatalf("observer %+v", ended)
	}
	want := head + checkout + building(0) + signalled + "\n" + asked + "\n" + noInputs + "\n" + measured + "\n" + counters
	if log := logOf(t, pod, life); !strings.HasPrefix(log, want) {
		t.Errorf("log:\n%s", log)
	}
}

func TestWithoutAProbeAnObserverStaysReady(t *testing.T) {
	pod := signallingPod(map[string]string{"observed": "[" + signalled + "]"})
	sidecar(pod).ReadinessProbe = nil
	decide(pod, &Life{Seen: start}, 0)
	if observer, _ := isReady(pod); !observer {
		t.Error("the observer is not ready")
	}
}

func TestAPodThatMeasuresNothingReportsNoRounds(t *testing.T) {
	pod := observedPod(map[string]string{"exit-after": "0s"})
	life := &Life{Seen: start}
	decide(pod, life, 0)
	decide(pod, life, time.Minute)
	if log := logOf(t, pod, life); strings.Contains(log, "measured") {
		t.Errorf("log:\n%s", log)
	}
}

func TestTheArgumentsOfAnObserver(t *testing.T) {
	for args, want := range map[string]string{
		"observe --workspace /workspace build":                                         "build",
		"observe --workspace=/workspace --artifact dist/** --report a.sarif one build": "one build",
		"observe build":       "build",
		"observe --workspace": "",
		"":                    "",
	} {
		pod := observedPod(nil)
		sidecar(pod).Args = strings.Fields(args)
		if got := steps(pod); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%q: %q", args, got)
		}
	}
}
