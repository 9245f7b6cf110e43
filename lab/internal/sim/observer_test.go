package sim

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
)

// observedPod has the containers of a build pod with an observer: gate, observer, one prepare step, build.
func observedPod(annotations map[string]string) *v1.Pod {
	pod := newPod(annotations)
	always := v1.ContainerRestartPolicyAlways
	pod.Spec.InitContainers = append(pod.Spec.InitContainers,
		v1.Container{Name: observer, Image: "tools:1", RestartPolicy: &always, Args: []string{"observe", "--workspace", "/workspace", "checkout", "build"}},
		v1.Container{Name: "checkout", Image: "git:1"})
	return pod
}

// decide advances the pod to the time after the start, as the kubelet's loop does.
func decide(pod *v1.Pod, life *Life, after time.Duration) Next {
	next := Decide(pod, life, node, start.Add(after))
	pod.Status = next.Status
	return next
}

func logOf(t *testing.T, pod *v1.Pod, life *Life) string {
	t.Helper()
	text, started := containerLog(pod, *life, observer)
	if !started {
		t.Fatal("the observer has not started")
	}
	return text
}

const (
	asked    = `{"name":"cdn.example.com","step":"build","count":4}`
	dropped  = `{"address":"192.0.2.1","port":443,"protocol":"TCP","step":"build","count":3}`
	head     = `{"observer":1,"version":"0.1"}` + "\n"
	checkout = `{"step":"checkout","started":"2026-01-01T00:00:00.000Z"}` + "\n"
	counters = `{"counters":{"tcpSynRetrans":0,"tcpAttemptFails":0,"udpOutDatagrams":0}}` + "\n"
)

func building(second int) string {
	return fmt.Sprintf(`{"step":"build","started":"2026-01-01T00:00:%02d.000Z"}`+"\n", second)
}

func TestAnObserverEndsAfterTheBuildAndBeforeThePod(t *testing.T) {
	pod := observedPod(map[string]string{"exit-after": "20s", "exit-code": "4", "observed": "[" + asked + ",\n" + dropped + "]"})
	life := &Life{Seen: start}
	decide(pod, life, 0)
	own := pod.Status.InitContainerStatuses[1]
	if own.State.Running == nil || !own.Ready || !*own.Started || pod.Status.InitContainerStatuses[2].State.Terminated == nil {
		t.Fatalf("while the build runs: %+v", pod.Status.InitContainerStatuses)
	}
	if log := logOf(t, pod, life); log != head+checkout+building(0) {
		t.Errorf("while the build runs:\n%s", log)
	}
	next := decide(pod, life, 20*time.Second)
	build := pod.Status.ContainerStatuses[1].State.Terminated
	if pod.Status.Phase != v1.PodRunning || build == nil || build.ExitCode != 4 || pod.Status.InitContainerStatuses[1].State.Running == nil {
		t.Fatalf("the build has ended: %s, build %+v", pod.Status.Phase, build)
	}
	for _, c := range pod.Status.Conditions {
		if c.Type == v1.PodReady && (c.Status != v1.ConditionFalse || c.Reason != "ContainersNotReady") {
			t.Errorf("the build has ended: %+v", c)
		}
	}
	if want := start.Add(20*time.Second + sidecarsTake); !next.Again.Equal(want) {
		t.Errorf("again at %s", next.Again)
	}
	// What the pod's annotations say now is too late.
	pod.Annotations[Prefix+"exit-code"], pod.Annotations[Prefix+"pod-reason"] = "0", "Evicted"
	decide(pod, life, 20*time.Second+sidecarsTake)
	ended := pod.Status.InitContainerStatuses[1].State.Terminated
	if pod.Status.Phase != v1.PodFailed || pod.Status.Reason != "" || pod.Status.ContainerStatuses[1].State.Terminated.ExitCode != 4 || ended == nil || ended.ExitCode != 0 {
		t.Fatalf("%s %q, observer %+v", pod.Status.Phase, pod.Status.Reason, ended)
	}
	lines := head + checkout + building(0) + asked + "\n" + dropped + "\n" + noInputs + "\n" + counters
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(lines)))
	if want := lines + `{"end":"Complete","omitted":0,"sha256":"` + sum + `"}` + "\n"; logOf(t, pod, life) != want {
		t.Errorf("log:\n%s", logOf(t, pod, life))
	}
	if want := `{"observer":1,"end":"Complete","names":1,"connections":1,"bytes":` + strconv.Itoa(len(lines)) + `,"sha256":"` + sum + `"}`; ended.Message != want {
		t.Errorf("message %s", ended.Message)
	}
}

