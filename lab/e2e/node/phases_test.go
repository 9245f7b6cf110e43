//go:build node

package node

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"cleanroom.dev/lab/internal/labtest"
)

// fetch is the label of what a rule allows to pods, in the lab's namespace.
var fetch = map[string]string{"app": "fetch"}

// rule is an egress rule to pods with that label, for the phases.
func (o installed) rule(phases string) string {
	return `{name: fetch, podSelector: {matchLabels: {app: fetch}}, namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ` +
		o.namespace + `}}, ports: [8080], ` + phases + `}`
}

// fetched is a receiver to which the rule leads.
func (o installed) fetched(t *testing.T, name string) (targets []string) {
	t.Helper()
	o.create(t, o.talker(o.namespace, name, fetch))
	for _, address := range o.addresses(t, o.namespace, name) {
		if strings.Contains(address, ":") {
			address = "[" + address + "]"
		}
		targets = append(targets, "tcp/"+address+":8080", "udp/"+address+":8080")
	}
	return targets
}

// Each pod's prepare step and then its build send to receivers that only the preparation may reach; the builds beside them have no phases. They
// say when a step ended and its build began.
const senders = `
apiVersion: cleanroom.dev/v1alpha1
kind: BuildEnvironment
metadata: {name: phased, namespace: TEAM}
spec:
  image: "REGISTRY/talk:1"
  resources: RESOURCES
  onExit: Replace
  replicas: PODS
  prepare: [{name: fetch, image: "REGISTRY/talk:1", resources: RESOURCES, command: [/bin/sh, -c, "talk send IN-PREPARE; talk now"]}]
  egress: [PHASED]
  command: [/bin/sh, -c, "talk now; talk send IN-BUILD; echo sent; sleep 3600"]
---
apiVersion: cleanroom.dev/v1alpha1
kind: BuildEnvironment
metadata: {name: beside, namespace: TEAM}
spec:
  image: "REGISTRY/talk:1"
  resources: RESOURCES
  onExit: Replace
  replicas: BESIDES
  prepare: [{name: fetch, image: "REGISTRY/talk:1", resources: RESOURCES, command: [/bin/sh, -c, "talk send IN-PREPARE; talk now"]}]
  egress: [ALWAYS]
  command: [/bin/sh, -c, "talk now; talk send BESIDE; echo sent; sleep 3600"]
---
apiVersion: cleanroom.dev/v1alpha1
kind: BuildEnvironment
metadata: {name: pours, namespace: TEAM}
spec:
  image: "REGISTRY/talk:1"
  resources: RESOURCES
  prepare:
    - name: fetch
      image: "REGISTRY/talk:1"
      resources: RESOURCES
      command: [/bin/sh, -c, "setsid talk pour POUR & sleep 2"]
  egress: [PHASED]
  command: [/bin/sh, -c, "talk now; sleep 3600"]
`

// TestNoPacketOfABuildWithPhasesPassesARuleForPrepare takes a sample; make prove takes all plug-ins, lags and pods.
func TestNoPacketOfABuildWithPhasesPassesARuleForPrepare(t *testing.T) {
	lags, pods := []time.Duration{100 * time.Millisecond}, 4
	if os.Getenv("CLEANROOM_ALL") == "true" {
		lags, pods = []time.Duration{0, 100 * time.Millisecond, 3 * time.Second}, manyBuilds
	}
	for _, lag := range lags {
		t.Run("keep-"+lag.String(), func(t *testing.T) { laggingProduct(t, "keep", lag).closesAfterTheFetch(t, pods) })
	}
	if os.Getenv("CLEANROOM_ALL") != "true" {
		t.Run("cut", func(t *testing.T) { cuts.product(t).closesAfterTheFetch(t, pods) })
		return
	}
	for _, lag := range lags {
		t.Run("cut-"+lag.String(), func(t *testing.T) { laggingProduct(t, "cut", lag).closesAfterTheFetch(t, pods) })
	}
}

// laggingProduct is the product on a node of its own, whose plug-in lags.
func laggingProduct(t *testing.T, established string, lag time.Duration) installed {
	t.Helper()
	o := deploy(t, up(t, "--established", established, "--policy-lag", lag.String()), "--set", "replicas=0")
	o.startOperator(t)
	o.showLog(t)
	o.namespace, o.team = "phases", "phases-team"
	o.makeNamespace(t, o.namespace, nil)
	o.open(t)
	return o
}

