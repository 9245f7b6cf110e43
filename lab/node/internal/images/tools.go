package images

import (
	"archive/tar"
	"bytes"
	"errors"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// toolsUser is nobody's on any node.
const toolsUser = "65532"

// toolsImage holds the program and nothing else: no shell, no libraries, no PATH. Its digest depends on program and architecture
// alone: it has no time in it, and its layer is not compressed, as compressors change with their versions.
func toolsImage(program []byte, architecture string) (v1.Image, error) {
	var content bytes.Buffer
	archive := tar.NewWriter(&content)
	err := archive.WriteHeader(&tar.Header{
		Typeflag: tar.TypeReg, Name: "cleanroom-tools", Mode: 0o555, Size: int64(len(program)), Format: tar.FormatUSTAR,
	})
	_, written := archive.Write(program)
	if err := errors.Join(err, written, archive.Close()); err != nil {
		return nil, err
	}
	return newImage(static.NewLayer(content.Bytes(), types.OCIUncompressedLayer), architecture, v1.Config{
		User: toolsUser, Entrypoint: []string{"/cleanroom-tools"}, WorkingDir: "/",
		Labels: map[string]string{
			"org.opencontainers.image.title":       "cleanroom-tools",
			"org.opencontainers.image.description": "What runs inside the build pods of Cleanroom: gate, canary, launcher",
		},
	})
}
