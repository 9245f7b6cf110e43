//go:build node

package node

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"cleanroom.dev/lab/internal/labtest"
)

// Builds that send to all that they know, also after SIGTERM: one whose environment is deleted, one that is quarantined
// then, one whose namespace is deleted, and one that is quarantined and wipes all it can, until the node evicts it for its
// disk.
const attackers = `
apiVersion: v1
kind: Namespace
metadata: {name: doomed, labels: {cleanroom.dev/builds: enabled, pod-security.kubernetes.io/enforce: restricted}}
---
apiVersion: cleanroom.dev/v1alpha1
kind: BuildEnvironment
metadata: {name: deleted, namespace: TEAM}
spec: {image: "REGISTRY/talk:1", resources: RESOURCES, egress: [EGRESS], command: [talk, persist, TARGETS]}
---
apiVersion: cleanroom.dev/v1alpha1
kind: BuildEnvironment
metadata: {name: late, namespace: TEAM}
spec:
  {image: "REGISTRY/talk:1", resources: RESOURCES, egress: [EGRESS], command: [talk, persist, TARGETS], workspace: {size: 1Gi}}
---
apiVersion: cleanroom.dev/v1alpha1
kind: BuildEnvironment
metadata: {name: deleted, namespace: doomed}
spec: {image: "REGISTRY/talk:1", resources: RESOURCES, egress: [EGRESS], command: [talk, persist, TARGETS]}
---
apiVersion: cleanroom.dev/v1alpha1
kind: BuildEnvironment
metadata: {name: wiper, namespace: TEAM}
spec:
  image: "REGISTRY/talk:1"
  resources: RESOURCES
  egress: [EGRESS]
  command: [/bin/sh, -c]
  args:
    - |
      talk persist TO-ALL &
      while nc -w 1 OPEN 8080 </dev/null; do sleep 1; done
      echo shut; head -c 64000000 /dev/zero >/tmp/wiped; wait
  tmp: {size: 16Mi}
  workspace: {size: 1Gi}
  response: {rebuild: Never}
`

type attacker struct{ namespace, pod string }

func (o installed) isShutUntilItsEnd(t *testing.T) {
	deleted, late, doomed, wiper := attacker{o.team, "deleted-0-1"}, attacker{o.team, "late-0-1"}, attacker{"doomed", "deleted-0-1"}, attacker{o.team, "wiper-0-1"}
	shut, open := o.receiver(t, "shut"), o.receiver(t, "open")
	all := append(append([]string{}, shut...), open...)
	openAddress, _, _ := strings.Cut(strings.TrimPrefix(open[0], "tcp/"), ":")
	o.apply(t, strings.NewReplacer("RESOURCES", small, "TARGETS", `"`+strings.Join(all, `", "`)+`"`, "TO-ALL", strings.Join(all, " "),
		"EGRESS", `{name: open, podSelector: {matchLabels: {app: open}}, namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: `+o.namespace+`}}, ports: [8080]}`,
		"OPEN", openAddress).Replace(attackers))
	says := map[attacker]func(string){}
	for _, a := range []attacker{deleted, late, doomed, wiper} {
		o.ready(t, named(a.namespace, a.pod))
		says[a] = o.follow(t, a)
		says[a]("sends")
	}
	if segments, _ := o.received(t, "open"); segments == 0 {
		t.Fatal("the builds send nothing: this test proves nothing")
	}

	byForce := []string{"delete", "pod", wiper.pod, "-n", wiper.namespace, "--grace-period=0", "--force"}
	o.refused(t, "a build pod is not deleted by force", byForce...)
	o.Must(t, "kubectl", "delete", "benv", "late", "-n", o.team, "--wait=false")
	says[late]("got SIGTERM")
	o.Must(t, "kubectl", "annotate", "pod", late.pod, "-n", o.team, "cleanroom.dev/quarantine=does not end")
	o.Must(t, "kubectl", "annotate", "pod", wiper.pod, "-n", o.team, "cleanroom.dev/quarantine=odd egress")
	o.Must(t, "kubectl", "delete", "benv", "deleted", "wiper", "-n", o.team, "--wait=false")
	o.Must(t, "kubectl", "delete", "namespace", "doomed", "--wait=false")
	// By two rails: which answers first is the API server's choice.
	o.refused(t, "is forbidden: ValidatingAdmissionPolicy", byForce...)
	o.refused(t, "is quarantined and held as evidence", "delete", "pod", wiper.pod, "-n", o.team)
	mounting := o.holder("reader", claimed(wiper.pod+"-cleanroom-workspace"), 0)
	mounting.Namespace = o.team
	if _, err := o.client.CoreV1().Pods(o.team).Create(t.Context(), mounting, metav1.CreateOptions{}); err == nil ||
		!strings.Contains(err.Error(), "is mounted by no other pod") {
		t.Errorf("another pod mounts the workspace: %v", err)
	}
	says[deleted]("got SIGTERM")
	says[doomed]("got SIGTERM")
	says[wiper]("shut")

	for _, a := range []attacker{late, deleted, doomed} {
		o.gone(t, "pod", a.pod, "-n", a.namespace)
	}
	o.gone(t, "namespace", "doomed")
	o.incidentSays(t, wiper, "EndedByNode: the node ended the pod: Evicted; its processes, /tmp and home are lost")
	o.incidentSays(t, late, "PodGone")
	if segments, datagrams := o.received(t, "shut"); segments > 0 || datagrams > 0 {
		t.Errorf("%d TCP segments and %d datagrams where nothing may go", segments, datagrams)
	}
	o.try(t, o.namespace, "open", shut...)
	if segments, datagrams := o.received(t, "shut"); segments == 0 || datagrams == 0 {
		t.Error("packets of a pod that is no build are not seen either: this test proves nothing")
	}
}

