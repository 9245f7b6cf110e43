package archive

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"
	"strings"

	"cleanroom.dev/tools/internal/strictjson"
)

const (
	// maxManifest limits an index, a manifest and a configuration, in bytes.
	maxManifest = 4 << 20
	// maxManifests and maxLayers limit how many manifests an image has, and all of their layers. maxIndexes limits how many indexes are
	// within each other.
	maxManifests = 100
	maxLayers    = 1000
	maxIndexes   = 3
	// maxBlobs limits the blobs of a layout.
	maxBlobs = 10_000

	blobsFolder = "blobs/sha256/"
)

// Layout is an image in the OCI layout (image-spec 1.1, image-layout.md).
type Layout interface {
	// Open opens a file of the layout. The layout closes it.
	Open(path string) (content io.ReaderAt, size int64, err error)
	// Blobs are the names in blobs/sha256.
	Blobs() ([]string, error)
}

// ReadLayout reads an image. Its size is that of all its files.
func ReadLayout(layout Layout, size int64) Contents {
	r := newReader(size, standard)
	_ = r.image(layout)
	c := r.contents()
	c.Format = OCI
	return c
}

// descriptor names a blob.
type descriptor struct{ mediaType, digest string }

type image struct {
	*reader
	layout Layout
	// used are the blobs that something names.
	used              map[string]bool
	manifests, layers int
}

func (r *reader) image(layout Layout) error {
	m := &image{reader: r, layout: layout, used: map[string]bool{}}
	index, err := m.small("index.json", nil)
	if err == nil {
		err = m.index(index, 1)
	}
	if err == errLimit {
		return err
	}
	if err != nil {
		return r.lacks(Unreadable)
	}
	blobs, err := layout.Blobs()
	if err != nil || len(blobs) > maxBlobs {
		return r.lacks(Unreadable)
	}
	if slices.ContainsFunc(blobs, func(name string) bool { return !m.used[name] }) {
		r.has(HiddenData)
	}
	return nil
}

var errImage = errors.New("this is no image")

// blob opens a blob by its digest.
func (m *image) blob(d descriptor) (content io.ReaderAt, size int64, want []byte, err error) {
	name, ok := strings.CutPrefix(d.digest, "sha256:")
	want, err = hex.DecodeString(name)
	if !ok || err != nil || len(want) != sha256.Size || strings.ToLower(name) != name {
		return nil, 0, nil, errImage
	}
	m.used[name] = true
	content, size, err = m.layout.Open(blobsFolder + name)
	return content, size, want, err
}

// small reads a file, which must have the digest.
func (m *image) small(path string, d *descriptor) (data []byte, err error) {
	var content io.ReaderAt
	var size int64
	var want []byte
	if d != nil {
		content, size, want, err = m.blob(*d)
	} else {
		content, size, err = m.layout.Open(path)
	}
	if err != nil {
		return nil, err
	}
	if size > maxManifest {
		return nil, m.stop(TooBig)
	}
	data, err = io.ReadAll(io.NewSectionReader(content, 0, size))
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(data); want != nil && !bytes.Equal(sum[:], want) {
		m.has(HeaderMismatch)
	}
	return data, m.count(len(data), 0)
}

// descriptors reads those of one key of an index or a manifest, and the one of another.
func descriptors(data []byte, list, single string) (all []descriptor, one descriptor, err error) {
	read := func(r *strictjson.Reader, to *descriptor) error {
		return r.Fields(func(key string) (err error) {
			switch key {
			case "mediaType":
				to.mediaType, err = r.Text()
			case "digest":
				to.digest, err = r.Text()
			}
			return err
		})
	}
	err = strictjson.Read(data, func(r *strictjson.Reader) error {
		return r.Fields(func(key string) error {
			switch key {
			case list:
				return r.Array(func() error {
					if len(all) == maxLayers {
						return errImage
					}
					all = append(all, descriptor{})
					return read(r, &all[len(all)-1])
				})
			case single:
				return read(r, &one)
			}
			return nil
		})
	})
	return all, one, err
}

