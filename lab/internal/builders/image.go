package builders

import (
	"archive/tar"
	"bytes"
	"errors"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// manifest is the manifest of an image or of an image index.
type manifest interface {
	remote.Taggable
	partial.Describable
}

// manifest has the same bytes whenever and wherever it is made: it contains no time, and the layer is not compressed, because
// the output of compressors changes with their version.
func (b builder) manifest() (manifest, error) {
	var images []mutate.IndexAddendum
	for _, name := range b.platforms {
		platform, err := v1.ParsePlatform(name)
		if err != nil {
			return nil, err
		}
		layer, err := oneFile("etc/builder", b.repository+":"+b.tag+" "+name+"\n")
		if err != nil {
			return nil, err
		}
		image, err := mutate.ConfigFile(emptyImage(), &v1.ConfigFile{
			Architecture: platform.Architecture, OS: platform.OS, RootFS: v1.RootFS{Type: "layers"},
		})
		if err != nil {
			return nil, err
		}
		if image, err = mutate.AppendLayers(image, layer); err != nil {
			return nil, err
		}
		if len(b.platforms) == 1 {
			return image, nil
		}
		images = append(images, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: platform}})
	}
	return mutate.AppendManifests(empty.Index, images...), nil
}

// emptyImage has OCI's media types. The one in go-containerregistry has Docker's.
func emptyImage() v1.Image {
	return mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
}

func oneFile(name, content string) (v1.Layer, error) {
	var archive bytes.Buffer
	writer := tar.NewWriter(&archive)
	err := writer.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: int64(len(content)), Format: tar.FormatUSTAR})
	_, written := writer.Write([]byte(content))
	err = errors.Join(err, written, writer.Close())
	return static.NewLayer(archive.Bytes(), types.OCIUncompressedLayer), err
}
