//go:build node

package node

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"

	"cleanroom.dev/lab/internal/labtest"
)

// untilDone is a build that runs until the test has seen enough.
const untilDone = "until [ -e done ]; do sleep 1; done"

// measured has an observer that measures the canaries and is asked whether there are signals. The operator's is asked every 10 s.
func (g gated) measured(name, build string) *v1.Pod {
	pod := g.observed(name, []string{"true"}, []string{"sh", "-c", build})
	observer := &pod.Spec.InitContainers[1]
	var flags []string
	for _, each := range g.canaries {
		flags = append(flags, "--canary", each)
	}
	observer.Command = slices.Insert(observer.Command, slices.Index(observer.Command, "observe")+1, flags...)
	observer.ReadinessProbe = &v1.Probe{PeriodSeconds: 2, FailureThreshold: 1, SuccessThreshold: 1, TimeoutSeconds: 5}
	observer.ReadinessProbe.Exec = &v1.ExecAction{Command: []string{"/cleanroom-tools", "observe", "--ready"}}
	return pod
}

// readiness is each change of whether the observer's container is ready while it runs. It ends when the pod has ended.
func (g gated) readiness(t *testing.T, pod *v1.Pod) <-chan bool {
	t.Helper()
	changes := make(chan bool, 100)
	watch, err := g.client.CoreV1().Pods(pod.Namespace).Watch(context.Background(), metav1.ListOptions{
		FieldSelector: fields.OneTermEqualSelector("metadata.name", pod.Name).String(),
	})
	must(t, err)
	t.Cleanup(watch.Stop)
	go func() {
		defer close(changes)
		known, last := false, false
		for event := range watch.ResultChan() {
			got, ok := event.Object.(*v1.Pod)
			if !ok || got.Status.Phase == v1.PodSucceeded || got.Status.Phase == v1.PodFailed {
				return
			}
			for _, c := range got.Status.InitContainerStatuses {
				if c.Name != "observer" || c.State.Running == nil || c.Started == nil || !*c.Started {
					continue
				}
				if !known && c.Ready || known && c.Ready != last {
					known, last = true, c.Ready
					changes <- c.Ready
				}
			}
		}
	}()
	return changes
}

// becomes awaits the next change.
func becomes(t *testing.T, changes <-chan bool, ready bool) {
	t.Helper()
	select {
	case got, open := <-changes:
		if !open || got != ready {
			t.Fatalf("the observer's container is ready: %t, the pod runs: %t", got, open)
		}
	case <-time.After(patience):
		t.Fatalf("the observer's container is not ready=%t", ready)
	}
}

// signals are the lines of the observer's log so far which it writes while the build runs.
func (g gated) signals(t *testing.T, pod *v1.Pod) (all []string) {
	t.Helper()
	raw, err := g.client.CoreV1().Pods(pod.Namespace).GetLogs(pod.Name, &v1.PodLogOptions{Container: "observer"}).DoRaw(context.Background())
	must(t, err)
	for line := range bytes.Lines(raw) {
		var each struct {
			Signal, Port                                   int
			Name, Address, Protocol, Enforcement, Step, At string
		}
		must(t, json.Unmarshal(line, &each))
		switch {
		case each.At == "":
		case each.Signal == 0:
			all = append(all, each.Enforcement)
		default:
			all = append(all, strings.TrimSpace(fmt.Sprintf("%d: %s%s %s", each.Signal, each.Name, each.Enforcement, each.Step)))
		}
	}
	return all
}

func (g gated) finish(t *testing.T, pod *v1.Pod) {
	t.Helper()
	g.Must(t, "kubectl", "exec", "-n", pod.Namespace, pod.Name, "-c", "main", "--", "touch", stepsWorkspace+"/done")
}

// quiet checks that the observer measured without the build's counters showing it, and returns its rounds and losses.
func quiet(t *testing.T, all []observation) (rounds, losses int) {
	t.Helper()
	measured := 0
	for _, each := range all {
		if each.Measured != nil {
			measured, rounds, losses = measured+1, each.Measured.Rounds, each.Measured.Lost
		}
		if each.Counters != nil && (each.Counters["tcpSynRetrans"] != 0 || each.Counters["tcpAttemptFails"] != 0) {
			t.Errorf("the observer's own attempts are counted: %v", each.Counters)
		}
		if each.Address != "" && each.Enforcement == "" {
			t.Errorf("the observer's own connections are reported: %+v", each)
		}
	}
	if measured != 1 {
		t.Errorf("%d lines of what was measured", measured)
	}
	return rounds, losses
}

func TestANewNameMakesTheObserverUnreadyOnce(t *testing.T) {
	t.Parallel()
	g := setGated(t, keeps.up(t))
	pod := g.measured("asks", "sleep 5; talk resolve cdn.example.com; talk resolve cdn.example.com; "+untilDone)
	g.create(t, pod)
	changes := g.readiness(t, pod)
	becomes(t, changes, true)
	becomes(t, changes, false)
	if got := g.signals(t, pod); !slices.Equal(got, []string{"1: cdn.example.com main"}) {
		t.Errorf("%q", got)
	}
	becomes(t, changes, true)
	g.finish(t, pod)
	all, end := g.observations(t, pod)
	if end.End != "Complete" {
		t.Errorf("%+v", end)
	}
	for ready := range changes {
		// When it ends.
		if ready {
			t.Error("the observer's container became ready again")
		}
	}
	if rounds, losses := quiet(t, all); rounds < 1 || losses != 0 {
		t.Errorf("%d rounds, lost in %d", rounds, losses)
	}
}

func TestEnforcementThatEndsWhileTheBuildRunsIsLost(t *testing.T) {
	t.Parallel()
	g := setGated(t, keeps.up(t))
	pod := g.measured("loses", untilDone)
	g.create(t, pod)
	changes := g.readiness(t, pod)
	becomes(t, changes, true)
	labtest.Await(t, patience, "the begin of the build", func() error {
		if said := g.said(t, pod, "observer"); !strings.Contains(said, `{"step":"main"`) {
			return fmt.Errorf("%s", said)
		}
		return nil
	})
	policies := g.client.NetworkingV1().NetworkPolicies(g.namespace)
	list, err := policies.List(context.Background(), metav1.ListOptions{})
	must(t, err)
	must(t, policies.DeleteCollection(context.Background(), metav1.DeleteOptions{}, metav1.ListOptions{}))
	becomes(t, changes, false)
	if got := g.signals(t, pod); !slices.Equal(got, []string{"Lost", "1: Lost"}) {
		t.Errorf("%q", got)
	}
	for _, each := range list.Items {
		again := &networking.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Name: each.Name}, Spec: each.Spec}
		_, err := policies.Create(context.Background(), again, metav1.CreateOptions{})
		must(t, err)
	}
	labtest.Await(t, patience, "enforcement again", func() error {
		if got := g.signals(t, pod); !slices.Equal(got, []string{"Lost", "1: Lost", "Restored"}) {
			return fmt.Errorf("%q", got)
		}
		return nil
	})
	g.finish(t, pod)
	all, end := g.observations(t, pod)
	if rounds, losses := quiet(t, all); rounds < 3 || losses != 1 || end.End != "Complete" {
		t.Errorf("%d rounds, lost in %d: %+v", rounds, losses, end)
	}
	lost := slices.IndexFunc(all, func(each observation) bool { return each.Enforcement == "Lost" })
	if lost < 0 || !slices.Contains(g.canaries, all[lost].Address) {
		t.Errorf("%+v", all)
	}
}
