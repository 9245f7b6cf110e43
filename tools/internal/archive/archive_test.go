package archive

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

// reads returns what is found as a text: its problems, whether its content is known, and its entries.
func reads(format string, data []byte) string { return readsWithin(format, data, standard) }

func readsWithin(format string, data []byte, l limits) string {
	c := read(format, bytes.NewReader(data), int64(len(data)), l)
	known := "known"
	if c.Content == "" {
		known = "unknown"
	}
	out := fmt.Sprint(c.Problems, " ", known)
	for _, each := range c.Entries {
		out += fmt.Sprintf(" %s|%s|%d", each.In, each.Path, each.Size)
		if each.SHA256 == "" {
			out += "?"
		}
	}
	return out
}

func equal(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// zipOf makes a zip file of names and contents.
func zipOf(method uint16, texts ...string) []byte {
	out := new(bytes.Buffer)
	w := zip.NewWriter(out)
	for i := 0; i < len(texts); i += 2 {
		f, _ := w.CreateHeader(&zip.FileHeader{Name: texts[i], Method: method, Modified: time.Now()})
		_, _ = io.WriteString(f, texts[i+1])
	}
	_ = w.Close()
	return out.Bytes()
}

func tarOf(heads ...tar.Header) []byte {
	out := new(bytes.Buffer)
	w := tar.NewWriter(out)
	for _, each := range heads {
		content := each.Linkname
		if each.Typeflag == tar.TypeReg {
			each.Linkname = ""
			each.Size = int64(len(content))
		}
		if err := w.WriteHeader(&each); err != nil {
			panic(err)
		}
		if each.Typeflag == tar.TypeReg {
			_, _ = io.WriteString(w, content)
		}
	}
	_ = w.Close()
	return out.Bytes()
}

// file is one of a tar file; its content is where a link has its target.
func file(name, content string) tar.Header {
	return tar.Header{Name: name, Mode: 0o644, Typeflag: tar.TypeReg, Linkname: content}
}

func gzipOf(data []byte) []byte {
	out := new(bytes.Buffer)
	w := gzip.NewWriter(out)
	_, _ = w.Write(data)
	_ = w.Close()
	return out.Bytes()
}

func TestZipFiles(t *testing.T) {
	for _, method := range []uint16{zip.Store, zip.Deflate} {
		data := zipOf(method, "META-INF/", "", "b.txt", "hello", "a/b.class", "", "c.jar", string(zipOf(method, "x", "1", "y.war", string(zipOf(method, "z", "22")))))
		inner := len(zipOf(method, "z", "22"))
		outer := len(zipOf(method, "x", "1", "y.war", string(zipOf(method, "z", "22"))))
		equal(t, reads(Zip, data), fmt.Sprintf("[] known |a/b.class|0 |b.txt|5 |c.jar|%d c.jar|x|1 c.jar|y.war|%d c.jar!y.war|z|2", outer, inner))
	}
	equal(t, reads(Zip, zipOf(zip.Store)), "[] known")
	equal(t, reads(Zip, nil), "[Unreadable] unknown")
}

// What is normalized is equal whatever the times and the order.
func TestContentDoesNotDependOnTimesAndOrder(t *testing.T) {
	content := func(format string, data []byte) string {
		return read(format, bytes.NewReader(data), int64(len(data)), standard).Content
	}
	a, b := zipOf(zip.Deflate, "a", "1", "b", "2"), zipOf(zip.Store, "b", "2", "a", "1")
	if content(Zip, a) != content(Zip, b) || content(Zip, a) == content(Zip, zipOf(zip.Store, "b", "2", "a", "3")) {
		t.Error("zip")
	}
	later := file("b", "2")
	later.ModTime, later.Uid, later.Uname = time.Now(), 7, "someone"
	c, d := tarOf(file("a", "1"), later), tarOf(file("b", "2"), file("./a", "1"))
	if content(Tar, c) != content(TarGz, gzipOf(d)) {
		t.Error("tar")
	}
	executable := file("a", "1")
	executable.Mode = 0o755
	if content(Tar, tarOf(file("a", "1"))) == content(Tar, tarOf(executable)) {
		t.Error("mode")
	}
}

func TestModesAndLinksOfZipFiles(t *testing.T) {
	out := new(bytes.Buffer)
	w := zip.NewWriter(out)
	for name, mode := range map[string]uint32{"run": 0o100755, "link": 0o120777, "pipe": 0o010644} {
		head := &zip.FileHeader{Name: name, CreatorVersion: 3 << 8, ExternalAttrs: mode << 16}
		f, _ := w.CreateHeader(head)
		_, _ = io.WriteString(f, "../etc/passwd")
	}
	_ = w.Close()
	c := Read(Zip, bytes.NewReader(out.Bytes()), int64(out.Len()))
	var got []string
	for _, each := range c.Entries {
		got = append(got, fmt.Sprint(each.Path, each.Mode, each.Link))
	}
	equal(t, fmt.Sprint(got, c.Problems), "[link0777true pipe0644false run0755false] [Escape SpecialFile]")
}

// Each change of a zip file that two programs could understand differently is a problem.
func TestZipFilesThatLie(t *testing.T) {
	data := zipOf(zip.Deflate, "first", "hello", "second", strings.Repeat("x", 100))
	stored := zipOf(zip.Store, "a", "hello")
	central := bytes.Index(data, []byte(zipCentral))
	end := bytes.Index(data, []byte(zipEnd))
	local := 0
	second := bytes.LastIndex(data, []byte(zipLocal))
	change := func(data []byte, changes ...func([]byte) []byte) []byte {
		data = bytes.Clone(data)
		for _, each := range changes {
			data = each(data)
		}
		return data
	}
	set := func(at int, with ...byte) func([]byte) []byte {
		return func(d []byte) []byte { copy(d[at:], with); return d }
	}
	insert := func(at int, text string) func([]byte) []byte {
		return func(d []byte) []byte { return slices.Insert(d, at, []byte(text)...) }
	}
	move := func(at int, by uint32) func([]byte) []byte {
		return func(d []byte) []byte { le.PutUint32(d[at:], le.Uint32(d[at:])+by); return d }
	}
	moved := func(at int, by uint32) func([]byte) []byte { return move(at, by) }
	all := " |first|5 |second|100"
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"the local name is another":               {change(data, set(local+30, 'F')), "[HeaderMismatch] known" + all},
		"the local method is another":             {change(data, set(local+8, 0)), "[HeaderMismatch] known" + all},
		"the local size is another":               {change(data, set(local+22, 9)), "[HeaderMismatch] known" + all},
		"the local checksum is another":           {change(data, set(local+14, 9)), "[HeaderMismatch] known" + all},
		"it is encrypted":                         {change(data, set(central+8, 9)), "[HeaderMismatch Unreadable] unknown |first|0? |second|100"},
		"the size is smaller than the content":    {change(stored, set(bytes.Index(stored, []byte(zipCentral))+24, 3)), "[HeaderMismatch HiddenData] unknown |a|5?"},
		"the size is larger than the content":     {change(data, set(central+24, 9)), "[HeaderMismatch HiddenData] unknown |first|5? |second|100"},
		"the checksum is not that of the content": {change(data, set(central+16, 1, 2, 3, 4)), "[HeaderMismatch HiddenData] unknown |first|5? |second|100"},
		"something follows":                       {change(data, insert(len(data), "x")), "[TrailingData] known" + all},
		"a comment has another end":               {change(data, set(len(data)-2, 22), insert(len(data), zipEnd+strings.Repeat("\xff", 18))), "[TrailingData] known" + all},
		"something is before, and offsets stay":   {change(data, insert(0, "#!/bin/sh")), "[LeadingData] known" + all},
		"something is before the directory": {
			change(data, insert(central, "hidden"), moved(end+6+16, 6)), "[HiddenData] known" + all,
		},
		"something is after the directory": {change(data, insert(end, "hidden")), "[HiddenData] known" + all},
		"two entries are the same bytes":   {change(data, func(d []byte) []byte { le.PutUint32(d[bytes.LastIndex(d, []byte(zipCentral))+42:], 0); return d }), "[HeaderMismatch HiddenData Overlap Unreadable] unknown |first|5 |second|5?"},
		"there are fewer entries":          {change(data, set(end+8, 1), set(end+10, 1)), "[HeaderMismatch] known" + all},
		"the format is unknown":            {change(data, set(central+10, 12)), "[HeaderMismatch Unreadable] unknown |first|0? |second|100"},
		"the local header is gone":         {change(data, set(second, 0)), "[HiddenData Unreadable] unknown |first|5"},
		"the directory is gone":            {change(data, set(central, 0)), "[HeaderMismatch LeadingData Unreadable] unknown"},
		"there are more disks":             {change(data, set(end+4, 1)), "[Unreadable] unknown"},
		"the end is cut":                   {data[:len(data)-3], "[Unreadable] unknown"},
		"two entries have one path":        {zipOf(zip.Store, "a", "1", "./a", "2"), "[DuplicateEntry] known |./a|1 |a|1"},
		"a folder is also a file":          {zipOf(zip.Store, "a", "1", "a/", ""), "[DuplicateEntry] known |a|1"},
		"a folder twice":                   {zipOf(zip.Store, "a/", "", "a/", ""), "[] known"},
		"a path leads out":                 {zipOf(zip.Store, "a/../../b", "1"), "[Escape] known |a/../../b|1"},
		"a path is absolute":               {zipOf(zip.Store, "/b", "1"), "[Escape] known |/b|1"},
		"a path has a drive":               {zipOf(zip.Store, "C:b", "1"), "[Escape] known |C:b|1"},
		"a path has a backslash":           {zipOf(zip.Store, `..\b`, "1"), `[Escape] known |..\b|1`},
	} {
		t.Run(name, func(t *testing.T) {
			equal(t, reads(Zip, c.data), c.want)
		})
	}
}