// follow reads what the pod says, also once it is being deleted, and returns what waits until it has said a line.
func (o installed) follow(t *testing.T, a attacker) func(line string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), a.pod)
	log, err := os.Create(name)
	must(t, err)
	defer log.Close()
	cmd := exec.CommandContext(t.Context(), labtest.Binary(), "kubectl", "logs", "--follow", a.pod, "-n", a.namespace)
	cmd.Env = append(os.Environ(), "LAB_DIR="+o.Dir)
	cmd.Stdout = log
	must(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Wait() })
	return func(line string) {
		t.Helper()
		labtest.Await(t, patience, a.pod+" says "+line, func() error {
			said, err := os.ReadFile(name)
			if err == nil && !strings.Contains(string(said), line+"\n") {
				err = fmt.Errorf("%s", said)
			}
			return err
		})
	}
}

func (o installed) refused(t *testing.T, why string, kubectl ...string) {
	t.Helper()
	if out, err := o.Run("kubectl", kubectl...); err == nil || !strings.Contains(out, why) {
		t.Errorf("%v: %v: %s", kubectl, err, out)
	}
}

// incidentSays waits for a step in the timeline of the pod's incident, and logs all of it.
func (o installed) incidentSays(t *testing.T, a attacker, step string) {
	t.Helper()
	timeline := `jsonpath={range .items[?(@.spec.subject.name=="` + a.pod + `")].status.timeline[*]}{.step}: {.detail}{"\n"}{end}`
	o.awaits(t, step, "get", "incident", "-o", timeline)
	t.Logf("%s:\n%s", a.pod, o.Must(t, "kubectl", "get", "incident", "-n", a.namespace, "-o", timeline))
}

// gone waits until kubectl does not find it any more.
func (o installed) gone(t *testing.T, kubectl ...string) {
	t.Helper()
	labtest.Await(t, patience, "the end of "+strings.Join(kubectl, " "), func() error {
		if out, err := o.Run("kubectl", append([]string{"get"}, kubectl...)...); err == nil || !strings.Contains(out, "NotFound") {
			return fmt.Errorf("%v: %s", err, out)
		}
		return nil
	})
}
