package policy

import (
	"fmt"
	"time"

	v1 "k8s.io/api/core/v1"
)

// arrivals remembers when each pod's addresses became known, and leaves the pod out for the lag: real plug-ins do not filter a new
// pod's traffic until they have created its rules.
type arrivals struct {
	lag  time.Duration
	seen map[string]time.Time
}

// settled returns the pods whose addresses have been known for the lag, and after which time there will be one more (0 for never).
func (a *arrivals) settled(pods []*v1.Pod, now time.Time) (settled []*v1.Pod, next time.Duration) {
	seen := map[string]time.Time{}
	for _, pod := range pods {
		if len(pod.Status.PodIPs) == 0 {
			continue
		}
		key := fmt.Sprint(pod.UID, pod.Status.PodIPs)
		since, known := a.seen[key]
		if !known {
			since = now
		}
		seen[key] = since
		if left := a.lag - now.Sub(since); left <= 0 {
			settled = append(settled, pod)
		} else if next == 0 || left < next {
			next = left
		}
	}
	a.seen = seen
	return settled, next
}
