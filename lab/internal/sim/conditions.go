package sim

import (
	"fmt"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
)

// condition sets one condition. Its transition time changes only when the status changes.
func (b *builder) condition(kind v1.PodConditionType, ok bool, reason, message string) {
	status := v1.ConditionFalse
	if ok {
		status = v1.ConditionTrue
	}
	next := v1.PodCondition{
		Type: kind, Status: status, Reason: reason, Message: message,
		LastTransitionTime: *b.time(b.now), ObservedGeneration: b.pod.Generation,
	}
	for i, old := range b.status.Conditions {
		if old.Type == kind {
			if old.Status == status {
				next.LastTransitionTime = old.LastTransitionTime
			}
			b.status.Conditions[i] = next
			return
		}
	}
	b.status.Conditions = append(b.status.Conditions, next)
}

// conditions sets the conditions by a kubelet's rules (pkg/kubelet/status/generate.go), with the same reasons and messages.
func (b *builder) conditions() {
	alive := b.status.Phase == v1.PodPending || b.status.Phase == v1.PodRunning
	b.condition(v1.PodReadyToStartContainers, alive && !b.life.Started.IsZero(), "", "")
	b.initialized()
	ready, reason, message := b.containersReady()
	b.condition(v1.ContainersReady, ready, reason, message)
	if ready {
		if message = b.gates(); message != "" {
			ready, reason = false, "ReadinessGatesNotReady"
		}
	}
	b.condition(v1.PodReady, ready, reason, message)
}

func (b *builder) initialized() {
	var incomplete []string
	for i, status := range b.status.InitContainerStatuses {
		spec := &b.pod.Spec.InitContainers[i]
		done := status.Ready
		if isSidecar(spec) {
			done = status.Started != nil && *status.Started
		}
		if !done {
			incomplete = append(incomplete, status.Name)
		}
	}
	begun := slices.ContainsFunc(b.status.ContainerStatuses, func(c v1.ContainerStatus) bool { return c.State.Waiting == nil })
	switch {
	case b.status.Phase == v1.PodSucceeded:
		b.condition(v1.PodInitialized, true, "PodCompleted", "")
	case begun || len(incomplete) == 0:
		b.condition(v1.PodInitialized, true, "", "")
	default:
		b.condition(v1.PodInitialized, false, "ContainersNotInitialized", fmt.Sprintf("containers with incomplete status: %s", incomplete))
	}
}

func (b *builder) containersReady() (ready bool, reason, message string) {
	switch b.status.Phase {
	case v1.PodSucceeded:
		return false, "PodCompleted", ""
	case v1.PodFailed:
		return false, "PodFailed", ""
	}
	var unready []string
	for i, status := range b.status.InitContainerStatuses {
		spec := &b.pod.Spec.InitContainers[i]
		if isSidecar(spec) && !status.Ready {
			unready = append(unready, status.Name)
		}
	}
	for _, status := range b.status.ContainerStatuses {
		if !status.Ready {
			unready = append(unready, status.Name)
		}
	}
	if len(unready) > 0 {
		return false, "ContainersNotReady", fmt.Sprintf("containers with unready status: %s", unready)
	}
	return true, "", ""
}

// gates returns messages about the pod's readiness gates that are not met.
func (b *builder) gates() string {
	var unmet []string
	for _, gate := range b.pod.Spec.ReadinessGates {
		i := slices.IndexFunc(b.status.Conditions, func(c v1.PodCondition) bool { return c.Type == gate.ConditionType })
		if i < 0 {
			unmet = append(unmet, fmt.Sprintf("corresponding condition of pod readiness gate %q does not exist.", gate.ConditionType))
		} else if got := b.status.Conditions[i].Status; got != v1.ConditionTrue {
			unmet = append(unmet, fmt.Sprintf("the status of pod readiness gate %q is not \"True\", but %v", gate.ConditionType, got))
		}
	}
	return strings.Join(unmet, ", ")
}

func (b *builder) disruption(message string) {
	if message == "" {
		message = "Requested by the annotation " + Prefix + "disrupted."
	}
	b.condition(v1.DisruptionTarget, true, v1.PodReasonTerminationByKubelet, message)
}
