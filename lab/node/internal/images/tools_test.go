package images

import (
	"archive/tar"
	"io"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

func TestTheToolsImageIsItsProgram(t *testing.T) {
	image, err := toolsImage([]byte("program"), "amd64")
	if err != nil {
		t.Fatal(err)
	}
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if c := config.Config; c.User != "65532" || len(c.Entrypoint) != 1 || c.Entrypoint[0] != "/cleanroom-tools" || len(c.Env) != 0 || len(c.Labels) == 0 {
		t.Errorf("%+v", c)
	}
	if config.OS != "linux" || config.Architecture != "amd64" || !config.Created.IsZero() {
		t.Errorf("%s/%s of %s", config.OS, config.Architecture, config.Created)
	}
	content := mutate.Extract(image)
	defer content.Close()
	files := tar.NewReader(content)
	header, err := files.Next()
	if err != nil || header.Name != "cleanroom-tools" || header.Mode != 0o555 {
		t.Fatalf("%+v %v", header, err)
	}
	if program, err := io.ReadAll(files); err != nil || string(program) != "program" {
		t.Errorf("%q %v", program, err)
	}
	if another, err := files.Next(); err != io.EOF {
		t.Errorf("%+v %v", another, err)
	}
}

// Whoever pins an image finds it again when it is built again.
func TestTheToolsImageIsTheSameEverywhere(t *testing.T) {
	for architecture, want := range map[string]string{
		"amd64": "sha256:adf58704875ba9debf6da09f1d8daff31af4c8165727549f1baf6d0b7a71b1ad",
		"arm64": "sha256:f494a457e82e0437313f7020979f35a2f48f8df0ad42622ecac36f4d3d2841a8",
	} {
		image, err := toolsImage([]byte("program"), architecture)
		if err != nil {
			t.Fatal(err)
		}
		if digest, err := image.Digest(); err != nil || digest.String() != want {
			t.Errorf("%s: %s, want %s: %v", architecture, digest, want, err)
		}
	}
}