func TestAnObserverEndsHoweverThePodEnds(t *testing.T) {
	for name, test := range map[string]struct {
		annotations map[string]string
		state       string
		phase       v1.PodPhase
		steps       string
	}{
		"succeeded":             {map[string]string{"exit-after": "0s"}, "", v1.PodSucceeded, checkout + building(0) + noInputs + "\n"},
		"evicted":               {map[string]string{"pod-reason": "Evicted"}, "", v1.PodFailed, checkout + building(0) + noInputs + "\n"},
		"disrupted":             {map[string]string{"disrupted": "true"}, "", v1.PodFailed, checkout + building(0) + noInputs + "\n"},
		"a failed step":         {map[string]string{"fail-step": "checkout"}, "", v1.PodFailed, checkout},
		"the launcher gives up": {map[string]string{"give-up": "because"}, preparing, v1.PodFailed, checkout},
	} {
		t.Run(name, func(t *testing.T) {
			pod := observedPod(test.annotations)
			pod.Labels = map[string]string{stateLabel: test.state}
			life := &Life{Seen: start}
			decide(pod, life, 0)
			// Once it ends, no label begins its build.
			pod.Labels[stateLabel] = active
			decide(pod, life, time.Second)
			ended := pod.Status.InitContainerStatuses[1].State.Terminated
			if pod.Status.Phase != test.phase || ended == nil || ended.ExitCode != 0 || !strings.Contains(ended.Message, `"end":"Complete"`) {
				t.Fatalf("%s, observer %+v", pod.Status.Phase, ended)
			}
			if log := logOf(t, pod, life); !strings.HasPrefix(log, head+test.steps+counters) {
				t.Errorf("log:\n%s", log)
			}
		})
	}
}

func TestAnObserverReportsTheInputsOfItsScript(t *testing.T) {
	const inputs = `{"inputs":"Partial","reason":"TooSlow"}`
	pod := observedPod(map[string]string{"exit-after": "0s", "observed": "[" + inputs + "]"})
	life := &Life{Seen: start}
	decide(pod, life, 0)
	decide(pod, life, time.Second)
	if log := logOf(t, pod, life); !strings.HasPrefix(log, head+checkout+building(0)+inputs+"\n"+counters) {
		t.Errorf("log:\n%s", log)
	}
}

func TestAnObserverThatNeverStarted(t *testing.T) {
	pod := observedPod(map[string]string{"fail-step": "gate"})
	life := &Life{Seen: start}
	decide(pod, life, 0)
	if _, started := containerLog(pod, *life, observer); started || pod.Status.InitContainerStatuses[1].State.Waiting == nil {
		t.Errorf("%+v", pod.Status.InitContainerStatuses[1])
	}
}

func TestABuildIsHeardWhenItBegins(t *testing.T) {
	pod := observedPod(nil)
	pod.Labels = map[string]string{stateLabel: preparing}
	life := &Life{Seen: start}
	decide(pod, life, 0)
	if log := logOf(t, pod, life); log != head+checkout {
		t.Errorf("preparing:\n%s", log)
	}
	pod.Labels[stateLabel] = active
	decide(pod, life, 7*time.Second)
	if log := logOf(t, pod, life); log != head+checkout+building(7) {
		t.Errorf("active:\n%s", log)
	}
}

func TestAPodThatIsDeletedEndsItsObserver(t *testing.T) {
	for _, exits := range []string{"1h", "0s"} {
		pod := observedPod(map[string]string{"exit-after": exits, "observed": "[" + asked + "]"})
		life := &Life{Seen: start}
		decide(pod, life, 0)
		status := Terminate(pod, life, node, start.Add(time.Millisecond))
		ended := status.InitContainerStatuses[1].State.Terminated
		if ended == nil || ended.ExitCode != 0 || !strings.Contains(ended.Message, `"names":1`) {
			t.Errorf("observer %+v", ended)
		}
		// A build that had ended by itself keeps its exit code.
		want := map[string]int32{"1h": 137, "0s": 0}[exits]
		if code := status.ContainerStatuses[1].State.Terminated.ExitCode; code != want {
			t.Errorf("exit after %s: code %d", exits, code)
		}
	}
}

func TestReportsThatAreNotWell(t *testing.T) {
	for _, kind := range []string{silent, forged, cut} {
		pod := observedPod(map[string]string{"exit-after": "0s", "observer": kind, "observed": "[" + asked + "]"})
		life := &Life{Seen: start}
		decide(pod, life, 0)
		decide(pod, life, time.Second)
		ended, log := pod.Status.InitContainerStatuses[1].State.Terminated, logOf(t, pod, life)
		if kind == silent {
			if ended.ExitCode != 137 || ended.Message != "" || log != "" {
				t.Errorf("silent: %+v\n%s", ended, log)
			}
			continue
		}
		var message struct{ Sha256 string }
		if err := json.Unmarshal([]byte(ended.Message), &message); err != nil || len(message.Sha256) != 64 {
			t.Fatalf("%s: %s: %v", kind, ended.Message, err)
		}
		lines := head + checkout + building(0) + asked + "\n" + noInputs + "\n" + counters
		sum := fmt.Sprintf("%x", sha256.Sum256([]byte(lines)))
		if (kind == cut) != (log == lines) || (kind == forged) == (message.Sha256 == sum) {
			t.Errorf("%s: %s\n%s", kind, ended.Message, log)
		}
	}
}

func TestUnreadableReports(t *testing.T) {
	for key, value := range map[string]string{"observed": asked, "observer": "late"} {
		pod := observedPod(map[string]string{key: value})
		if next := decide(pod, &Life{Seen: start}, 0); len(next.Problems) != 1 || !strings.Contains(next.Problems[0], key) {
			t.Errorf("%s: %v", key, next.Problems)
		}
	}
}

func TestFlagsOfAnObserverAreNoSteps(t *testing.T) {
	pod := observedPod(nil)
	pod.Spec.InitContainers[1].Args = strings.Fields("observe --workspace /workspace --artifact dist/** --report a.sarif one build")
	if got := steps(pod); !slices.Equal(got, []string{"one", "build"}) {
		t.Errorf("%q", got)
	}
}
