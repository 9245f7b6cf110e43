package images

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Layer collects programs and folders of this machine, at their own paths, and downloads nothing. Its image is for nodes on this
// machine, and contains what this machine has installed. On returns the first error.
type Layer struct {
	content bytes.Buffer
	archive *tar.Writer
	names   map[string]bool
	err     error
}

// NewLayer returns an empty layer.
func NewLayer() *Layer {
	l := &Layer{names: map[string]bool{}}
	l.archive = tar.NewWriter(&l.content)
	return l
}

// File adds a file. A file that has the path already is kept.
func (l *Layer) File(path string, mode fs.FileMode, data []byte) {
	name := strings.TrimPrefix(filepath.Clean(path), "/")
	if l.err != nil || l.names[name] {
		return
	}
	l.names[name] = true
	l.err = l.archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: int64(mode.Perm()), Size: int64(len(data))})
	if l.err == nil {
		_, l.err = l.archive.Write(data)
	}
}

// Program adds a program and the libraries to which it is linked.
func (l *Layer) Program(path string) {
	l.copy(path)
	l.Libraries(path)
}

func (l *Layer) copy(path string) {
	info, err := os.Stat(path)
	l.fail(err)
	data, err := os.ReadFile(path)
	l.fail(err)
	if l.err == nil {
		l.File(path, info.Mode(), data)
	}
}

// linked matches the path of a library in a line of ldd's output.
var linked = regexp.MustCompile(`(/\S+) \(0x`)

// Libraries adds the libraries to which the program or library is linked, and not the file itself.
func (l *Layer) Libraries(path string) {
	out, err := exec.Command("ldd", path).CombinedOutput()
	if err != nil && !strings.Contains(string(out), "not a dynamic executable") {
		l.fail(fmt.Errorf("ldd %s: %w: %s", path, err, out))
	}
	for _, library := range linked.FindAllStringSubmatch(string(out), -1) {
		l.copy(library[1])
	}
}

// Folder adds everything in the folder except what is skipped. It follows links, because their targets have other paths in the image.
func (l *Layer) Folder(path string, skip func(path string, entry fs.DirEntry) bool) {
	entries, err := os.ReadDir(path)
	l.fail(err)
	for _, entry := range entries {
		below := filepath.Join(path, entry.Name())
		info, err := os.Stat(below)
		switch {
		case skip(below, entry) || errors.Is(err, fs.ErrNotExist):
			// A distribution's packages have links to files of other packages, which may not be installed.
		case err != nil:
			l.fail(err)
		case info.IsDir():
			l.Folder(below, skip)
		case info.Mode().IsRegular():
			l.copy(below)
		}
	}
}

func (l *Layer) fail(err error) { l.err = errors.Join(l.err, err) }

// On returns base with this layer, and with these variables, NAME=VALUE, instead of its own. The layer is not compressed, because it
// does not leave this machine.
func (l *Layer) On(base v1.Image, env ...string) (v1.Image, error) {
	if err := errors.Join(l.err, l.archive.Close()); err != nil {
		return nil, err
	}
	image, err := mutate.AppendLayers(base, static.NewLayer(l.content.Bytes(), types.OCIUncompressedLayer))
	if err != nil {
		return nil, err
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	config := file.Config
	config.Env = env
	return mutate.Config(image, config)
}