func (o installed) closesAfterTheFetch(t *testing.T, pods int) {
	t.Helper()
	const besides = 3
	fmt.Printf("sample: builds after the fetch, %s: %d of %d\n", t.Name(), pods, manyBuilds)
	inPrepare, inBuild, beside := o.fetched(t, "in-prepare"), o.fetched(t, "in-build"), o.fetched(t, "beside")
	sipper := o.talker(o.namespace, "sipper", fetch)
	sipper.Spec.Containers[0].Command = []string{"talk", "sip", "8080"}
	o.create(t, sipper)
	sip := "tcp/" + o.addresses(t, o.namespace, "sipper")[0] + ":8080"
	o.apply(t, strings.NewReplacer("RESOURCES", small, "PODS", strconv.Itoa(pods), "BESIDES", strconv.Itoa(besides), "PHASED", o.rule("phases: [Prepare]"), "ALWAYS", o.rule("phases: [Prepare, Build]"),
		"IN-PREPARE", strings.Join(inPrepare, " "), "IN-BUILD", strings.Join(inBuild, " "), "BESIDE", strings.Join(beside, " "), "POUR", sip).Replace(senders))

	o.sent(t, "beside", besides)
	o.sent(t, "phased", pods)
	for receiver, want := range map[string]bool{"in-prepare": true, "in-build": false, "beside": true} {
		segments, datagrams := o.received(t, receiver)
		t.Logf("%s: %d TCP segments and %d datagrams", receiver, segments, datagrams)
		// A rule allows TCP alone.
		if segments > 0 != want || datagrams > 0 {
			t.Errorf("%s received %d TCP segments and %d datagrams", receiver, segments, datagrams)
		}
	}
	o.pouredOnlyWhatWasQueued(t)
}

// sent awaits the environment's builds, and logs how long after its prepare step a build began.
func (o installed) sent(t *testing.T, environment string, pods int) {
	t.Helper()
	var log string
	labtest.Await(t, 2*patience, "what "+environment+" sends", func() (err error) {
		log, err = o.Run("kubectl", "logs", "-n", o.team, "-l", "cleanroom.dev/environment="+environment, "--all-containers", "--prefix", "--tail=-1",
			"--max-log-requests=200")
		if got := strings.Count(log, "/build] sent\n"); err == nil && got != pods {
			err = fmt.Errorf("%d of %d:\n%s", got, pods, log)
		}
		return err
	})
	at := map[string]map[string]int64{"fetch": {}, "build": {}}
	for _, line := range regexp.MustCompile(`(?m)^\[pod/(.*)/(fetch|build)\] (\d+)$`).FindAllStringSubmatch(log, -1) {
		nanos, err := strconv.ParseInt(line[3], 10, 64)
		must(t, err)
		at[line[2]][line[1]] = nanos
	}
	var took []time.Duration
	for pod, began := range at["build"] {
		took = append(took, time.Duration(began-at["fetch"][pod]).Round(time.Millisecond))
	}
	slices.Sort(took)
	t.Logf("%s: from the end of the step to the build's first instruction: median %s, most %s", environment, took[len(took)/2], took[len(took)-1])
}

// pouredOnlyWhatWasQueued is about a connection that a process of the preparation opened, and wrote to until it was killed.
func (o installed) pouredOnlyWhatWasQueued(t *testing.T) {
	t.Helper()
	o.awaits(t, "\n", "logs", "pours-0-1", "-c", "build")
	begun, err := strconv.ParseInt(strings.TrimSpace(o.Must(t, "kubectl", "logs", "pours-0-1", "-n", o.team, "-c", "build")), 10, 64)
	must(t, err)
	queues := queueLimit(t, o.exec(t, "sipper", "cat /proc/sys/net/ipv4/tcp_wmem /proc/sys/net/ipv4/tcp_rmem"))
	// Silent for a second, or ended: nothing writes any more.
	var before, after int64
	labtest.Await(t, patience, "the end of what was queued", func() error {
		log := o.kubectl(t, "logs", "sipper")
		before, after = 0, 0
		var last int64
		for _, line := range regexp.MustCompile(`(?m)^(\d+) (\d+)$`).FindAllStringSubmatch(log, -1) {
			at, err := strconv.ParseInt(line[1], 10, 64)
			must(t, err)
			bytes, err := strconv.ParseInt(line[2], 10, 64)
			must(t, err)
			if last = at; at < begun {
				before = bytes
			}
			after = bytes
		}
		if !strings.HasSuffix(log, "ended\n") && time.Since(time.Unix(0, last)) < time.Second {
			return fmt.Errorf("%d bytes", after)
		}
		return nil
	})
	t.Logf("a connection of the preparation carried %d bytes before the build, and %d after its first instruction", before, after-before)
	if before == 0 || after-before > queues {
		t.Errorf("%d bytes came before the build and %d after, where the kernel queues at most %d", before, after-before, queues)
	}
}

