package storage

import (
	"context"
	"errors"
	"fmt"

	"github.com/container-storage-interface/spec/lib/go/csi"
	snapshots "github.com/kubernetes-csi/external-snapshotter/client/v8/clientset/versioned"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	provision "sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

// provisioner creates a volume of the driver for a claim, and deletes it.
type provisioner struct {
	driver    *driver
	snapshots snapshots.Interface
}

func (p provisioner) Provision(ctx context.Context, o provision.ProvisionOptions) (*v1.PersistentVolume, provision.ProvisioningState, error) {
	pv, err := p.provision(ctx, o)
	return pv, provision.ProvisioningFinished, err
}

func (p provisioner) provision(ctx context.Context, o provision.ProvisionOptions) (*v1.PersistentVolume, error) {
	spec := o.PVC.Spec
	if spec.VolumeMode != nil && *spec.VolumeMode != v1.PersistentVolumeFilesystem {
		return nil, errors.New("volumes are folders, not block devices")
	}
	request := &csi.CreateVolumeRequest{
		Name:               o.PVName,
		CapacityRange:      &csi.CapacityRange{RequiredBytes: spec.Resources.Requests.Storage().Value()},
		VolumeCapabilities: []*csi.VolumeCapability{{AccessType: &csi.VolumeCapability_Mount{Mount: &csi.VolumeCapability_MountVolume{}}}},
	}
	if source := spec.DataSource; source != nil {
		handle, err := p.snapshot(ctx, o.PVC.Namespace, source)
		if err != nil {
			return nil, err
		}
		request.VolumeContentSource = &csi.VolumeContentSource{Type: &csi.VolumeContentSource_Snapshot{
			Snapshot: &csi.VolumeContentSource_SnapshotSource{SnapshotId: handle},
		}}
	}
	ctx, cancel := context.WithTimeout(ctx, callPatience)
	defer cancel()
	response, err := p.driver.CreateVolume(ctx, request)
	if err != nil {
		return nil, err
	}
	return &v1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: o.PVName},
		Spec: v1.PersistentVolumeSpec{
			AccessModes: spec.AccessModes, MountOptions: o.StorageClass.MountOptions,
			PersistentVolumeReclaimPolicy: *o.StorageClass.ReclaimPolicy,
			Capacity:                      v1.ResourceList{v1.ResourceStorage: *resource.NewQuantity(response.Volume.CapacityBytes, resource.BinarySI)},
			PersistentVolumeSource: v1.PersistentVolumeSource{
				CSI: &v1.CSIPersistentVolumeSource{Driver: DriverName, VolumeHandle: response.Volume.VolumeId},
			},
		},
	}, nil
}

// snapshot returns the driver's identifier of the snapshot in the claim's own namespace.
func (p provisioner) snapshot(ctx context.Context, namespace string, source *v1.TypedLocalObjectReference) (string, error) {
	if source.Kind != "VolumeSnapshot" || source.APIGroup == nil || *source.APIGroup != "snapshot.storage.k8s.io" {
		return "", fmt.Errorf("a volume can only begin empty or from a VolumeSnapshot, not from a %s", source.Kind)
	}
	snapshot, err := p.snapshots.SnapshotV1().VolumeSnapshots(namespace).Get(ctx, source.Name, metav1.GetOptions{})
	if err != nil {
		return "", err
	}
	if snapshot.Status == nil || snapshot.Status.BoundVolumeSnapshotContentName == nil {
		return "", fmt.Errorf("the snapshot %s is not bound yet", source.Name)
	}
	content, err := p.snapshots.SnapshotV1().VolumeSnapshotContents().Get(ctx, *snapshot.Status.BoundVolumeSnapshotContentName, metav1.GetOptions{})
	if err != nil {
		return "", err
	}
	if content.Spec.VolumeSnapshotRef.UID != snapshot.UID || content.Spec.Driver != DriverName ||
		content.Status == nil || content.Status.SnapshotHandle == nil || content.Status.ReadyToUse == nil || !*content.Status.ReadyToUse {
		return "", fmt.Errorf("the snapshot %s is not ready, or belongs to another driver", source.Name)
	}
	return *content.Status.SnapshotHandle, nil
}

func (p provisioner) Delete(ctx context.Context, volume *v1.PersistentVolume) error {
	_, err := p.driver.DeleteVolume(ctx, &csi.DeleteVolumeRequest{VolumeId: volume.Spec.CSI.VolumeHandle})
	return err
}
