package images

import (
	"archive/tar"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"cleanroom.dev/lab/internal/registry"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func served(t *testing.T) (address string) {
	t.Helper()
	server := httptest.NewServer(registry.WithReferrers())
	t.Cleanup(server.Close)
	address = strings.TrimPrefix(server.URL, "http://")
	base, err := name.NewTag(address+"/base:1", name.Insecure)
	must(t, err)
	must(t, remote.Write(base, empty.Image))
	return address
}

func folder(t *testing.T, modified time.Time) string {
	t.Helper()
	root := t.TempDir()
	must(t, os.Mkdir(filepath.Join(root, "bin"), 0o755))
	program := filepath.Join(root, "bin", "program")
	must(t, os.WriteFile(program, []byte("runs"), 0o755))
	must(t, os.Symlink("program", filepath.Join(root, "bin", "alias")))
	must(t, os.Chtimes(program, modified, modified))
	return root
}

func TestAnImageHasTheFoldersFiles(t *testing.T) {
	address := served(t)
	digest, err := Push(address+"/base:1", folder(t, time.Now()), address+"/made:1")
	must(t, err)
	reference, err := name.NewDigest(digest, name.Insecure)
	must(t, err)
	image, err := remote.Image(reference)
	must(t, err)
	content := mutate.Extract(image)
	defer content.Close()
	var found []string
	for files := tar.NewReader(content); ; {
		header, err := files.Next()
		if err == io.EOF {
			break
		}
		must(t, err)
		data, err := io.ReadAll(files)
		must(t, err)
		if header.Uid != 0 || header.Uname != "" {
			t.Errorf("%s belongs to %d %s", header.Name, header.Uid, header.Uname)
		}
		found = append(found, header.FileInfo().Mode().String()+" "+header.Name+" "+header.Linkname+string(data))
	}
	want := "drwxr-xr-x bin \nLrwxrwxrwx bin/alias program\n-rwxr-xr-x bin/program runs"
	if got := strings.Join(found, "\n"); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestTheSameFilesAreTheSameImage(t *testing.T) {
	address := served(t)
	first, err := Push(address+"/base:1", folder(t, time.Now()), address+"/made:1")
	must(t, err)
	second, err := Push(address+"/base:1", folder(t, time.Unix(0, 0)), address+"/made:2")
	must(t, err)
	if first != second {
		t.Errorf("%s and %s", first, second)
	}
}

func TestABaseThatIsNotThereIsToldSo(t *testing.T) {
	address := served(t)
	if _, err := Push(address+"/other:1", folder(t, time.Now()), address+"/made:1"); err == nil || !strings.Contains(err.Error(), "MANIFEST_UNKNOWN") &&
		!strings.Contains(err.Error(), "NAME_UNKNOWN") {
		t.Errorf("%v", err)
	}
}
