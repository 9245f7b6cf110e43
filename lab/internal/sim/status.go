package sim

import (
	"slices"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Life is what the simulated kubelet remembers of a pod. A zero time has not come yet.
type Life struct {
	IP       string
	Seen     time.Time // admitted to the node
	Started  time.Time // its containers began
	Built    time.Time // its build began, see Decide
	Ended    time.Time // its regular containers ended
	Watched  bool      // its observer has started
	Observed time.Time // its observer ended
	Hellos   []hello   // the steps that its observer knows
	Ephemera map[string]time.Time
	// Ending is the script by which its main container ended, while its sidecars still run.
	Ending *script
}

// Next is what a pod's status should be now, and when to decide again (never, if zero).
type Next struct {
	Status   v1.PodStatus
	Again    time.Time
	Problems []string
}

// Decide writes a pod's status as a kubelet would, following its annotations:
//  1. a pod that has ended stays as it is;
//  2. until start-after has passed, its containers wait;
//  3. then it runs, unless never-start or a failing step prevents that;
//  4. its build begins at once, but if the pod is preparing then, when the pod has become active: until then its launcher waits;
//  5. it ends exit-after the build began, by its exit code, its deadline, or for a reason of the node;
//  6. its sidecars end after its regular containers, and then it has its phase.
func Decide(pod *v1.Pod, life *Life, node Node, now time.Time) Next {
	s, problems := readScript(pod)
	b := &builder{pod: pod, script: s, life: life, node: node, now: now}
	b.status = *pod.Status.DeepCopy()
	b.decide()
	return Next{b.status, b.again, problems}
}

// The values of a build pod's label between which its operator takes a step.
const (
	stateLabel = "cleanroom.dev/state"
	preparing  = "preparing"
	active     = "active"
)

type builder struct {
	pod    *v1.Pod
	script script
	life   *Life
	node   Node
	now    time.Time
	status v1.PodStatus
	again  time.Time
}

func (b *builder) decide() {
	if b.pod.Status.Phase == v1.PodSucceeded || b.pod.Status.Phase == v1.PodFailed {
		return
	}
	if b.life.Ending != nil {
		b.exited()
		return
	}
	s := &b.script
	if b.life.Started.IsZero() {
		if begin := b.life.Seen.Add(s.startAfter); b.now.Before(begin) {
			b.look(begin)
			b.pending()
			return
		}
		if b.rejected() {
			return
		}
		b.life.Started = b.now
		if b.state() != preparing {
			b.life.Built = b.now
		}
	}
	if b.life.Built.IsZero() && b.state() == active {
		b.life.Built = b.now
	}
	killed := s.podReason != "" || s.disrupted
	end := b.life.Started.Add(s.exitAfter)
	switch deadline, ok := b.deadline(); {
	case ok && !b.now.Before(deadline):
		b.killed("DeadlineExceeded", "Pod was active on the node longer than the specified deadline")
		return
	case ok:
		b.look(deadline)
	}
	due := !b.now.Before(end)
	switch {
	case killed && due:
		b.killed(s.podReason, evictionMessage(s.podReason, s.disrupted))
	case killed:
		b.look(end)
		b.running()
	case s.failStep != "" && due && !b.mainRan():
		b.failedStep()
	case s.failStep != "" && !b.mainRan():
		b.look(end)
		b.inStep()
	case s.neverStart != "" && !b.mainRan():
		b.neverStarts()
	case b.life.Built.IsZero() && s.givesUp && due:
		b.gaveUp()
	case b.life.Built.IsZero() && s.givesUp:
		b.look(end)
		b.running()
	case b.life.Built.IsZero():
		b.running()
	case s.exits && !b.now.Before(b.life.Built.Add(s.exitAfter)):
		b.exited()
	case s.exits:
		b.look(b.life.Built.Add(s.exitAfter))
		b.running()
	default:
		b.running()
	}
}

// state is that of a build pod; empty for any other pod.
func (b *builder) state() string { return b.pod.Labels[stateLabel] }

// look decides again at t, or earlier if something else requires that.
func (b *builder) look(t time.Time) {
	if b.again.IsZero() || t.Before(b.again) {
		b.again = t
	}
}

func (b *builder) deadline() (time.Time, bool) {
	if b.pod.Spec.ActiveDeadlineSeconds == nil {
		return time.Time{}, false
	}
	return b.life.Seen.Add(time.Duration(*b.pod.Spec.ActiveDeadlineSeconds) * time.Second), true
}

// mainRan reports whether the main container has run, after which never-start has no effect.
func (b *builder) mainRan() bool {
	main := b.main()
	return slices.ContainsFunc(b.pod.Status.ContainerStatuses, func(c v1.ContainerStatus) bool {
		return c.Name == main && c.State.Waiting == nil
	})
}

// rejected has the reasons for which a kubelet refuses a pod before it creates a sandbox. Such a pod has no container statuses.
func (b *builder) rejected() bool {
	reason := b.script.podReason
	refusals := []string{"NodeShutdown", "NodeAffinity", "NodePorts", "NodeName", "UnexpectedAdmissionError", "InvalidNodeInfo",
		"TopologyAffinityError", "PodOSSelectorNodeLabelDoesNotMatch", "PodOSNotSupported", "AppArmor"}
	refuses := strings.HasPrefix(reason, "OutOf") || slices.Contains(refusals, reason)
	if b.script.exits || !refuses {
		return false
	}
	b.status = v1.PodStatus{
		Phase: v1.PodFailed, Reason: reason, Message: "Pod was rejected: " + evictionMessage(reason, false),
		QOSClass: b.pod.Status.QOSClass, Conditions: b.pod.Status.Conditions, StartTime: b.time(b.life.Seen),
		ObservedGeneration: b.pod.Generation,
	}
	return true
}

// evictionMessage returns the kubelet's message. For an eviction, it is about the node only if the pod is disrupted too.
func evictionMessage(reason string, disrupted bool) string {
	switch {
	case reason == "":
		return ""
	case reason == "Evicted" && disrupted:
		return "The node was low on resource: ephemeral-storage. "
	case reason == "Evicted":
		return "Usage of EmptyDir volume \"tmp-build\" exceeds the limit \"1Gi\". "
	}
	return "Requested by the annotation " + Prefix + "pod-reason."
}

func (b *builder) time(t time.Time) *metav1.Time {
	at := metav1.NewTime(t.Truncate(time.Second))
	return &at
}

func (b *builder) set(phase v1.PodPhase) {
	b.status.Phase = phase
	b.status.StartTime = b.time(b.life.Seen)
	b.status.HostIP = b.node.IP
	b.status.HostIPs = []v1.HostIP{{IP: b.node.IP}}
	b.status.ObservedGeneration = b.pod.Generation
	if !b.life.Started.IsZero() {
		ip := b.life.IP
		if b.pod.Spec.HostNetwork {
			ip = b.node.IP
		}
		b.status.PodIP = ip
		b.status.PodIPs = []v1.PodIP{{IP: ip}}
	}
	b.ephemeral()
	b.conditions()
}

// Terminate returns the last status of a pod that is deleted while it runs.
func Terminate(pod *v1.Pod, life *Life, node Node, now time.Time) v1.PodStatus {
	b := &builder{pod: pod, life: life, node: node, now: now, status: *pod.Status.DeepCopy()}
	if b.status.Phase != v1.PodSucceeded && b.status.Phase != v1.PodFailed {
		if life.Started.IsZero() {
			life.Started = now
		}
		s, _ := readScript(pod)
		b.script.observer, b.script.observed = s.observer, s.observed
		if life.Ending != nil {
			b.now = life.Ended.Add(sidecarsTake)
			b.exited()
		} else {
			b.killed("", "")
		}
	}
	return b.status
}
