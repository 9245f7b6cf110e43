// Package storage is the lab's storage for one node: a CSI driver whose volumes are directories and whose snapshots are
// copies of them, the provisioner of its class, and the snapshot controllers.
package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// DriverName is the driver's name in the API.
const DriverName = "directories.lab.cleanroom.dev"

// driver keeps each volume and snapshot in a separate folder with `data`, and with `made`, which records the request. A folder is filled
// under another name and then renamed, so it is always complete. Sizes are reported and not enforced.
type driver struct {
	csi.UnimplementedIdentityServer
	csi.UnimplementedControllerServer
	csi.UnimplementedNodeServer
	folder, node string
	// mu allows one call at a time, because a lab's volumes are small.
	mu sync.Mutex
}

// made records the request for a volume or snapshot. A later request with the same name must be the same.
type made struct {
	Size int64
	// From is the snapshot from which a volume was created, or the volume of a snapshot.
	From string
	At   time.Time
}

func (d *driver) GetPluginInfo(context.Context, *csi.GetPluginInfoRequest) (*csi.GetPluginInfoResponse, error) {
	return &csi.GetPluginInfoResponse{Name: DriverName, VendorVersion: "1"}, nil
}

func (d *driver) GetPluginCapabilities(context.Context, *csi.GetPluginCapabilitiesRequest) (*csi.GetPluginCapabilitiesResponse, error) {
	return &csi.GetPluginCapabilitiesResponse{Capabilities: []*csi.PluginCapability{{Type: &csi.PluginCapability_Service_{
		Service: &csi.PluginCapability_Service{Type: csi.PluginCapability_Service_CONTROLLER_SERVICE},
	}}}}, nil
}

func (d *driver) Probe(context.Context, *csi.ProbeRequest) (*csi.ProbeResponse, error) {
	return &csi.ProbeResponse{}, nil
}

func (d *driver) ControllerGetCapabilities(context.Context, *csi.ControllerGetCapabilitiesRequest) (*csi.ControllerGetCapabilitiesResponse, error) {
	response := &csi.ControllerGetCapabilitiesResponse{}
	for _, kind := range []csi.ControllerServiceCapability_RPC_Type{
		csi.ControllerServiceCapability_RPC_CREATE_DELETE_VOLUME, csi.ControllerServiceCapability_RPC_CREATE_DELETE_SNAPSHOT,
	} {
		response.Capabilities = append(response.Capabilities, &csi.ControllerServiceCapability{
			Type: &csi.ControllerServiceCapability_Rpc{Rpc: &csi.ControllerServiceCapability_RPC{Type: kind}},
		})
	}
	return response, nil
}

func (d *driver) CreateVolume(ctx context.Context, r *csi.CreateVolumeRequest) (*csi.CreateVolumeResponse, error) {
	if r.GetName() == "" || len(r.GetVolumeCapabilities()) == 0 {
		return nil, status.Error(codes.InvalidArgument, "a volume needs a name and capabilities")
	}
	if !supported(r.GetVolumeCapabilities()) {
		return nil, status.Error(codes.InvalidArgument, "volumes are folders, not block devices")
	}
	from := r.GetVolumeContentSource().GetSnapshot().GetSnapshotId()
	if r.GetVolumeContentSource() != nil && from == "" {
		return nil, status.Error(codes.InvalidArgument, "a volume can only begin empty or from a snapshot")
	}
	size := r.GetCapacityRange().GetRequiredBytes()
	source := ""
	if from != "" {
		if _, err := d.read("snapshots", from); err != nil {
			return nil, err
		}
		source = d.path("snapshots", from, "data")
	}
	id := identify(r.GetName())
	if _, err := d.make(ctx, "volumes", id, source, made{Size: size, From: from}); err != nil {
		return nil, err
	}
	return &csi.CreateVolumeResponse{Volume: &csi.Volume{VolumeId: id, CapacityBytes: size, ContentSource: r.GetVolumeContentSource()}}, nil
}