func (m *image) index(data []byte, depth int) error {
	all, _, err := descriptors(data, "manifests", "")
	if err != nil || depth > maxIndexes {
		return errImage
	}
	m.only(data, "layers")
	for _, each := range all {
		data, err := m.small("", &each)
		if err != nil {
			return err
		}
		if strings.Contains(each.mediaType, "index") || strings.Contains(each.mediaType, "manifest.list") {
			err = m.index(data, depth+1)
		} else {
			err = m.manifest(data)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// only checks that an index is no manifest, too, and the other way round: the digest is the same, and the content is another.
func (m *image) only(data []byte, other string) {
	if all, _, err := descriptors(data, other, ""); err != nil || len(all) > 0 {
		m.has(HeaderMismatch)
	}
}

// manifest reads the layers of an image for one platform. Its entries are in its number, and the layer's.
func (m *image) manifest(data []byte) error {
	layers, config, err := descriptors(data, "layers", "config")
	if err != nil {
		return errImage
	}
	m.only(data, "manifests")
	number := m.manifests
	if m.manifests++; m.manifests > maxManifests || m.layers+len(layers) > maxLayers {
		return m.stop(TooManyEntries)
	}
	m.layers += len(layers)
	if err := m.config(fmt.Sprint(number), config); err != nil {
		return err
	}
	for i, each := range layers {
		content, size, want, err := m.blob(each)
		if err != nil {
			return err
		}
		if err := m.layer(fmt.Sprintf("%d/%d", number, i), each.mediaType, io.NewSectionReader(content, 0, size), want); err != nil {
			return err
		}
	}
	return nil
}

// config adds the part of an image's configuration that says what runs. The rest has times.
func (m *image) config(in string, d descriptor) error {
	data, err := m.small("", &d)
	if err != nil {
		return err
	}
	// This refuses what two programs could understand differently, so each key is there once.
	if err := strictjson.Read(data, func(r *strictjson.Reader) error { return r.Fields(func(string) error { return nil }) }); err != nil {
		return errImage
	}
	fields, said := map[string]json.RawMessage{}, new(bytes.Buffer)
	if err := json.Unmarshal(data, &fields); err != nil {
		return errImage
	}
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if key == "created" || key == "history" || key == "rootfs" {
			continue
		}
		said.WriteString(key)
		said.WriteByte(0)
		if err := json.Compact(said, fields[key]); err != nil {
			return errImage
		}
		said.WriteByte(0)
	}
	outer := &inner{reader: m.reader, in: in, paths: map[string]bool{}}
	if err := outer.named("config", false); err != nil {
		return err
	}
	sum := sha256.Sum256(said.Bytes())
	outer.add(Entry{In: in, Path: "config", Size: int64(said.Len()), SHA256: hex.EncodeToString(sum[:])})
	return nil
}

// layer reads a layer, or something else that a manifest names, which is one file. All of it must have the digest.
func (m *image) layer(in, mediaType string, blob *io.SectionReader, want []byte) error {
	sum := sha256.New()
	all := bufio.NewReaderSize(io.TeeReader(blob, sum), 64<<10)
	a := &inner{reader: m.reader, in: in, paths: map[string]bool{}, layer: true}
	var err error
	switch {
	case !strings.Contains(mediaType, "tar"):
		if err = a.named("blob", false); err == nil {
			_, err = a.file("blob", "", all, nil)
		}
	case strings.HasSuffix(mediaType, "gzip"):
		var unpacked *gzip.Reader
		if unpacked, err = gzip.NewReader(all); err == nil {
			err = a.tar(unpacked)
		}
	case strings.HasSuffix(mediaType, "tar"):
		err = a.tar(all)
	default:
		_ = m.lacks(Unreadable)
	}
	if err == errLimit {
		return err
	}
	if err != nil {
		_ = m.lacks(Unreadable)
	}
	return m.rest(all, sum, want)
}

// rest reads what is left of a blob, and compares its digest.
func (m *image) rest(blob io.Reader, sum hash.Hash, want []byte) error {
	if _, err := io.Copy(io.Discard, blob); err != nil {
		return m.lacks(Unreadable)
	}
	if !bytes.Equal(sum.Sum(nil), want) {
		m.has(HeaderMismatch)
	}
	return nil
}

// tarLayout is a layout in a tar file.
type tarLayout struct {
	file  io.ReaderAt
	files map[string][2]int64
}

// layoutOf looks for a layout in a tar file. It reads headers only. If there is none, or the file cannot be read, it is nil.
func layoutOf(file io.ReaderAt, size int64) *tarLayout {
	section := io.NewSectionReader(file, 0, size)
	t, layout := tar.NewReader(section), &tarLayout{file, map[string][2]int64{}}
	for {
		head, err := t.Next()
		if err == io.EOF {
			break
		}
		if err != nil || len(layout.files) > maxBlobs {
			return nil
		}
		if head.Typeflag == tar.TypeReg && !sparse(head) {
			at, _ := section.Seek(0, io.SeekCurrent)
			layout.files[strings.TrimPrefix(head.Name, "./")] = [2]int64{at, head.Size}
		}
	}
	_, marked := layout.files["oci-layout"]
	_, indexed := layout.files["index.json"]
	if !marked || !indexed {
		return nil
	}
	return layout
}

func (l *tarLayout) Open(path string) (io.ReaderAt, int64, error) {
	at, ok := l.files[path]
	if !ok {
		return nil, 0, errImage
	}
	return io.NewSectionReader(l.file, at[0], at[1]), at[1], nil
}

func (l *tarLayout) Blobs() (all []string, err error) {
	for each := range l.files {
		if name, ok := strings.CutPrefix(each, blobsFolder); ok {
			all = append(all, name)
		}
	}
	return all, nil
}
