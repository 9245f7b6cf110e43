package images

import (
	"archive/tar"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// programs are folders with stand-ins of two platforms.
func programs(t *testing.T) map[string]string {
	t.Helper()
	programs := map[string]string{}
	for _, architecture := range []string{"amd64", "arm64"} {
		programs[architecture] = t.TempDir()
		for _, name := range toolsPrograms {
			must(t, os.WriteFile(filepath.Join(programs[architecture], name), []byte(name+" for "+architecture), 0o755))
		}
	}
	return programs
}

func toolsOf(t *testing.T, index v1.ImageIndex, architecture string) v1.Image {
	t.Helper()
	manifest, err := index.IndexManifest()
	must(t, err)
	for _, descriptor := range manifest.Manifests {
		if descriptor.Platform.String() == "linux/"+architecture {
			image, err := index.Image(descriptor.Digest)
			must(t, err)
			return image
		}
	}
	t.Fatalf("no image for linux/%s in %+v", architecture, manifest)
	return nil
}

func TestTheToolsImageIsItsPrograms(t *testing.T) {
	index, err := Tools(programs(t))
	must(t, err)
	for _, architecture := range []string{"amd64", "arm64"} {
		image := toolsOf(t, index, architecture)
		config, err := image.ConfigFile()
		must(t, err)
		if c := config.Config; c.User != "65532" || len(c.Entrypoint) != 1 || c.Entrypoint[0] != "/cleanroom-tools" || len(c.Env) != 0 || len(c.Labels) == 0 {
			t.Errorf("%+v", c)
		}
		if config.OS != "linux" || config.Architecture != architecture || !config.Created.IsZero() {
			t.Errorf("%s/%s of %s", config.OS, config.Architecture, config.Created)
		}
		content := mutate.Extract(image)
		defer content.Close()
		files := tar.NewReader(content)
		for _, name := range []string{"cleanroom-launcher", "cleanroom-tools"} {
			header, err := files.Next()
			if err != nil || header.Name != name || header.Mode != 0o555 {
				t.Fatalf("%+v %v", header, err)
			}
			if program, err := io.ReadAll(files); err != nil || string(program) != name+" for "+architecture {
				t.Errorf("%q %v", program, err)
			}
		}
		if another, err := files.Next(); err != io.EOF {
			t.Errorf("%+v %v", another, err)
		}
	}
}

// Whoever pins an image finds it again when it is built again.
func TestTheToolsImageIsTheSameEverywhere(t *testing.T) {
	const want = "sha256:6f81d49d1862f1848354b5bbd91f75d6c5d5e36de6c840638c6c3c58783ca6bd"
	index, err := Tools(programs(t))
	must(t, err)
	if digest, err := index.Digest(); err != nil || digest.String() != want {
		t.Errorf("%s, want %s: %v", digest, want, err)
	}
}

func TestTheToolsImageIsPublishedWholeAndByItsDigest(t *testing.T) {
	index, err := Tools(programs(t))
	must(t, err)
	digest, err := index.Digest()
	must(t, err)
	repository := served(t) + "/cleanroom/tools"
	called, err := Publish(index, repository+":1")
	must(t, err)
	if want := repository + "@" + digest.String(); called != want {
		t.Errorf("called %s, want %s", called, want)
	}

	reference, err := name.ParseReference(called, name.Insecure)
	must(t, err)
	published, err := remote.Index(reference)
	must(t, err)
	toolsOf(t, published, "amd64")
	toolsOf(t, published, "arm64")
}

func TestALayoutIsOfTheLastImageAlone(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "layout")
	all := programs(t)
	both, err := Tools(all)
	must(t, err)
	must(t, WriteLayout(both, folder))
	delete(all, "arm64")
	one, err := Tools(all)
	must(t, err)
	must(t, WriteLayout(one, folder))

	digest, err := one.Digest()
	must(t, err)
	outer, err := layout.ImageIndexFromPath(folder)
	must(t, err)
	manifest, err := outer.IndexManifest()
	must(t, err)
	if len(manifest.Manifests) != 1 || manifest.Manifests[0].Digest != digest {
		t.Errorf("%+v, want %s alone", manifest.Manifests, digest)
	}
	blobs, err := os.ReadDir(filepath.Join(folder, "blobs", "sha256"))
	// The index, and one manifest, configuration and layer.
	if err != nil || len(blobs) != 4 {
		t.Errorf("%v %v", blobs, err)
	}
}

func TestWithoutAProgramThereIsNoToolsImage(t *testing.T) {
	for _, name := range toolsPrograms {
		all := programs(t)
		must(t, os.Remove(filepath.Join(all["arm64"], name)))
		if _, err := Tools(all); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("without %s: %v", name, err)
		}
	}
	if _, err := Tools(nil); err == nil || !strings.Contains(err.Error(), "tools/build.sh") {
		t.Error(err)
	}
}