func (d *driver) DeleteVolume(_ context.Context, r *csi.DeleteVolumeRequest) (*csi.DeleteVolumeResponse, error) {
	return &csi.DeleteVolumeResponse{}, d.remove("volumes", r.GetVolumeId())
}

func (d *driver) CreateSnapshot(ctx context.Context, r *csi.CreateSnapshotRequest) (*csi.CreateSnapshotResponse, error) {
	if r.GetName() == "" || r.GetSourceVolumeId() == "" {
		return nil, status.Error(codes.InvalidArgument, "a snapshot needs a name and a volume")
	}
	volume, err := d.read("volumes", r.GetSourceVolumeId())
	if err != nil {
		return nil, err
	}
	id := identify(r.GetName())
	got, err := d.make(ctx, "snapshots", id, d.path("volumes", r.GetSourceVolumeId(), "data"), made{Size: volume.Size, From: r.GetSourceVolumeId()})
	if err != nil {
		return nil, err
	}
	return &csi.CreateSnapshotResponse{Snapshot: &csi.Snapshot{
		SnapshotId: id, SourceVolumeId: got.From, SizeBytes: got.Size, CreationTime: timestamppb.New(got.At), ReadyToUse: true,
	}}, nil
}

func (d *driver) DeleteSnapshot(_ context.Context, r *csi.DeleteSnapshotRequest) (*csi.DeleteSnapshotResponse, error) {
	return &csi.DeleteSnapshotResponse{}, d.remove("snapshots", r.GetSnapshotId())
}

func (d *driver) ValidateVolumeCapabilities(_ context.Context, r *csi.ValidateVolumeCapabilitiesRequest) (*csi.ValidateVolumeCapabilitiesResponse, error) {
	if r.GetVolumeId() == "" || len(r.GetVolumeCapabilities()) == 0 {
		return nil, status.Error(codes.InvalidArgument, "give a volume and capabilities")
	}
	if _, err := d.read("volumes", r.GetVolumeId()); err != nil {
		return nil, err
	}
	response := &csi.ValidateVolumeCapabilitiesResponse{}
	if supported(r.GetVolumeCapabilities()) {
		response.Confirmed = &csi.ValidateVolumeCapabilitiesResponse_Confirmed{VolumeCapabilities: r.GetVolumeCapabilities()}
	}
	return response, nil
}

func supported(capabilities []*csi.VolumeCapability) bool {
	for _, capability := range capabilities {
		if capability.GetBlock() != nil {
			return false
		}
	}
	return true
}

func (d *driver) NodeGetCapabilities(context.Context, *csi.NodeGetCapabilitiesRequest) (*csi.NodeGetCapabilitiesResponse, error) {
	return &csi.NodeGetCapabilitiesResponse{}, nil
}

func (d *driver) NodeGetInfo(context.Context, *csi.NodeGetInfoRequest) (*csi.NodeGetInfoResponse, error) {
	return &csi.NodeGetInfoResponse{NodeId: d.node}, nil
}

