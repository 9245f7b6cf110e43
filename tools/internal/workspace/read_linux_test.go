package workspace

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// folder is a workspace of a test.
type folder struct {
	*testing.T
	root string
}

func newFolder(t *testing.T) folder {
	t.Helper()
	return folder{t, t.TempDir()}
}

func (f folder) at(path string) string { return f.root + "/" + path }

func (f folder) do(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// write writes files: path, content, path, content.
func (f folder) write(files ...string) {
	f.Helper()
	for i := 0; i < len(files); i += 2 {
		f.do(os.MkdirAll(filepath.Dir(f.at(files[i])), 0o755))
		f.do(os.WriteFile(f.at(files[i]), []byte(files[i+1]), 0o644))
	}
}

func (f folder) read() *Reading { return Read(f.Context(), Settings{Root: f.root}) }

func sum(text string) [32]byte { return sha256.Sum256([]byte(text)) }

func (r *Reading) paths() string {
	var all []string
	for _, each := range r.Files {
		all = append(all, each.Path)
	}
	return strings.Join(all, " ")
}

func (r *Reading) unread() string {
	var all []string
	for _, each := range r.Unread {
		all = append(all, each.Path+" "+each.Reason)
	}
	return strings.Join(all, ", ")
}

func TestAWorkspaceIsRead(t *testing.T) {
	f := newFolder(t)
	f.write("pom.xml", "<project/>", "src/A.java", "class A {}", "run.sh", "echo", ".git/config", "[core]", ".git/HEAD", "ref", ".git/hooks/pre-commit", "x",
		".git/hooks/pre-commit.sample", "y", "sub/.mvn/extensions.xml", "<x/>")
	f.do(os.Chmod(f.at("run.sh"), 0o755))
	r := f.read()
	if r.paths() != ".git/config .git/hooks/pre-commit pom.xml run.sh sub/.mvn/extensions.xml" || r.unread() != "" || r.Reason != "" {
		t.Errorf("%s; %s; %s", r.paths(), r.unread(), r.Reason)
	}
	if r.FileCount != 8 || r.Bytes != 39 || r.Files[2] != (File{Path: "pom.xml", Size: 10, SHA256: sum("<project/>")}) {
		t.Errorf("%d, %d, %+v", r.FileCount, r.Bytes, r.Files[2])
	}
	var manifest strings.Builder
	for _, each := range []struct{ kind, mode, path, content string }{
		{"d", "000", ".git", ""}, {"f", "000", ".git/HEAD", "ref"}, {"f", "000", ".git/config", "[core]"}, {"d", "000", ".git/hooks", ""},
		{"f", "000", ".git/hooks/pre-commit", "x"}, {"f", "000", ".git/hooks/pre-commit.sample", "y"}, {"f", "000", "pom.xml", "<project/>"},
		{"f", "111", "run.sh", "echo"}, {"d", "000", "src", ""}, {"f", "000", "src/A.java", "class A {}"}, {"d", "000", "sub", ""},
		{"d", "000", "sub/.mvn", ""}, {"f", "000", "sub/.mvn/extensions.xml", "<x/>"},
	} {
		digest := ""
		if each.kind == "f" {
			digest = fmt.Sprintf("%x", sum(each.content))
		}
		fmt.Fprintf(&manifest, "%s %s %d %s %s\x00", each.kind, each.mode, len(each.content), digest, each.path)
	}
	if r.Digest != sum(manifest.String()) {
		t.Errorf("%x", r.Digest)
	}
}

func TestAMissingWorkspaceIsUnreadable(t *testing.T) {
	if r := Read(context.Background(), Settings{Root: "/missing"}); r.Reason != RootUnreadable {
		t.Errorf("%+v", r)
	}
}
