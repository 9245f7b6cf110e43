package archive

import (
	"archive/tar"
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// files are those of a layout, by path.
type files map[string]string

// blob adds one and returns its descriptor.
func (f files) blob(mediaType, content string) string {
	sum := sha256.Sum256([]byte(content))
	name := hex.EncodeToString(sum[:])
	f[blobsFolder+name] = content
	return fmt.Sprintf(`{"mediaType":%q,"digest":"sha256:%s","size":%d}`, mediaType, name, len(content))
}

const (
	typeManifest = "application/vnd.oci.image.manifest.v1+json"
	typeIndex    = "application/vnd.oci.image.index.v1+json"
	typeLayer    = "application/vnd.oci.image.layer.v1.tar"
)

// manifest adds one, and returns its descriptor. Layers are pairs of a media type and the content.
func (f files) manifest(config string, layers ...string) string {
	var all []string
	for i := 0; i < len(layers); i += 2 {
		all = append(all, f.blob(layers[i], layers[i+1]))
	}
	return f.blob(typeManifest, `{"config":`+f.blob("application/vnd.oci.image.config.v1+json", config)+`,"layers":[`+strings.Join(all, ",")+`]}`)
}

func (f files) index(manifests ...string) files {
	f["oci-layout"], f["index.json"] = `{"imageLayoutVersion":"1.0.0"}`, `{"manifests":[`+strings.Join(manifests, ",")+`]}`
	return f
}

func (f files) tar() []byte {
	var all []tar.Header
	for _, each := range slices.Sorted(maps.Keys(f)) {
		all = append(all, file(each, f[each]))
	}
	return tarOf(all...)
}

// twoLayers is an image that has two layers.
func twoLayers() files {
	f := files{}
	absolute := tar.Header{Name: "bin/sh", Typeflag: tar.TypeSymlink, Linkname: "/bin/busybox"}
	return f.index(f.manifest(`{"created":"2026-11-30T16:00:00Z","config":{"Env":["A=1"]}}`,
		typeLayer+"+gzip", string(gzipOf(tarOf(file("app.jar", string(zipOf(zip.Store, "x", "1"))), absolute))), typeLayer, string(tarOf(file("b", "hello")))))
}

func TestImages(t *testing.T) {
	jar := len(zipOf(zip.Store, "x", "1"))
	want := fmt.Sprintf("[] known 0|config|23 0/0|app.jar|%d 0/0|bin/sh|12 0/0!app.jar|x|1 0/1|b|5", jar)
	equal(t, reads(Tar, twoLayers().tar()), want)
	if got := Read(Tar, strings.NewReader(string(twoLayers().tar())), int64(len(twoLayers().tar()))).Format; got != OCI {
		t.Error(got)
	}
	f := files{}
	nested := f.blob(typeIndex, `{"manifests":[`+f.manifest(`{}`, "application/vnd.in-toto+json", `{"a":1}`)+`]}`)
	equal(t, reads(Tar, f.index(f.manifest(`{}`, typeLayer, string(tarOf(file("c", "1")))), nested).tar()), "[] known 0|config|0 0/0|c|1 1|config|0 1/0|blob|7")
}

// Times change the digests of layers and of the configuration, and not the content.
func TestTheContentOfAnImage(t *testing.T) {
	content := func(time time.Time, created, env string) string {
		f, head := files{}, file("b", "hello")
		head.ModTime = time
		data := f.index(f.manifest(`{"created":"`+created+`","config":{"Env":["`+env+`"]}}`, typeLayer, string(tarOf(head)))).tar()
		return Read(Tar, strings.NewReader(string(data)), int64(len(data))).Content
	}
	a, b, c := content(time.Unix(1, 0), "1", "A=1"), content(time.Unix(2, 0), "2", "A=1"), content(time.Unix(1, 0), "1", "A=2")
	if a == "" || a != b || a == c {
		t.Error(a, b, c)
	}
}

func TestImagesThatLie(t *testing.T) {
	layer := string(tarOf(file("b", "hello")))
	for name, c := range map[string]struct {
		change func(f files)
		want   string
	}{
		"a blob that nothing names":  {func(f files) { f.blob("x", "hidden") }, "[HiddenData] known 0|config|0 0/0|b|5"},
		"a manifest that is missing": {func(f files) { f.index(fmt.Sprintf(`{"digest":"sha256:%064d"}`, 1)) }, "[Unreadable] unknown"},
		"a digest that is none":      {func(f files) { f.index(`{"digest":"sha256:../../x"}`) }, "[Unreadable] unknown"},
		"a layer of another digest": {func(f files) {
			for path, content := range f {
				if content == layer {
					f[path] = string(tarOf(file("b", "other")))
				}
			}
		}, "[HeaderMismatch] known 0|config|0 0/0|b|5"},
		"a manifest of another digest": {func(f files) {
			for path, content := range f {
				if strings.Contains(content, `"layers"`) {
					f[path] = content + " "
				}
			}
		}, "[HeaderMismatch] known 0|config|0 0/0|b|5"},
		"a manifest that is an index, too": {func(f files) {
			f.index(f.blob(typeManifest, `{"config":`+f.blob("", "{}")+`,"layers":[],"manifests":[{"digest":"sha256:0"}]}`))
		}, "[HeaderMismatch HiddenData] known 0|config|0"},
		"an unknown compression": {func(f files) { f.index(f.manifest(`{}`, typeLayer+"+zstd", layer)) }, "[HiddenData Unreadable] unknown 0|config|0"},
		"a layer that is no tar": {func(f files) { f.index(f.manifest(`{}`, typeLayer+"+gzip", layer)) }, "[HiddenData Unreadable] unknown 0|config|0"},
		"a key twice":            {func(f files) { f["index.json"] = `{"manifests":[],"manifests":[]}` }, "[Unreadable] unknown"},
		"no JSON":                {func(f files) { f["index.json"] = "x" }, "[Unreadable] unknown"},
		"too many indexes within each other": {func(f files) {
			each := f.manifest(`{}`)
			for range maxIndexes {
				each = f.blob(typeIndex, `{"manifests":[`+each+`]}`)
			}
			f.index(each)
		}, "[Unreadable] unknown"},
		"too many manifests": {func(f files) { f.index(slices.Repeat([]string{f.manifest(`{}`)}, maxManifests+1)...) }, "[TooManyEntries] unknown"},
		"too many layers": {func(f files) {
			f.index(slices.Repeat([]string{f.manifest(`{}`, slices.Repeat([]string{"", ""}, maxLayers/2)...)}, 3)...)
		}, "[TooManyEntries] unknown"},
		"a long manifest":       {func(f files) { f["index.json"] = strings.Repeat(" ", maxManifest+1) }, "[TooBig] unknown"},
		"a path that leads out": {func(f files) { f.index(f.manifest(`{}`, typeLayer, string(tarOf(file("../b", "1"))))) }, "[Escape HiddenData] known 0|config|0 0/0|../b|1"},
	} {
		t.Run(name, func(t *testing.T) {
			f := files{}
			f.index(f.manifest(`{}`, typeLayer, layer))
			c.change(f)
			if got := reads(Tar, f.tar()); !strings.HasPrefix(got, c.want) || !strings.Contains(name, "too many") && got != c.want {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
	twice := append(twoLayers().tar()[:len(twoLayers().tar())-1024], tarOf(file("index.json", `{"manifests":[]}`))...)
	equal(t, reads(Tar, twice), "[DuplicateEntry HiddenData] known")
	if got := reads(Tar, append(twoLayers().tar(), "x"...)); !strings.HasPrefix(got, "[TrailingData] known ") {
		t.Error(got)
	}
}

func FuzzImage(f *testing.F) {
	f.Add(twoLayers().tar())
	f.Fuzz(func(t *testing.T, data []byte) { bounded(t, Tar, data) })
}

func FuzzManifest(f *testing.F) {
	f.Add(`{"manifests":[{"digest":"sha256:0"}]}`, `{"config":{},"layers":[]}`)
	f.Fuzz(func(t *testing.T, index, manifest string) {
		all := files{}
		all.index(all.blob(typeManifest, manifest))
		bounded(t, Tar, all.tar())
		all["index.json"] = index
		bounded(t, Tar, all.tar())
	})
}