// queueLimit is the most that one end of a connection queues to send, and what the other has queued of a slow reader's, from the kernel's settings.
func queueLimit(t *testing.T, settings string) (sum int64) {
	t.Helper()
	words := strings.Fields(settings)
	for _, word := range []string{words[2], words[4]} {
		bytes, err := strconv.ParseInt(word, 10, 64)
		must(t, err)
		sum += bytes
	}
	return sum
}

// sockets shows the states of connections to and from port 8080: 01 established, 06 TIME-WAIT, 0A listening.
const sockets = `cat /proc/net/tcp /proc/net/tcp6 | awk '$2 ~ /:1F90$/ || $3 ~ /:1F90$/ {print "socket " $4}' | sort -u`

// A step that leaves behind what it can, and has a token that the build does not get.
const leaving = `
apiVersion: cleanroom.dev/v1alpha1
kind: BuildEnvironmentClass
metadata: {name: leaving}
spec: {identity: {allowed: {audiences: [sts.example.com]}}}
---
apiVersion: cleanroom.dev/v1alpha1
kind: BuildEnvironment
metadata: {name: leaving, namespace: TEAM}
spec:
  className: leaving
  image: "REGISTRY/talk:1"
  resources: RESOURCES
  identity: {audiences: [sts.example.com], phases: [Prepare]}
  prepare:
    - name: fetch
      image: "REGISTRY/talk:1"
      resources: RESOURCES
      command: [/bin/sh, -euc]
      args:
        - |
          xxd -p /var/run/secrets/cleanroom/sts.example.com | tr -d '\n' >/workspace/token.hex
          for place in /dev/shm /tmp "$HOME" /workspace; do echo NOTE-ITSELF >$place/note; done
          (sh -c 'while :; do sleep 1; done' &)
          setsid sh -c 'trap "" HUP TERM; while :; do sleep 1; done' &
          talk serve 8080 &
          until nc -w 1 127.0.0.1 8080 </dev/null; do sleep 0.1; done
          (sleep 3600 | nc 127.0.0.1 8080) &
          until [ "$(SOCKETS | tr '\n' ' ')" = "socket 01 socket 06 socket 0A " ]; do sleep 0.1; done
          cat /proc/[0-9]*/comm | sort -u
  command: [/bin/sh, -euc]
  args:
    - |
      SOCKETS
      talk try tcp/127.0.0.1:8080
      for place in /dev/shm /tmp "$HOME" /workspace; do ls -A $place | sed "s|^|left $place/|"; done
      ls /var/run/secrets/cleanroom 2>&1 || true
      exec talk seek token=$(cat /workspace/token.hex) note=NOTE-HEX
`