func TestAnotherPathInAnExtraField(t *testing.T) {
	out := new(bytes.Buffer)
	w := zip.NewWriter(out)
	f, _ := w.CreateHeader(&zip.FileHeader{Name: "a", Extra: append([]byte{0x75, 0x70, 6, 0, 1, 0, 0, 0, 0}, 'b')})
	_, _ = io.WriteString(f, "1")
	_ = w.Close()
	equal(t, reads(Zip, out.Bytes()), "[HeaderMismatch] known |a|1")
}

func TestTarFiles(t *testing.T) {
	global := tar.Header{Typeflag: tar.TypeXGlobalHeader, Name: "pax_global_header", PAXRecords: map[string]string{"comment": "x"}}
	data := tarOf(global, tar.Header{Name: "./", Typeflag: tar.TypeDir}, file("./b", "hello"), file("a.jar", string(zipOf(zip.Deflate, "x", "1"))),
		tar.Header{Name: "d/l", Typeflag: tar.TypeSymlink, Linkname: "../b"}, tar.Header{Name: "h", Typeflag: tar.TypeLink, Linkname: "./b"})
	want := fmt.Sprintf("[] known |a.jar|%d |b|5 |d/l|4 |h|1 a.jar|x|1", len(zipOf(zip.Deflate, "x", "1")))
	equal(t, reads(Tar, data), want)
	equal(t, reads(TarGz, gzipOf(data)), want)
	equal(t, reads(Tar, tarOf(file("in.tgz", string(gzipOf(tarOf(file("x", "1"))))))), fmt.Sprintf("[] known |in.tgz|%d in.tgz|x|1", len(gzipOf(tarOf(file("x", "1"))))))
}

