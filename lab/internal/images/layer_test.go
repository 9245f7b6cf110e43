package images

import (
	"archive/tar"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

func files(t *testing.T, l *Layer) map[string]string {
	t.Helper()
	image, err := l.On(empty.Image, "PATH=/bin")
	must(t, err)
	if config, err := image.ConfigFile(); err != nil || !slices.Equal(config.Config.Env, []string{"PATH=/bin"}) {
		t.Errorf("%v: %+v", err, config)
	}
	content := mutate.Extract(image)
	defer content.Close()
	found := map[string]string{}
	for archive := tar.NewReader(content); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		found["/"+header.Name] = string(data)
	}
}

func TestAFolderIsWhereItIsHereWithItsLinksFollowed(t *testing.T) {
	here := t.TempDir()
	for name, data := range map[string]string{"home/a": "a", "home/skipped": "no", "elsewhere/b": "b"} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(filepath.Join(here, name)), 0o755),
			os.WriteFile(filepath.Join(here, name), []byte(data), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"folder": "../elsewhere", "file": "../elsewhere/b", "broken": "nowhere"} {
		if err := os.Symlink(to, filepath.Join(here, "home", link)); err != nil {
			t.Fatal(err)
		}
	}
	l := NewLayer()
	l.File(filepath.Join(here, "home/a"), 0o755, []byte("first"))
	l.Folder(filepath.Join(here, "home"), func(path string, _ fs.DirEntry) bool { return strings.HasSuffix(path, "/skipped") })
	got := files(t, l)
	for name, data := range map[string]string{"a": "first", "folder/b": "b", "file": "b"} {
		if got[filepath.Join(here, "home", name)] != data {
			t.Errorf("%s: %q", name, got[filepath.Join(here, "home", name)])
		}
	}
	if len(got) != 3 {
		t.Errorf("%v", got)
	}
}

func TestAProgramComesWithItsLibraries(t *testing.T) {
	const program = "/usr/bin/env"
	l := NewLayer()
	l.Program(program)
	got := files(t, l)
	loader := func(name string) bool { return strings.Contains(name, "/ld-") || strings.Contains(name, "/libc.so") }
	if got[program] == "" {
		t.Error("no program")
	}
	for name := range got {
		if loader(name) {
			return
		}
	}
	t.Errorf("no C library among %d files", len(got))
}

func TestWhatIsMissingIsAnError(t *testing.T) {
	l := NewLayer()
	l.Program("/nowhere/program")
	if _, err := l.On(empty.Image); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}