// The table of docs/what-a-build-cannot-do.md: of what a step leaves behind, a build finds files that the pod's steps share, and ports that the kernel
// has not freed. It finds no process, no listener and no token.
func TestWhatAPreparationLeavesToItsBuild(t *testing.T) {
	t.Parallel()
	o := keeps.product(t)
	note := rand.Text()
	o.apply(t, strings.NewReplacer("RESOURCES", small, "SOCKETS", sockets, "NOTE-HEX", hex.EncodeToString([]byte(note)), "NOTE-ITSELF", note).Replace(leaving))
	o.awaits(t, "Succeeded", "get", "benv", "leaving", "-o", reason("Finished"))
	left := o.Must(t, "kubectl", "logs", "leaving-0-1", "-n", o.team, "-c", "fetch")
	for _, running := range []string{"nc", "sh", "sleep", "talk"} {
		if !slices.Contains(strings.Fields(left), running) {
			t.Errorf("the step left no %s:\n%s", running, left)
		}
	}
	found := func(name, place string) string { return fmt.Sprintf(`{"try":%q,"outcome":%q}`, name, place) }
	want := []string{
		"socket 06", "closed",
		"left /dev/shm/note", "left /workspace/note", "left /workspace/token.hex",
		"ls: /var/run/secrets/cleanroom: No such file or directory",
		found("note", "file /dev/shm/note"), found("note", "file /workspace/note"),
		// The observer, the pause container's, and the build.
		found("processes", "/cleanroom-tools sh talk"),
	}
	got := strings.Split(strings.TrimSpace(o.Must(t, "kubectl", "logs", "leaving-0-1", "-n", o.team, "-c", "build")), "\n")
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the build found\n%s\nand not\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A step that ends when the receiver answers.
const waiting = `
apiVersion: cleanroom.dev/v1alpha1
kind: BuildEnvironment
metadata: {name: waiting, namespace: TEAM}
spec:
  image: "REGISTRY/busybox:1"
  resources: RESOURCES
  prepare:
    - name: fetch
      image: "REGISTRY/busybox:1"
      resources: RESOURCES
      command: [/bin/sh, -c, "until nc -w 1 ADDRESS 8080 </dev/null; do sleep 0.2; done"]
  egress: [PHASED]
  command: [/bin/sh, -c, echo built]
`

// It stops the operator that other tests share, so it is not parallel to them.
func TestABuildDoesNotStartWhileNoOperatorRuns(t *testing.T) {
	o := keeps.product(t)
	receiver := o.restricted("receiver", "talk:1", "sleep", "3600")
	receiver.Labels = fetch
	o.create(t, receiver)
	address := o.addresses(t, o.namespace, "receiver")[0]
	o.apply(t, strings.NewReplacer("RESOURCES", small, "ADDRESS", address, "PHASED", o.rule("phases: [Prepare]")).Replace(waiting))
	o.awaits(t, "20", "get", "pod", "waiting-0-1", "-o", `jsonpath={.status.initContainerStatuses[?(@.name=="fetch")].state.running.startedAt}`)
	o.stopOperator(syscall.SIGTERM)
	restarted := false
	t.Cleanup(func() {
		if !restarted {
			o.runOperator(t)
		}
	})
	o.exec(t, "receiver", "setsid talk serve 8080 >/dev/null 2>&1 &")
	state := func() string {
		pod, err := o.client.CoreV1().Pods(o.team).Get(context.Background(), "waiting-0-1", metav1.GetOptions{})
		must(t, err)
		launcher := pod.Status.ContainerStatuses[0].State
		return fmt.Sprintf("%s, running: %t, ended: %t, said: %q", pod.Labels["cleanroom.dev/state"], launcher.Running != nil, launcher.Terminated != nil,
			o.Must(t, "kubectl", "logs", "waiting-0-1", "-n", o.team, "-c", "build"))
	}
	o.awaits(t, "20", "get", "pod", "waiting-0-1", "-o", `jsonpath={.status.containerStatuses[0].state.running.startedAt}`)
	// Far longer than the step and the quiet time take while an operator runs.
	for started := time.Now(); time.Since(started) < 5*time.Second; time.Sleep(100 * time.Millisecond) {
		if got, want := state(), `preparing, running: true, ended: false, said: ""`; got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	}
	o.runOperator(t)
	restarted = true
	o.awaits(t, "Succeeded", "get", "benv", "waiting", "-o", reason("Finished"))
	if got, want := state(), `active, running: false, ended: true, said: "built\n"`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// What containerd has not ended, the launcher sees: here a process of a second container.
func TestTheLauncherSeesOtherProcessesOfItsPod(t *testing.T) {
	t.Parallel()
	l := keeps.up(t)
	yes := true
	for name, want := range map[string]string{
		"shared": `"detail":"processes of the preparation still run: `, "separate": `"detail":"the pod's containers do not share a process namespace, `,
	} {
		pod := l.restricted(name, "cleanroom/tools:1", "/cleanroom-tools", "launch", "--closed", "192.0.2.1", "--", "/cleanroom-tools", "--version")
		// The kubelet starts containers in their order.
		pod.Spec.Containers = append(l.restricted("", "busybox:1", "sleep", "3600").Spec.Containers, pod.Spec.Containers...)
		pod.Spec.Containers[0].Name = "other"
		if name == "shared" {
			pod.Spec.ShareProcessNamespace = &yes
		}
		l.create(t, pod)
		labtest.Await(t, patience, "the launcher's end", func() error {
			got, err := l.client.CoreV1().Pods(l.namespace).Get(context.Background(), name, metav1.GetOptions{})
			if err != nil {
				return err
			}
			i := slices.IndexFunc(got.Status.ContainerStatuses, func(c v1.ContainerStatus) bool { return c.Name == "main" })
			if i < 0 || got.Status.ContainerStatuses[i].State.Terminated == nil {
				return fmt.Errorf("%+v", got.Status)
			}
			end := got.Status.ContainerStatuses[i].State.Terminated
			if end.ExitCode != 125 || !strings.HasPrefix(end.Message, `{"outcome":"PreparationStillRuns",`) || !strings.Contains(end.Message, want) {
				t.Errorf("%s: exit code %d: %s", name, end.ExitCode, end.Message)
			}
			if name == "shared" && !strings.Contains(end.Message, " (sleep)") {
				t.Errorf("%s", end.Message)
			}
			return nil
		})
	}
}
