//go:build node

package storage

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"github.com/kubernetes-csi/csi-test/v5/pkg/sanity"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func newDriver(t *testing.T) *driver {
	t.Helper()
	folder := t.TempDir()
	for _, kind := range []string{"volumes", "snapshots"} {
		if err := os.Mkdir(filepath.Join(folder, kind), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return &driver{folder: folder, node: "real"}
}

// TestTheDriverIsSane has upstream's suite try the calls that the driver offers. It mounts, so it needs root, as a node does.
func TestTheDriverIsSane(t *testing.T) {
	d := newDriver(t)
	folder := d.folder
	server := grpc.NewServer()
	defer server.Stop()
	csi.RegisterIdentityServer(server, d)
	csi.RegisterControllerServer(server, d)
	csi.RegisterNodeServer(server, d)
	socket := filepath.Join(folder, "csi.sock")
	if err := serve(server, socket, make(chan error, 1)); err != nil {
		t.Fatal(err)
	}
	config := sanity.NewTestConfig()
	config.Address = "unix://" + socket
	config.TargetPath, config.StagingPath = filepath.Join(folder, "target"), filepath.Join(folder, "staging")
	sanity.Test(t, config)
}

// A build's file may grow as fast as it is read.
func TestACopyThatDoesNotEndEndsWithItsCall(t *testing.T) {
	d := newDriver(t)
	volume, err := d.CreateVolume(t.Context(), &csi.CreateVolumeRequest{Name: "grows", VolumeCapabilities: []*csi.VolumeCapability{{}}})
	if err != nil {
		t.Fatal(err)
	}
	programs := t.TempDir()
	if err := os.WriteFile(filepath.Join(programs, "cp"), []byte("#!/bin/sh\nexec sleep 20\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", programs+":"+os.Getenv("PATH"))
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	request := &csi.CreateSnapshotRequest{Name: "copy", SourceVolumeId: volume.Volume.VolumeId}
	if _, err := d.CreateSnapshot(ctx, request); status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("the copy went on after its call, or was told as made: %v", err)
	}
	if left, err := filepath.Glob(d.path("snapshots", "*")); err != nil || len(left) > 0 {
		t.Errorf("left over: %v %v", left, err)
	}
}
