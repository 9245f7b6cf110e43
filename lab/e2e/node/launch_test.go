//go:build node

package node

import (
	"strings"
	"testing"
)

// A build that kills all it can, forever, in a pod of the operator's and in one that nothing launches: a process that looks
// at it survives in the first alone. It keeps the machine busy, so it is not parallel to others.
func TestABuildCannotKillWhoLooks(t *testing.T) {
	o := keeps.product(t)
	const kills = "while :; do kill -9 -1; done"
	free := o.restricted("free", "busybox:1", "sh", "-c", kills)
	o.create(t, free)
	o.apply(t, `
apiVersion: cleanroom.dev/v1alpha1
kind: BuildEnvironment
metadata: {name: kills, namespace: TEAM}
spec: {image: "REGISTRY/busybox:1", command: [sh, -c, "`+kills+`"], resources: `+small+`}
`)
	o.ready(t, free)
	o.awaits(t, "Running", "get", "benv", "kills", "-o", reason("Ready"))

	// The build must be there as well; the brackets keep the one who looks from finding itself.
	look := []string{"--", "sh", "-c", "sleep 1; grep -q 'kill -9 [-]1' /proc/[0-9]*/cmdline && echo survived"}
	if out, err := o.Run("kubectl", append([]string{"exec", "-n", o.namespace, "free"}, look...)...); err == nil || strings.Contains(out, "survived") {
		t.Fatalf("the build kills nobody: this test proves nothing: %v\n%s", err, out)
	}
	out, err := o.Run("kubectl", append([]string{"exec", "-n", o.team, "kills-0-1", "-c", "build"}, look...)...)
	if err != nil || out != "survived\n" {
		t.Errorf("%v\n%s", err, out)
	}
}
