//go:build node

package node

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"

	"cleanroom.dev/lab/internal/labtest"
)

const fsGroup = 2000

// claimSpec asks for a volume of the default class, from the snapshot if one is named.
func claimSpec(snapshot string) v1.PersistentVolumeClaimSpec {
	spec := v1.PersistentVolumeClaimSpec{
		AccessModes: []v1.PersistentVolumeAccessMode{v1.ReadWriteOncePod},
		Resources:   v1.VolumeResourceRequirements{Requests: v1.ResourceList{v1.ResourceStorage: resource.MustParse("1Gi")}},
	}
	if snapshot != "" {
		group := "snapshot.storage.k8s.io"
		spec.DataSource = &v1.TypedLocalObjectReference{APIGroup: &group, Kind: "VolumeSnapshot", Name: snapshot}
	}
	return spec
}

func (l *lab) claim(t *testing.T, namespace, name, snapshot string) {
	t.Helper()
	_, err := l.client.CoreV1().PersistentVolumeClaims(namespace).Create(context.Background(), &v1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: claimSpec(snapshot),
	}, metav1.CreateOptions{})
	must(t, err)
}

// holder is a pod that has the volume at /work, and the group of it if one is given.
func (l *lab) holder(name string, volume v1.VolumeSource, group int64) *v1.Pod {
	pod := l.restricted(name, "busybox:1", "sh", "-c", "trap '' TERM; sleep 3600")
	pod.Spec.Volumes = []v1.Volume{{Name: "work", VolumeSource: volume}}
	pod.Spec.Containers[0].VolumeMounts = []v1.VolumeMount{{Name: "work", MountPath: "/work"}}
	if group != 0 {
		pod.Spec.SecurityContext.FSGroup = &group
	}
	return pod
}

func ephemeral() v1.VolumeSource {
	return v1.VolumeSource{Ephemeral: &v1.EphemeralVolumeSource{VolumeClaimTemplate: &v1.PersistentVolumeClaimTemplate{Spec: claimSpec("")}}}
}

func claimed(name string) v1.VolumeSource {
	return v1.VolumeSource{PersistentVolumeClaim: &v1.PersistentVolumeClaimVolumeSource{ClaimName: name}}
}

// fill makes files of each sort, inventory lists every attribute of them.
const (
	fill      = `set -e; cd /work; mkdir -p a/b; head -c 3000000 /dev/urandom >a/b/data; : >empty; chmod 640 empty; ln -s a/b/data link; ln empty again; printf 'a name\n' >'a name'`
	inventory = `cd /work; find . -mindepth 1 | sort | while read -r f; do stat -c '%n %N %F %a %u %g %Y %h %s' "$f"; [ -L "$f" ] || [ -d "$f" ] || sha256sum "$f"; done`
)

