//go:build node

package node

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"cleanroom.dev/lab/internal/labtest"
)

// synced is what the program `talk record` says after each record.
type synced struct {
	Records int
	Sum     string
	At      int64
	Torn    int
}

const writing = `
apiVersion: v1
kind: Namespace
metadata: {name: kept, labels: {cleanroom.dev/builds: enabled, pod-security.kubernetes.io/enforce: restricted}}
---
apiVersion: cleanroom.dev/v1alpha1
kind: BuildEnvironment
metadata: {name: writer, namespace: kept}
spec:
  image: REGISTRY/talk:1
  resources: ` + small + `
  command: [talk, record, /workspace/log]
  workspace: {size: 1Gi}
  response: {rebuild: Never}
`

// A snapshot while a process writes has what the process knew to be on the disk when it was cut, and outlives the
// environment, and at last the namespace.
func (o installed) snapshotsAWriter(t *testing.T) {
	o.apply(t, writing)
	labtest.Await(t, 2*patience, "records", func() error {
		if out, err := o.Run("kubectl", "logs", "writer-0-1", "-n", "kept"); err != nil || strings.Count(out, "\n") < 50 {
			return fmt.Errorf("%v: %s", err, out)
		}
		return nil
	})
	o.Must(t, "kubectl", "annotate", "pod", "writer-0-1", "-n", "kept", "cleanroom.dev/quarantine=odd writes")
	o.Must(t, "kubectl", "delete", "benv", "writer", "-n", "kept")
	o.awaits(t, "writer-0-1-", "get", "incident", "-n", "kept", "-o", "name")
	incident := strings.TrimSpace(o.Must(t, "kubectl", "get", "incident", "-n", "kept", "-o", "jsonpath={.items[0].metadata.name}"))
	if out, err := o.Run("kubectl", "delete", "namespace", "kept"); err == nil || !strings.Contains(out, "holds the evidence of incident "+incident) {
		t.Errorf("the namespace of an open incident: %v: %s", err, out)
	}
	o.awaits(t, "Ready", "get", "incident", incident, "-n", "kept", "-o",
		`jsonpath={.status.conditions[?(@.type=="VolumesSnapshotted")].reason}`)
	snapshot := incident + "-workspace"
	content := o.Must(t, "kubectl", "get", "volumesnapshot", snapshot, "-n", "kept", "-o", "jsonpath={.status.boundVolumeSnapshotContentName}")
	var cut struct {
		CreationTime   int64
		SnapshotHandle string
	}
	must(t, json.Unmarshal([]byte(o.Must(t, "kubectl", "get", "volumesnapshotcontent", content, "-o", "jsonpath={.status}")), &cut))

	// The writer still writes: of what it says, part is before the cut and part after.
	var said []synced
	labtest.Await(t, patience, "records after the cut", func() error {
		said = nil
		for line := range strings.Lines(o.Must(t, "kubectl", "logs", "writer-0-1", "-n", "kept")) {
			var s synced
			if err := json.Unmarshal([]byte(line), &s); err != nil {
				return fmt.Errorf("%q: %w", line, err)
			}
			said = append(said, s)
		}
		if said[len(said)-1].At <= cut.CreationTime {
			return fmt.Errorf("%d records, the last before the cut", len(said))
		}
		return nil
	})
	before := 0
	for ; said[before].At < cut.CreationTime; before++ {
	}
	if before == 0 {
		t.Fatal("nothing was written before the cut: this test proves nothing")
	}
	whole := func(of string, got synced) {
		t.Helper()
		t.Logf("%s: %d records, %d torn bytes; %d were on the disk at the cut, %d are by now", of, got.Records, got.Torn, before, len(said))
		if got.Records < before || got.Torn >= 4096 || got.Records > len(said) || got.Sum != said[got.Records-1].Sum {
			t.Errorf("%s has %+v", of, got)
		}
	}
	whole("a claim restored beside the pod", o.restored(t, "kept", snapshot))
	o.Must(t, "kubectl", "patch", "incident", incident, "-n", "kept", "--type=merge", "-p", `{"spec":{"resolution":{"verdict":"FalsePositive"}}}`)
	o.awaits(t, "True", "get", "incident", incident, "-n", "kept", "-o", `jsonpath={.status.conditions[?(@.type=="Closed")].status}`)
	o.Must(t, "kubectl", "delete", "namespace", "kept", "--timeout=2m")
	if policy := o.Must(t, "kubectl", "get", "volumesnapshotcontent", content, "-o", "jsonpath={.spec.deletionPolicy}"); policy != "Retain" {
		t.Errorf("with its namespace gone the content is %s", policy)
	}
	// From the handle alone, as the incident's namespace is gone.
	o.apply(t, strings.NewReplacer("HANDLE", cut.SnapshotHandle, "NAMESPACE", o.namespace).Replace(`
apiVersion: snapshot.storage.k8s.io/v1
kind: VolumeSnapshotContent
metadata: {name: again}
spec:
  driver: directories.lab.cleanroom.dev
  deletionPolicy: Retain
  source: {snapshotHandle: HANDLE}
  volumeSnapshotRef: {name: again, namespace: NAMESPACE}
---
apiVersion: snapshot.storage.k8s.io/v1
kind: VolumeSnapshot
metadata: {name: again, namespace: NAMESPACE}
spec: {source: {volumeSnapshotContentName: again}}
`))
	whole("a claim restored after all is gone", o.restored(t, o.namespace, "again"))
}

// restored is what a pod of the build's user finds in a new claim of the snapshot.
func (o installed) restored(t *testing.T, namespace, snapshot string) (got synced) {
	t.Helper()
	o.claim(t, namespace, "restored", snapshot)
	pod := o.holder("restored", claimed("restored"), 0)
	user := int64(10001)
	pod.Namespace, pod.Spec.SecurityContext.RunAsUser = namespace, &user
	pod.Spec.Containers[0].Image, pod.Spec.Containers[0].Command = o.registry+"/talk:1", []string{"talk", "verify", "/work/log"}
	o.create(t, pod)
	labtest.Await(t, patience, "what is in "+snapshot, func() error {
		out, err := o.Run("kubectl", "logs", "restored", "-n", namespace)
		if err == nil {
			err = json.Unmarshal([]byte(out), &got)
		}
		return err
	})
	return got
}
