package images

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// toolsUser is a user id that no node uses.
const toolsUser = "65532"

// toolsPrograms are the files of the tools image.
var toolsPrograms = []string{"cleanroom-launcher", "cleanroom-tools"}

// Tools returns the tools image, for each architecture of Linux for which a folder with its programs is given. Its digest depends only on
// these programs.
func Tools(folders map[string]string) (v1.ImageIndex, error) {
	if len(folders) == 0 {
		return nil, errors.New("the program cleanroom-tools does not exist: build it with tools/build.sh")
	}
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, architecture := range slices.Sorted(maps.Keys(folders)) {
		image, err := toolsImage(folders[architecture], architecture)
		if err != nil {
			return nil, fmt.Errorf("cannot make the tools image for %s: %w", architecture, err)
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add:        image,
			Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: architecture}},
		})
	}
	return index, nil
}

// WriteLayout makes the folder an OCI image layout that contains only the index.
func WriteLayout(index v1.ImageIndex, folder string) error {
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	path, err := layout.Write(folder, empty.Index)
	if err != nil {
		return err
	}
	return path.AppendIndex(index)
}

// Publish pushes an index to any registry, with the credentials of Docker's configuration, and returns its reference by digest.
func Publish(index v1.ImageIndex, to string) (string, error) {
	tag, err := name.NewTag(to)
	if err != nil {
		return "", err
	}
	digest, err := index.Digest()
	if err != nil {
		return "", err
	}
	return tag.Context().Digest(digest.String()).String(), remote.WriteIndex(tag, index, remote.WithAuthFromKeychain(authn.DefaultKeychain))
}

// toolsImage contains only the programs: no shell, no libraries, no PATH. It contains no time, and its layer is not
// compressed, because compressors change with their versions.
func toolsImage(folder, architecture string) (v1.Image, error) {
	var content bytes.Buffer
	archive := tar.NewWriter(&content)
	for _, name := range toolsPrograms {
		program, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return nil, err
		}
		err = archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o555, Size: int64(len(program)), Format: tar.FormatUSTAR})
		_, written := archive.Write(program)
		if err := errors.Join(err, written); err != nil {
			return nil, err
		}
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	image, err := mutate.ConfigFile(base, &v1.ConfigFile{Architecture: architecture, OS: "linux", Config: v1.Config{
		User: toolsUser, Entrypoint: []string{"/cleanroom-tools"}, WorkingDir: "/",
		Labels: map[string]string{
			"org.opencontainers.image.title":       "cleanroom-tools",
			"org.opencontainers.image.description": "What runs inside the build pods of Cleanroom: gate, canary, launcher, observer",
		},
	}})
	if err != nil {
		return nil, err
	}
	return mutate.AppendLayers(image, static.NewLayer(content.Bytes(), types.OCIUncompressedLayer))
}
