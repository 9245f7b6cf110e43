//go:build node

package node

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"

	"cleanroom.dev/lab/internal/labtest"
)

// These are figures of `make bench`, which runs them and reads their metrics: NodeRun.java.

// millis are durations of one sort.
type millis []float64

func (m *millis) add(d time.Duration) { *m = append(*m, float64(d.Microseconds())/1000) }

// report gives the median and the most as NAME-p50-ms and NAME-max-ms.
func (m *millis) report(b *testing.B, name string) {
	b.Helper()
	slices.Sort(*m)
	b.ReportMetric((*m)[len(*m)/2], name+"-p50-ms")
	b.ReportMetric((*m)[len(*m)-1], name+"-max-ms")
}

// BenchmarkGate starts the same pod with the gate, with the gate and an observer, and without, in turn, bound to the node from its creation.
func BenchmarkGate(b *testing.B) {
	g := setGated(b, up(b, "--policy-lag=100ms"))
	runtime := g.runtime(b)
	var with, observed, without, gate millis
	three := func(i int) (gated, watched, free timing) {
		gated = g.timed(b, runtime, g.gate(g.restricted(fmt.Sprintf("with-%d", i), "busybox:1", "true"), patience, g.canaries...))
		pod := g.gate(g.restricted(fmt.Sprintf("observed-%d", i), "busybox:1", "true"), patience, g.canaries...)
		g.observe(pod, "main")
		return gated, g.timed(b, runtime, pod), g.timed(b, runtime, g.restricted(fmt.Sprintf("without-%d", i), "busybox:1", "true"))
	}
	// The first pulls images.
	three(0)
	for i := 1; b.Loop(); i++ {
		gated, watched, free := three(i)
		with.add(gated.build)
		observed.add(watched.build)
		without.add(free.build)
		gate.add(gated.gate)
	}
	with.report(b, "with")
	observed.report(b, "observed")
	without.report(b, "without")
	gate.report(b, "gate")
	b.ReportMetric(0, "ns/op")
}

// runtime is the node's container runtime, whose times are finer than the API's seconds.
func (g gated) runtime(b *testing.B) cri.RuntimeServiceClient {
	b.Helper()
	_, node := g.pids(b)
	connection, err := grpc.NewClient("unix:///proc/"+strconv.Itoa(node)+"/root/run/containerd/containerd.sock",
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	must(b, err)
	b.Cleanup(func() { _ = connection.Close() })
	return cri.NewRuntimeServiceClient(connection)
}

// timing is how long a gate ran, and from the pod being on its node until the build started.
type timing struct{ gate, build time.Duration }

func (g gated) timed(b *testing.B, runtime cri.RuntimeServiceClient, pod *v1.Pod) (t timing) {
	b.Helper()
	ctx := context.Background()
	pod.Labels, pod.Spec.NodeName = buildPod, "real"
	made, err := g.client.CoreV1().Pods(pod.Namespace).Create(ctx, pod, metav1.CreateOptions{})
	must(b, err)
	bound := time.Now()
	labtest.Await(b, buildPatience, "the end of "+pod.Name, func() error {
		got, err := g.client.CoreV1().Pods(pod.Namespace).Get(ctx, pod.Name, metav1.GetOptions{})
		if err == nil && got.Status.Phase != v1.PodSucceeded {
			err = fmt.Errorf("status: %+v", got.Status)
		}
		return err
	})
	containers, err := runtime.ListContainers(ctx, &cri.ListContainersRequest{
		Filter: &cri.ContainerFilter{LabelSelector: map[string]string{"io.kubernetes.pod.uid": string(made.UID)}}})
	must(b, err)
	for _, container := range containers.Containers {
		of, err := runtime.ContainerStatus(ctx, &cri.ContainerStatusRequest{ContainerId: container.Id})
		must(b, err)
		switch started := time.Unix(0, of.Status.StartedAt); container.Metadata.Name {
		case "gate":
			t.gate = time.Unix(0, of.Status.FinishedAt).Sub(started)
		case "observer":
		default:
			t.build = started.Sub(bound)
		}
	}
	if t.build == 0 || (t.gate == 0) != (len(pod.Spec.InitContainers) == 0) {
		b.Fatalf("%s is not in %v", pod.Name, containers.Containers)
	}
	must(b, g.client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{}))
	return t
}

// BenchmarkFlip counts from the label being sent to the last new connection, and how many that were established go on.
func BenchmarkFlip(b *testing.B) {
	for _, established := range []string{"keep", "cut"} {
		b.Run(established, func(b *testing.B) {
			l := up(b, "--established", established)
			_, targets := buildAndServer(b, l)
			l.apply(b, l.namespace, denyAll, egress)
			var stored, last, held millis
			kept := 0
			for b.Loop() {
				l.awaitTries(b, "build", targets, "open")
				next := l.follow(b, "exec", "build", "--", "talk", "last", targets[0])
				if line := next(); line != "ready" {
					b.Fatalf("not connected: %s", line)
				}
				sent := time.Now()
				l.flip(b, "quarantined")
				stored.add(time.Since(sent))
				connected, echoed := times(b, next())
				last.add(max(0, connected.Sub(sent)))
				// New ones had failed for two seconds by then.
				if echoed.Sub(connected) > time.Second {
					kept++
				} else {
					held.add(max(0, echoed.Sub(sent)))
				}
				l.flip(b, "active")
			}
			stored.report(b, "stored")
			last.report(b, "last")
			if len(held) > 0 {
				held.report(b, "held")
			}
			b.ReportMetric(float64(kept), "kept")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func times(b *testing.B, line string) (connected, echoed time.Time) {
	b.Helper()
	var all []time.Time
	for _, word := range strings.Fields(line) {
		nanos, err := strconv.ParseInt(word, 10, 64)
		must(b, err)
		all = append(all, time.Unix(0, nanos))
	}
	if len(all) != 2 {
		b.Fatalf("not two times: %q", line)
	}
	return all[0], all[1]
}
