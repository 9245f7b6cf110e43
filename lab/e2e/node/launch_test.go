//go:build node

package node

import (
	"strings"
	"testing"

	v1 "k8s.io/api/core/v1"
)

// A build that kills all it can, for ever, under the launcher that an init container installs, and without it: who comes
// to look at it survives under the launcher alone.
func TestALaunchedBuildCannotKillWhoLooks(t *testing.T) {
	l := up(t)
	kills := []string{"sh", "-c", "while :; do kill -9 -1; done"}
	l.create(t, l.restricted("free", "busybox:1", kills...))
	launched := l.restricted("launched", "busybox:1", append([]string{"/cleanroom/cleanroom-tools", "launch", "--"}, kills...)...)
	install := l.restricted("", "cleanroom/tools:1", "/cleanroom-tools", "install", "/cleanroom")
	install.Spec.Containers[0].Name = "install"
	launched.Spec.InitContainers = install.Spec.Containers
	launched.Spec.Volumes = []v1.Volume{{Name: "tools", VolumeSource: v1.VolumeSource{EmptyDir: &v1.EmptyDirVolumeSource{}}}}
	mount := v1.VolumeMount{Name: "tools", MountPath: "/cleanroom"}
	launched.Spec.InitContainers[0].VolumeMounts = []v1.VolumeMount{mount}
	mount.ReadOnly = true
	launched.Spec.Containers[0].VolumeMounts = []v1.VolumeMount{mount}
	l.create(t, launched)
	l.ready(t, launched)
	l.ready(t, l.restricted("free", "busybox:1"))

	look := []string{"--", "sh", "-c", "tr '\\0' ' ' </proc/1/cmdline; sleep 1; echo survived"}
	if out, err := l.Run("kubectl", append([]string{"exec", "free"}, look...)...); err == nil || strings.Contains(out, "survived") {
		t.Fatalf("the build kills nobody: this test proves nothing: %v\n%s", err, out)
	}
	if out, err := l.Run("kubectl", append([]string{"exec", "launched"}, look...)...); err != nil || !strings.HasSuffix(out, "survived\n") {
		t.Errorf("%v\n%s", err, out)
	} else if !strings.Contains(out, "kill -9 -1") {
		t.Errorf("process 1 is not the build: %s", out)
	}
}
