//go:build node

package node

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// A step that does nothing, and a build that prints the time of its first instruction.
const fetchesAndBuilds = `
apiVersion: cleanroom.dev/v1alpha1
kind: BuildEnvironment
metadata: {name: NAME, namespace: TEAM}
spec:
  image: "REGISTRY/talk:1"
  resources: RESOURCES
  prepare: [{name: fetch, image: "REGISTRY/talk:1", resources: RESOURCES, command: ["true"]}]
  egress: [{name: nowhere, cidr: 192.0.2.1/32, ports: [443]PHASES}]
  command: [talk, now]
`

// BenchmarkPhases measures from the end of the prepare step to the build's first instruction, with phases and without, in turn.
func BenchmarkPhases(b *testing.B) {
	o := deploy(b, up(b, "--policy-lag=100ms"), "--set", "replicas=0")
	o.startOperator(b)
	o.team = "phases-team"
	o.open(b)
	runtime := gated{lab: o.lab}.runtime(b)
	measure := func(name, phases string) time.Duration {
		o.apply(b, strings.NewReplacer("NAME", name, "RESOURCES", small, "PHASES", phases).Replace(fetchesAndBuilds))
		o.awaits(b, "Succeeded", "get", "benv", name, "-o", reason("Finished"))
		first, err := strconv.ParseInt(strings.TrimSpace(o.Must(b, "kubectl", "logs", name+"-0-1", "-n", o.team, "-c", "build")), 10, 64)
		must(b, err)
		return time.Unix(0, first).Sub(o.stepEnd(b, runtime, name+"-0-1"))
	}
	var with, without millis
	pair := func(i int) (phased, plain time.Duration) {
		phased = measure(fmt.Sprintf("with-%d", i), ", phases: [Prepare]")
		return phased, measure(fmt.Sprintf("without-%d", i), "")
	}
	// The first pulls images.
	pair(0)
	for i := 1; b.Loop(); i++ {
		phased, plain := pair(i)
		with.add(phased)
		without.add(plain)
	}
	with.report(b, "with")
	without.report(b, "without")
	b.ReportMetric(0, "ns/op")
}

// stepEnd is when the pod's prepare step ended, by the runtime's clock.
func (o installed) stepEnd(b *testing.B, runtime cri.RuntimeServiceClient, name string) time.Time {
	b.Helper()
	ctx := context.Background()
	pod, err := o.client.CoreV1().Pods(o.team).Get(ctx, name, metav1.GetOptions{})
	must(b, err)
	containers, err := runtime.ListContainers(ctx, &cri.ListContainersRequest{
		Filter: &cri.ContainerFilter{LabelSelector: map[string]string{"io.kubernetes.pod.uid": string(pod.UID)}}})
	must(b, err)
	for _, container := range containers.Containers {
		if container.Metadata.Name == "fetch" {
			of, err := runtime.ContainerStatus(ctx, &cri.ContainerStatusRequest{ContainerId: container.Id})
			must(b, err)
			return time.Unix(0, of.Status.FinishedAt)
		}
	}
	b.Fatalf("no step in %v", containers.Containers)
	return time.Time{}
}