func TestVolumes(t *testing.T) {
	t.Parallel()
	l := keeps.up(t)
	ctx := context.Background()
	config, err := clientcmd.BuildConfigFromFlags("", filepath.Join(l.Dir, "kubeconfig"))
	must(t, err)
	objects, err := dynamic.NewForConfig(config)
	must(t, err)
	group := schema.GroupVersion{Group: "snapshot.storage.k8s.io", Version: "v1"}
	snapshots := objects.Resource(group.WithResource("volumesnapshots")).Namespace(l.namespace)
	contents := objects.Resource(group.WithResource("volumesnapshotcontents"))

	l.claim(t, l.namespace, "source", "")
	pods := []*v1.Pod{
		l.holder("source", claimed("source"), fsGroup), l.holder("ephemeral", ephemeral(), fsGroup), l.holder("ungrouped", ephemeral(), 0),
	}
	for _, pod := range pods {
		l.create(t, pod)
	}
	for _, pod := range pods {
		l.ready(t, pod)
	}

	// A volume is root's: the group alone lets others write.
	if got := l.exec(t, "ephemeral", "echo mine >/work/file; stat -c '%u %g' /work /work/file"); got != fmt.Sprintf("0 %d\n1000 %d\n", fsGroup, fsGroup) {
		t.Errorf("owner and group: %q", got)
	}
	if got := l.exec(t, "ungrouped", "echo mine >/work/file 2>/dev/null || echo refused; ls /work"); got != "refused\n" {
		t.Errorf("without fsGroup: %q", got)
	}

	l.exec(t, "source", fill)
	before := l.exec(t, "source", inventory)
	if strings.Count(before, "\n") < 9 {
		t.Fatalf("this inventory would not show a difference:\n%s", before)
	}
	_, err = snapshots.Create(ctx, &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": group.String(), "kind": "VolumeSnapshot", "metadata": map[string]any{"name": "taken"},
		"spec": map[string]any{"source": map[string]any{"persistentVolumeClaimName": "source"}},
	}}, metav1.CreateOptions{})
	must(t, err)
	var content string
	labtest.Await(t, patience, "the snapshot", func() error {
		got, err := snapshots.Get(ctx, "taken", metav1.GetOptions{})
		if err != nil {
			return err
		}
		content, _, _ = unstructured.NestedString(got.Object, "status", "boundVolumeSnapshotContentName")
		if ready, _, _ := unstructured.NestedBool(got.Object, "status", "readyToUse"); !ready {
			return fmt.Errorf("%v", got.Object["status"])
		}
		return nil
	})
	// What comes later is not in it.
	l.exec(t, "source", "cd /work; echo changed >a/b/data; rm link")

	l.claim(t, l.namespace, "restored", "taken")
	// Without a group, for which the kubelet would change the modes of all files.
	restored := l.holder("restored", claimed("restored"), 0)
	l.create(t, restored)
	l.ready(t, restored)
	if got := l.exec(t, "restored", inventory); got != before {
		t.Errorf("restored:\n%s\nand was:\n%s", got, before)
	}

	// Retain: with the snapshot its content stays, and only it.
	must(t, snapshots.Delete(ctx, "taken", metav1.DeleteOptions{}))
	labtest.Await(t, patience, "the end of the snapshot", func() error {
		_, err := snapshots.Get(ctx, "taken", metav1.GetOptions{})
		if !apierrors.IsNotFound(err) {
			return fmt.Errorf("still there: %v", err)
		}
		return nil
	})
	kept, err := contents.Get(ctx, content, metav1.GetOptions{})
	must(t, err)
	handle, _, _ := unstructured.NestedString(kept.Object, "status", "snapshotHandle")
	if _, err := os.Stat(filepath.Join(l.Dir, "node/lib/volumes/snapshots", handle, "data/a/b/data")); err != nil {
		t.Errorf("the snapshot's files: %v", err)
	}

	// Volumes go with their claims, an ephemeral one with its pod.
	volumes := l.volumes(t)
	if len(volumes) != 4 {
		t.Errorf("volumes: %v", volumes)
	}
	must(t, l.client.CoreV1().PersistentVolumeClaims(l.namespace).DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{}))
	must(t, l.client.CoreV1().Pods(l.namespace).DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{}))
	labtest.Await(t, patience, "the end of all volumes", func() error {
		for _, volume := range volumes {
			if _, err := os.Stat(volume); !os.IsNotExist(err) {
				return fmt.Errorf("%s is left: %v", volume, err)
			}
		}
		return nil
	})
}

// volumes are the folders of the namespace's volumes on the node.
func (l *lab) volumes(t *testing.T) (folders []string) {
	t.Helper()
	all, err := l.client.CoreV1().PersistentVolumes().List(context.Background(), metav1.ListOptions{})
	must(t, err)
	for _, volume := range all.Items {
		if volume.Spec.ClaimRef.Namespace == l.namespace {
			folder := filepath.Join(l.Dir, "node/lib/volumes/volumes", volume.Spec.CSI.VolumeHandle)
			if _, err := os.Stat(folder); err != nil {
				t.Errorf("no folder of a volume: %v", err)
			}
			folders = append(folders, folder)
		}
	}
	return folders
}