func TestTarFilesThatLie(t *testing.T) {
	data := tarOf(file("a", "hello"))
	link := func(name, to string) []byte {
		return tarOf(tar.Header{Name: name, Typeflag: tar.TypeSymlink, Linkname: to})
	}
	sparse := bytes.Clone(data)
	sparse[156] = tar.TypeGNUSparse
	copy(sparse[257:], "ustar  \x00")
	clear(sparse[386 : 386+126])
	copy(sparse[386:], "00000000000\x0000000000005\x00")
	copy(sparse[483:], "77777777777\x00")
	sum := int64(0)
	copy(sparse[148:], "        ")
	for _, b := range sparse[:512] {
		sum += int64(b)
	}
	copy(sparse[148:], fmt.Sprintf("%06o\x00 ", sum))
	// One more record of sizes, which the header has already.
	twice := tarOf(tar.Header{Name: "a", Typeflag: tar.TypeReg, Linkname: "hello", PAXRecords: map[string]string{"comment": "12345"}, Format: tar.FormatPAX})
	record := bytes.Index(twice, []byte("17 comment=12345\n"))
	if record < 0 {
		t.Fatalf("%q", twice[512:600])
	}
	copy(twice[record:], "17 size=00000005\n")
	for name, c := range map[string]struct {
		format string
		data   []byte
		want   string
	}{
		"two entries of one path":   {Tar, tarOf(file("a", "1"), file("./a", "2")), "[DuplicateEntry] known |a|1 |a|1"},
		"a path leads out":          {Tar, tarOf(file("../a", "1")), "[Escape] known |../a|1"},
		"a link leads out":          {Tar, link("d/l", "../../x"), "[Escape] known |d/l|7"},
		"a link leads out and back": {Tar, link("l", "../d/l"), "[Escape] known |l|6"},
		"a link is absolute":        {Tar, link("l", "/etc"), "[Escape] known |l|4"},
		"a hard link leads out":     {Tar, tarOf(tar.Header{Name: "d/h", Typeflag: tar.TypeLink, Linkname: "../x"}), "[Escape] known |d/h|4"},
		"a device":                  {Tar, tarOf(tar.Header{Name: "d", Typeflag: tar.TypeBlock}), "[SpecialFile] known"},
		"something follows":         {Tar, append(bytes.Clone(data), "x"...), "[TrailingData] known |a|5"},
		"another tar file follows":  {Tar, append(bytes.Clone(data), data...), "[TrailingData] known |a|5"},
		"zeros follow":              {Tar, append(bytes.Clone(data), make([]byte, 8192)...), "[] known |a|5"},
		"many zeros follow":         {Tar, append(bytes.Clone(data), make([]byte, maxTarPadding+1)...), "[TrailingData] known |a|5"},
		"something follows gzip":    {TarGz, append(gzipOf(data), "not gzip, and longer than a header"...), "[TrailingData] known |a|5"},
		"more gzip follows":         {TarGz, append(gzipOf(data), gzipOf(data)...), "[TrailingData] known |a|5"},
		"the end is cut":            {Tar, data[:514], "[Unreadable] unknown |a|2?"},
		"no gzip":                   {TarGz, data, "[Unreadable] unknown"},
		"gzip is cut":               {TarGz, gzipOf(data)[:20], "[Unreadable] unknown"},
		"no tar":                    {Tar, bytes.Repeat([]byte("x"), 1024), "[Unreadable] unknown"},
		"a file with holes":         {Tar, sparse, "[Unreadable] unknown |a|0?"},
		"a size in two places":      {Tar, twice, "[HeaderMismatch] known |a|5"},
	} {
		t.Run(name, func(t *testing.T) { equal(t, reads(c.format, c.data), c.want) })
	}
}

