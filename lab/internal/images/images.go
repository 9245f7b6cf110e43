// Package images makes an image from a base image and files of this machine, and pushes it to a registry.
package images

import (
	"archive/tar"
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Push makes an image from base and the folder's files, and returns its reference by digest. The digest depends only on these:
// root owns the files, their times are left out, and the layer is not compressed, because compressors change with their versions.
func Push(base, folder, to string) (string, error) {
	below, err := Pull(base)
	if err != nil {
		return "", err
	}
	content, err := archive(folder)
	if err != nil {
		return "", err
	}
	image, err := mutate.AppendLayers(below, static.NewLayer(content, types.OCIUncompressedLayer))
	if err != nil {
		return "", err
	}
	return Write(image, to)
}

// Pull reads an image from a registry on this machine.
func Pull(reference string) (v1.Image, error) {
	from, err := name.ParseReference(reference, name.Insecure)
	if err != nil {
		return nil, err
	}
	return remote.Image(from)
}

// Write pushes an image to a registry on this machine, and returns its reference by digest.
func Write(image v1.Image, to string) (string, error) {
	tag, err := name.NewTag(to, name.Insecure)
	if err != nil {
		return "", err
	}
	digest, err := image.Digest()
	if err != nil {
		return "", err
	}
	return tag.Context().Digest(digest.String()).String(), remote.Write(tag, image)
}

func archive(folder string) ([]byte, error) {
	var content bytes.Buffer
	files := tar.NewWriter(&content)
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == folder {
			return err
		}
		return add(files, folder, path, entry)
	})
	if err != nil {
		return nil, err
	}
	err = files.Close()
	return content.Bytes(), err
}

func add(files *tar.Writer, folder, path string, entry fs.DirEntry) error {
	info, err := entry.Info()
	if err != nil {
		return err
	}
	target := ""
	if info.Mode()&fs.ModeSymlink != 0 {
		if target, err = os.Readlink(path); err != nil {
			return err
		}
	}
	was, err := tar.FileInfoHeader(info, target)
	if err != nil {
		return err
	}
	relative, err := filepath.Rel(folder, path)
	if err != nil {
		return err
	}
	header := &tar.Header{Typeflag: was.Typeflag, Name: filepath.ToSlash(relative), Linkname: target, Mode: was.Mode, Size: was.Size}
	if err := files.WriteHeader(header); err != nil || !info.Mode().IsRegular() {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(files, file)
	return err
}
