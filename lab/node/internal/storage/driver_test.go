//go:build node

package storage

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"github.com/kubernetes-csi/csi-test/v5/pkg/sanity"
	"google.golang.org/grpc"
)

// TestTheDriverIsSane has upstream's suite try the calls that the driver offers. It mounts, so it needs root, as a node does.
func TestTheDriverIsSane(t *testing.T) {
	folder := t.TempDir()
	d := &driver{folder: folder, node: "real"}
	for _, kind := range []string{"volumes", "snapshots"} {
		if err := os.Mkdir(filepath.Join(folder, kind), 0o700); err != nil {
			t.Fatal(err)
		}
	}
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
