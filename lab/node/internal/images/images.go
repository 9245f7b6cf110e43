// Package images is the node's registry and its first images. They are made at the start from the host's
// statically linked busybox and from Cleanroom's tools image; nothing is downloaded.
package images

import (
	"archive/tar"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

const (
	// binary is the path in Debian's package busybox-static.
	binary = "/bin/busybox"
	// Busybox is an image with a shell and the usual commands. Pause is the image of the container that keeps a pod's namespaces.
	Busybox = "busybox:1"
	Pause   = "pause:1"
	// Tools is Cleanroom's tools image.
	Tools = "cleanroom/tools:1"
	// pause ends on SIGTERM, and reaps processes that have lost their parent. It is one process, as the pause containers of other nodes
	// are: it waits by reading what nothing writes, and an end of a process interrupts that.
	pause = "trap 'exit 0' TERM; trap : CHLD; exec 3<>/" + fifo + "; while :; do read -t 5 <&3; jobs; done"
	fifo  = "var/pause"
)

// Run runs a registry (OCI distribution 1.1, with referrers) and pushes the images to it, Pause last.
func Run(args []string) error {
	flags := flag.NewFlagSet("registry", flag.ExitOnError)
	address := flags.String("address", "", "host and port")
	store := flags.String("store", "", "the directory of the blobs")
	tools := flags.String("tools", "", "an OCI layout of Cleanroom's tools image")
	_ = flags.Parse(args)

	listener, err := net.Listen("tcp", *address)
	if err != nil {
		return err
	}
	handler := registry.New(registry.WithReferrersSupport(true), registry.WithBlobHandler(registry.NewDiskBlobHandler(*store)))
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 2)
	go func() { failed <- server.Serve(listener) }()
	go func() {
		if err := pushAll(*address, *tools); err != nil {
			failed <- err
		}
	}()
	return <-failed
}

func pushAll(address, tools string) error {
	layer, err := busyboxLayer()
	if err != nil {
		return fmt.Errorf("cannot make an image of %s: %w", binary, err)
	}
	product, err := only(tools)
	if err != nil {
		return fmt.Errorf("cannot read the image %s: %w", Tools, err)
	}
	shell := v1.Config{Cmd: []string{"sh"}, Env: []string{"PATH=/bin"}, WorkingDir: "/"}
	waits := shell
	waits.Cmd = []string{"sh", "-c", pause}
	busybox, err := newImage(layer, runtime.GOARCH, shell)
	if err != nil {
		return err
	}
	pauses, err := newImage(layer, runtime.GOARCH, waits)
	if err != nil {
		return err
	}
	// Pause is last, because the node waits for it.
	return errors.Join(push(address+"/"+Busybox, busybox), pushIndex(address+"/"+Tools, product), push(address+"/"+Pause, pauses))
}

// only returns the one image index of a layout.
func only(folder string) (v1.ImageIndex, error) {
	outer, err := layout.ImageIndexFromPath(folder)
	if err != nil {
		return nil, err
	}
	manifest, err := outer.IndexManifest()
	if err != nil {
		return nil, err
	}
	if len(manifest.Manifests) != 1 {
		return nil, fmt.Errorf("%s contains %d images instead of one", folder, len(manifest.Manifests))
	}
	return outer.ImageIndex(manifest.Manifests[0].Digest)
}

func pushIndex(reference string, index v1.ImageIndex) error {
	tag, err := name.NewTag(reference, name.Insecure)
	if err != nil {
		return err
	}
	return remote.WriteIndex(tag, index)
}

func push(reference string, image v1.Image) error {
	tag, err := name.NewTag(reference, name.Insecure)
	if err != nil {
		return err
	}
	return remote.Write(tag, image)
}

func newImage(layer v1.Layer, architecture string, config v1.Config) (v1.Image, error) {
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	image, err := mutate.ConfigFile(base, &v1.ConfigFile{Architecture: architecture, OS: "linux", Config: config})
	if err != nil {
		return nil, err
	}
	return mutate.AppendLayers(image, layer)
}

// busyboxLayer contains the binary, a link for each of its commands, and the files that programs expect. Its bytes
// depend only on the binary.
func busyboxLayer() (v1.Layer, error) {
	program, err := os.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	commands, err := exec.Command(binary, "--list").Output()
	if err != nil {
		return nil, err
	}
	var content bytes.Buffer
	archive := tar.NewWriter(&content)
	add := func(header tar.Header, data string) {
		header.Size = int64(len(data))
		err = errors.Join(err, archive.WriteHeader(&header))
		_, written := io.WriteString(archive, data)
		err = errors.Join(err, written)
	}
	for _, folder := range []string{"bin/", "dev/", "etc/", "home/", "proc/", "root/", "sys/", "usr/", "var/"} {
		add(tar.Header{Typeflag: tar.TypeDir, Name: folder, Mode: 0o755}, "")
	}
	add(tar.Header{Typeflag: tar.TypeDir, Name: "tmp/", Mode: 0o1777}, "")
	add(tar.Header{Typeflag: tar.TypeFifo, Name: fifo, Mode: 0o666}, "")
	add(tar.Header{Typeflag: tar.TypeReg, Name: "etc/passwd", Mode: 0o644}, "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n")
	add(tar.Header{Typeflag: tar.TypeReg, Name: "etc/group", Mode: 0o644}, "root:x:0:\nnogroup:x:65534:\n")
	add(tar.Header{Typeflag: tar.TypeReg, Name: "bin/busybox", Mode: 0o755}, string(program))
	for _, command := range strings.Fields(string(commands)) {
		if command != "busybox" {
			add(tar.Header{Typeflag: tar.TypeSymlink, Name: "bin/" + command, Linkname: "busybox", Mode: 0o777}, "")
		}
	}
	if err = errors.Join(err, archive.Close()); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(content.Bytes())), nil
	}, tarball.WithMediaType(types.OCILayer))
}