func TestLimits(t *testing.T) {
	small := limits{entries: 3, names: 100, inflated: 4000, entry: 1500, held: 600}
	zeros := func(n int) string { return strings.Repeat("\x00", n) }
	for name, c := range map[string]struct {
		format string
		data   []byte
		want   string
	}{
		"entries":         {Zip, zipOf(zip.Store, "1", "", "2", "", "3", ""), "[] known |1|0 |2|0 |3|0"},
		"too many":        {Zip, zipOf(zip.Store, "1", "", "2", "", "3", "", "4", ""), "[TooManyEntries] unknown"},
		"too many in all": {Zip, zipOf(zip.Store, "1", "", "2.zip", string(zipOf(zip.Store, "3", "", "4", ""))), "[TooManyEntries] unknown |1|0 |2.zip|246"},
		"too many of tar": {Tar, tarOf(file("1", ""), file("2", ""), file("3", ""), file("4", "")), "[TooManyEntries] unknown |1|0 |2|0 |3|0"},
		"names":           {Zip, zipOf(zip.Store, strings.Repeat("a", 101), ""), "[TooManyEntries] unknown"},
		"an entry":        {Zip, zipOf(zip.Deflate, "a", "1", "b", zeros(1501), "c", ""), "[TooBig] unknown |a|1"},
		"all":             {Zip, zipOf(zip.Deflate, "a", zeros(1500), "b", zeros(1500), "c", zeros(1001)), "[TooBig] unknown |a|1500 |b|1500"},
		"all of tar":      {TarGz, gzipOf(tarOf(file("a", zeros(1500)), file("b", zeros(1500)))), "[TooBig] unknown |a|1500"},
		"inner ones":      {Zip, zipOf(zip.Deflate, "a.zip", string(zipOf(zip.Deflate, "b", zeros(1400))), "c.zip", zeros(601)), "[TooBig] unknown |a.zip|151 |c.zip|601 a.zip|b|1400"},
	} {
		t.Run(name, func(t *testing.T) { equal(t, readsWithin(c.format, c.data, small), c.want) })
	}
}

