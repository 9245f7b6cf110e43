//go:build node

package node

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Two environments whose steps ask for what nothing allows; the second has no observer. A build prints the time of its first instruction.
const denied = `
apiVersion: cleanroom.dev/v1alpha1
kind: BuildEnvironment
metadata: {name: watched, namespace: TEAM}
spec:
  image: "REGISTRY/talk:1"
  resources: RESOURCES
  prepare: [{name: fetch, image: "REGISTRY/talk:1", resources: RESOURCES,
    command: [/bin/sh, -c, "talk resolve mirror.example.com; echo example.com/parser v1.2.0 h1:3nBRHPoBcLCMPVlFUC5WGDLmgWBxJdC1R0tA4Yr2kWo= > go.sum; umask 077; echo x > key"]}]
  command: [/bin/sh, -c, "talk now; talk resolve paste.example.com; PATIENCE=5s talk try tcp/192.0.2.1:443; exit 3"]
---
apiVersion: cleanroom.dev/v1alpha1
kind: BuildEnvironment
metadata: {name: unwatched, namespace: TEAM}
spec:
  image: "REGISTRY/talk:1"
  resources: RESOURCES
  detection: {mode: "Off"}
  prepare: [{name: fetch, image: "REGISTRY/talk:1", resources: RESOURCES, command: [talk, resolve, mirror.example.com]}]
  command: [/bin/sh, -c, "talk now; talk resolve paste.example.com"]
`

func TestARunLeavesARecordOfWhatItWasDenied(t *testing.T) {
	t.Parallel()
	o := keeps.product(t)
	o.apply(t, strings.ReplaceAll(denied, "RESOURCES", small))
	o.awaits(t, "BuildFailed", "get", "benv", "watched", "-o", reason("Finished"))
	o.awaits(t, "Succeeded", "get", "benv", "unwatched", "-o", reason("Finished"))

	// Records exist before their runs are counted.
	records := func(environment string) []string {
		return []string{"get", "record", "-l", "cleanroom.dev/environment=" + environment, "-o",
			`jsonpath={range .items[*]}{.observed.pod.name} {.observed.observation} {.observed.exitCode}` +
				`{range .observed.network.refusedNames[*]}, {.step} {.name}{end}` +
				`{range .observed.network.unansweredConnections[*]}, {.step} {.protocol} {.address}:{.port} {.count}{end}{end}`}
	}
	for _, expected := range []struct {
		want  string
		query []string
	}{
		{`watched-0-1 {"outcome":"Complete"} 3, fetch mirror.example.com, build paste.example.com, build TCP 192.0.2.1:443 1`, records("watched")},
		{"build 192.0.2.1, build paste.example.com, fetch mirror.example.com, ", []string{"get", "benv", "watched", "-o",
			"jsonpath={range .status.deniedConnections[*]}{.step} {.name}{.address}, {end}"}},
		{"gate observer fetch", []string{"get", "pod", "watched-0-1", "-o", "jsonpath={.spec.initContainers[*].name}"}},
		// The file that only the build's user may read is handed over.
		{`Complete 0 1 golang 1; fetch 2 0 0`, []string{"get", "record", "-l", "cleanroom.dev/environment=watched", "-o",
			`jsonpath={range .items[*].observed}{.inputs.outcome} {.inputs.unreadFiles} {.dependencies.count}` +
				`{range .dependencies.ecosystems[*]} {.ecosystem} {.count}{end}{range .inputs.changes[*]}; {.step} {.added} {.changed} {.removed}{end}{end}`}},
		{"", records("unwatched")},
		{"gate fetch", []string{"get", "pod", "unwatched-0-1", "-o", "jsonpath={.spec.initContainers[*].name}"}},
	} {
		if got := o.Must(t, "kubectl", append([]string{"-n", o.team}, expected.query...)...); got != expected.want {
			t.Errorf("%v: %q, want %q", expected.query, got, expected.want)
		}
	}
	for _, pod := range []string{"watched-0-1", "unwatched-0-1"} {
		t.Logf("%s: from the second in which the pod got its node to the build's first instruction: %s", pod, o.toFirstInstruction(t, pod))
	}
	message := o.Must(t, "kubectl", "get", "benv", "watched", "-n", o.team, "-o", "jsonpath={.status.lastRun.message}")
	for _, part := range []string{
		"asked for 2 names that nothing permits and got no answer from 1 address: mirror.example.com (", " in fetch), paste.example.com (", " in build)",
	} {
		if !strings.Contains(message, part) {
			t.Errorf("no %q in the message %q", part, message)
		}
	}
}

// toFirstInstruction is how long after the pod got its node its build began, which prints the time first.
func (o installed) toFirstInstruction(t *testing.T, name string) time.Duration {
	t.Helper()
	pod, err := o.client.CoreV1().Pods(o.team).Get(context.Background(), name, metav1.GetOptions{})
	must(t, err)
	first, _, _ := strings.Cut(o.Must(t, "kubectl", "logs", name, "-n", o.team, "-c", "build"), "\n")
	nanos, err := strconv.ParseInt(first, 10, 64)
	must(t, err)
	for _, condition := range pod.Status.Conditions {
		if condition.Type == v1.PodScheduled {
			return time.Unix(0, nanos).Sub(condition.LastTransitionTime.Time)
		}
	}
	t.Fatalf("%s has no node: %+v", name, pod.Status)
	return 0
}
