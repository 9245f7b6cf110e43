package policy

import (
	"fmt"
	"maps"
	"slices"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// arrivals remembers when each pod's addresses became known, and leaves the pod out for the lag: real plug-ins do not filter a new
// pod's traffic until they have created its rules. A change of its labels takes effect after the lag, too.
type arrivals struct {
	lag    time.Duration
	seen   map[string]time.Time
	labels map[types.UID][]labelled
}

// labelled are the labels that a pod has had since a time.
type labelled struct {
	labels map[string]string
	since  time.Time
}

// settled returns the pods whose addresses have been known for the lag, with the labels that they had then, and after which time that
// changes (0 for never).
func (a *arrivals) settled(pods []*v1.Pod, now time.Time) (settled []*v1.Pod, next time.Duration) {
	seen, labels := map[string]time.Time{}, map[types.UID][]labelled{}
	again := func(left time.Duration) {
		if next == 0 || left < next {
			next = left
		}
	}
	for _, pod := range pods {
		labels[pod.UID] = a.changes(pod, now)
		if len(labels[pod.UID]) > 1 {
			again(a.left(labels[pod.UID][1].since, now))
			pod = pod.DeepCopy()
			pod.Labels = labels[pod.UID][0].labels
		}
		if len(pod.Status.PodIPs) == 0 {
			continue
		}
		key := fmt.Sprint(pod.UID, pod.Status.PodIPs)
		since, known := a.seen[key]
		if !known {
			since = now
		}
		seen[key] = since
		if left := a.left(since, now); left <= 0 {
			settled = append(settled, pod)
		} else {
			again(left)
		}
	}
	a.seen, a.labels = seen, labels
	return settled, next
}

func (a *arrivals) left(since, now time.Time) time.Duration { return a.lag - now.Sub(since) }

// changes returns the labels in effect, and then those that will be.
func (a *arrivals) changes(pod *v1.Pod, now time.Time) []labelled {
	changes := a.labels[pod.UID]
	if len(changes) == 0 || !maps.Equal(changes[len(changes)-1].labels, pod.Labels) {
		changes = append(slices.Clone(changes), labelled{pod.Labels, now})
	}
	for len(changes) > 1 && a.left(changes[1].since, now) <= 0 {
		changes = changes[1:]
	}
	return changes
}