// A bomb of 100 MB in 100 KB, also within others.
func TestBombs(t *testing.T) {
	bomb := zipOf(zip.Deflate, "zeros", strings.Repeat("\x00", 100_000_000))
	equal(t, reads(Zip, bomb), "[TooBig] unknown")
	inner := zipOf(zip.Store, "a.zip", string(zipOf(zip.Deflate, "b.jar", string(bomb))))
	if got := reads(Zip, inner); !strings.HasPrefix(got, "[TooBig] unknown |a.zip|") {
		t.Error(got)
	}
	if got := reads(TarGz, gzipOf(tarOf(file("a.zip", string(bomb))))); !strings.HasPrefix(got, "[TooBig] unknown |a.zip|") {
		t.Error(got)
	}
}

func TestDeepArchives(t *testing.T) {
	data := zipOf(zip.Store, "x", "1")
	for range MaxDepth {
		data = zipOf(zip.Store, "a.zip", string(data))
	}
	if got := reads(Zip, data); !strings.HasPrefix(got, "[] known ") || !strings.HasSuffix(got, " a.zip!a.zip!a.zip|x|1") {
		t.Error(got)
	}
	if got := reads(Zip, zipOf(zip.Store, "a.zip", string(data))); !strings.HasPrefix(got, "[TooDeep] known ") || strings.Contains(got, "|x|") {
		t.Error(got)
	}
}

func TestTheMostEntries(t *testing.T) {
	texts := make([]string, 0, 2*MaxEntries+2)
	for i := range MaxEntries {
		texts = append(texts, fmt.Sprint(i), "")
	}
	data := zipOf(zip.Store, texts...)
	if c := Read(Zip, bytes.NewReader(data), int64(len(data))); len(c.Entries) != MaxEntries || c.Problems != nil {
		t.Error(len(c.Entries), c.Problems)
	}
	equal(t, reads(Zip, zipOf(zip.Store, append(texts, "more", "")...)), "[TooManyEntries] unknown")
}

func TestFormats(t *testing.T) {
	for name, want := range map[string]string{"a.jar": Zip, "A.WHL": Zip, "a.tar.gz": TarGz, "a.tgz": TarGz, "a.tar": Tar, "jar": "", "a.jar.asc": "", "a.gz": ""} {
		if got := Format(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
}

func FuzzZip(f *testing.F) {
	f.Add(zipOf(zip.Deflate, "a/", "", "b.txt", "hello", "c.jar", string(zipOf(zip.Store, "x", "1"))))
	f.Add(zipOf(zip.Store, "../a", "1"))
	f.Fuzz(func(t *testing.T, data []byte) { bounded(t, Zip, data) })
}

func FuzzTar(f *testing.F) {
	f.Add(tarOf(file("a", "hello"), file("b.jar", string(zipOf(zip.Store, "x", "1")))))
	f.Add(tarOf(tar.Header{Name: "l", Typeflag: tar.TypeSymlink, Linkname: "../x"}))
	f.Fuzz(func(t *testing.T, data []byte) { bounded(t, Tar, data) })
}

func FuzzTarGz(f *testing.F) {
	f.Add(gzipOf(tarOf(file("a", "hello"))))
	f.Fuzz(func(t *testing.T, data []byte) { bounded(t, TarGz, data) })
}

// bounded checks what holds of all data.
func bounded(t *testing.T, format string, data []byte) {
	l := limits{entries: 100, names: 10_000, inflated: 1 << 20, entry: 1 << 19, held: 1 << 18}
	c := read(format, bytes.NewReader(data), int64(len(data)), l)
	if len(c.Entries) > l.entries || (c.Content == "") != (slices.Contains(c.Problems, Unreadable) || c.Content == "") {
		t.Errorf("%d entries, %v", len(c.Entries), c.Problems)
	}
	for _, each := range c.Entries {
		if each.SHA256 == "" && (c.Content != "" || c.Problems == nil) {
			t.Errorf("%+v is not known, and %v", each, c.Problems)
		}
	}
}