func (d *driver) NodePublishVolume(_ context.Context, r *csi.NodePublishVolumeRequest) (*csi.NodePublishVolumeResponse, error) {
	if r.GetVolumeId() == "" || r.GetTargetPath() == "" || r.GetVolumeCapability() == nil {
		return nil, status.Error(codes.InvalidArgument, "give a volume, a path and a capability")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := d.read("volumes", r.GetVolumeId()); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(r.GetTargetPath(), 0o750); err != nil {
		return nil, err
	}
	if mounted(r.GetTargetPath()) {
		return &csi.NodePublishVolumeResponse{}, nil
	}
	if err := unix.Mount(d.path("volumes", r.GetVolumeId(), "data"), r.GetTargetPath(), "", unix.MS_BIND, ""); err != nil {
		return nil, err
	}
	if r.GetReadonly() {
		if err := unix.Mount("", r.GetTargetPath(), "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
			return nil, errors.Join(err, unix.Unmount(r.GetTargetPath(), 0))
		}
	}
	return &csi.NodePublishVolumeResponse{}, nil
}

func (d *driver) NodeUnpublishVolume(_ context.Context, r *csi.NodeUnpublishVolumeRequest) (*csi.NodeUnpublishVolumeResponse, error) {
	if r.GetVolumeId() == "" || r.GetTargetPath() == "" {
		return nil, status.Error(codes.InvalidArgument, "give a volume and a path")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if mounted(r.GetTargetPath()) {
		if err := unix.Unmount(r.GetTargetPath(), 0); err != nil {
			return nil, err
		}
	}
	// Not RemoveAll, because something may still be mounted there.
	if err := os.Remove(r.GetTargetPath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return &csi.NodeUnpublishVolumeResponse{}, nil
}

// mounted reports whether the path is a mount point. A bind mount of the same file system has its parent's device, but is the root of another mount.
func mounted(path string) bool {
	var at, above unix.Statx_t
	const mask = unix.STATX_MNT_ID
	return unix.Statx(unix.AT_FDCWD, path, 0, mask, &at) == nil &&
		unix.Statx(unix.AT_FDCWD, filepath.Dir(path), 0, mask, &above) == nil && at.Mnt_id != above.Mnt_id
}

// identify converts any name to the name of a folder.
func identify(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:16])
}

func (d *driver) path(parts ...string) string {
	return filepath.Join(append([]string{d.folder}, parts...)...)
}

// read fails with NotFound if the identifier is not one of this driver.
func (d *driver) read(kind, id string) (made, error) {
	if len(id) != 32 || filepath.Base(id) != id {
		return made{}, status.Errorf(codes.NotFound, "%s: no %q", kind, id)
	}
	data, err := os.ReadFile(d.path(kind, id, "made"))
	if errors.Is(err, fs.ErrNotExist) {
		return made{}, status.Errorf(codes.NotFound, "%s: no %q", kind, id)
	}
	if err != nil {
		return made{}, err
	}
	var got made
	return got, json.Unmarshal(data, &got)
}

// make creates the folder, filled from the source if there is one, or finds the one that was created before.
func (d *driver) make(ctx context.Context, kind, id, source string, want made) (made, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	got, err := d.read(kind, id)
	if err == nil {
		if got.Size != want.Size || got.From != want.From {
			return made{}, status.Errorf(codes.AlreadyExists, "%s: %s is another", kind, id)
		}
		return got, nil
	}
	if status.Code(err) != codes.NotFound {
		return made{}, err
	}
	want.At = time.Now()
	begun := d.path(kind, id+".begun")
	// Like the root of a new file system: only the kubelet's fsGroup makes it accessible to others.
	if err := errors.Join(os.RemoveAll(begun), os.MkdirAll(filepath.Join(begun, "data"), 0o755)); err != nil {
		return made{}, err
	}
	if source != "" {
		if err := fill(ctx, filepath.Join(begun, "data"), source); err != nil {
			return made{}, errors.Join(err, os.RemoveAll(begun))
		}
	}
	data, err := json.Marshal(want)
	if err != nil {
		return made{}, err
	}
	return want, errors.Join(os.WriteFile(filepath.Join(begun, "made"), data, 0o600), os.Rename(begun, d.path(kind, id)))
}

// fill ends when the call ends: a file that grows as fast as it is read would be copied forever, and no volume could be mounted meanwhile.
func fill(ctx context.Context, data, source string) error {
	// cp shares blocks if the file system supports it, and keeps owners, times, links and attributes.
	out, err := exec.CommandContext(ctx, "cp", "-a", "--reflink=auto", source+"/.", data).CombinedOutput()
	if ctx.Err() != nil {
		return status.FromContextError(ctx.Err()).Err()
	}
	if err != nil {
		return fmt.Errorf("cp: %w: %s", err, out)
	}
	return nil
}

func (d *driver) remove(kind, id string) error {
	if id == "" {
		return status.Error(codes.InvalidArgument, "give an identifier")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := d.read(kind, id); status.Code(err) == codes.NotFound {
		return nil
	}
	return os.RemoveAll(d.path(kind, id))
}
