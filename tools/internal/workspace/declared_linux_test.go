package workspace

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"cleanroom.dev/tools/internal/archive"
	"cleanroom.dev/tools/internal/sarif"
)

func TestNewEntries(t *testing.T) {
	f := newFolder(t)
	f.write("old", "1", "src/A.java", "1")
	before := f.read()
	f.write("a.txt", "12", "z/run", "#!", "native.so", "\x7fELF", "x/pom.xml", "<x/>", "src/B.java", "1")
	f.do(os.Chmod(f.at("z/run"), 0o755))
	f.do(os.Mkdir(f.at("empty"), 0o755))
	f.do(os.Symlink("a.txt", f.at("link")))
	f.do(unix.Mkfifo(f.at("fifo"), 0o644))
	var got []string
	for _, each := range Compare(t.Context(), f.root, before.Entries()).New {
		got = append(got, fmt.Sprintf("%s %d%s%t%t", each.Path, each.Size, each.Type, each.Executable, each.Native))
	}
	f.equal(strings.Join(got, "; "), "x/pom.xml 4filefalsefalse; native.so 4filefalsetrue; z/run 2filetruefalse; a.txt 2filefalsefalse; empty 0folderfalsefalse; "+
		"fifo 0otherfalsefalse; link 5linkfalsefalse; src/B.java 1filefalsefalse")
}

func TestTheMostNewEntries(t *testing.T) {
	f := newFolder(t)
	before := f.read()
	for i := range MaxNew + 1 {
		f.write(fmt.Sprintf("a/%03d", i), "")
	}
	f.write("z/run.sh", "")
	if d := Compare(t.Context(), f.root, before.Entries()); len(d.New) != MaxNew || d.New[0].Path != "z/run.sh" || d.Added != MaxNew+4 {
		t.Errorf("%d, %v, %d", len(d.New), d.New[0], d.Added)
	}
}

// A file that only the build's user may read is known by what can be seen without opening it.
func TestANewProgramThatCannotBeRead(t *testing.T) {
	f := newFolder(t)
	before := f.read()
	f.write("a", "1", "run", "12345")
	f.do(os.Chmod(f.at("run"), 0o700))
	f.public()
	as(t, func() {
		if d := Compare(t.Context(), f.root, before.Entries()); len(d.New) != 2 || d.New[0] != (New{"run", 5, "file", true, false}) {
			t.Errorf("%+v", d.New)
		}
	})
}

// patterns are those of texts.
func patterns(t *testing.T, texts ...string) (all []Pattern) {
	for _, each := range texts {
		p, err := ParsePattern(each)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// declared reads what is declared, as a build has it.
func (f folder) declared(artifacts, reports []Pattern) Declared {
	return self.Declared(f.Context(), f.root, Compare(f.Context(), f.root, nil).Now, artifacts, reports)
}

func (d Declared) String() string {
	var all []string
	for _, each := range d.Artifacts {
		all = append(all, fmt.Sprintf("%s %s%d %d%t%t%v", each.Path, each.Format, each.Size, each.Count, len(each.Content) > 0, each.SHA256 != nil, each.Problems))
	}
	for _, each := range d.Reports {
		all = append(all, fmt.Sprintf("%s %s%d%d%t%s", each.Path, each.Tool, each.Total, len(each.Results), each.SHA256 != nil, each.Problem))
	}
	return strings.Join(append(all, d.ArtifactsReason+"/"+d.ReportsReason), "; ")
}

// zipOf makes a zip file of names and contents.
func zipOf(method uint16, texts ...string) string {
	out := new(bytes.Buffer)
	w := zip.NewWriter(out)
	for i := 0; i < len(texts); i += 2 {
		file, _ := w.CreateHeader(&zip.FileHeader{Name: texts[i], Method: method})
		_, _ = io.WriteString(file, texts[i+1])
	}
	_ = w.Close()
	return out.String()
}

const scanned = `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"scan"}},"results":[{"ruleId":"a"},{"ruleId":"a"},{"ruleId":"b","level":"error"}]}]}`

func TestArtifactsAndReports(t *testing.T) {
	f := newFolder(t)
	jar := zipOf(zip.Deflate, "b.txt", "hello", "\xff\n.jar", zipOf(zip.Store, "x", "1"))
	f.write("target/app.jar", jar, "target/broken.jar", "x", "target/tool", "\x7fELF", "target/classes/A.class", "1", "target/scan.sarif", scanned, "target/bad.sarif", "{}")
	f.do(os.Symlink("app.jar", f.at("target/link.jar")))
	d := f.declared(patterns(t, "target/*.jar", "**/tool"), patterns(t, "**/*.sarif"))
	f.equal(d.String(), fmt.Sprintf("target/app.jar zip%d 3truetrue[]; target/broken.jar zip1 0falsetrue[Unreadable]; target/link.jar zip7 0falsefalse[Unreadable]; "+
		"target/tool file4 0falsetrue[]; target/bad.sarif 00trueUnparsable; target/scan.sarif scan32true; /", len(jar)))
	if d.Artifacts[0].SHA256 == nil || *d.Artifacts[0].SHA256 != sum(jar) {
		t.Errorf("%x", d.Artifacts[0].SHA256)
	}
	want := archive.Read(archive.Zip, strings.NewReader(jar), int64(len(jar)))
	if !slices.Equal(d.Artifacts[0].Entries, want.Entries) || d.Artifacts[0].Content != want.Content || len(want.Entries) != 3 {
		t.Errorf("%+v\nwant %+v", d.Artifacts[0], want)
	}
	f.equal(fmt.Sprint(d.Reports[1].Results[0].Rule, d.Reports[1].Results[1].Count), "b2")
	f.equal(f.declared(nil, nil).String(), "/")
}

func TestLimitsOfArtifactsAndReports(t *testing.T) {
	f := newFolder(t)
	for i := range max(MaxArtifacts, MaxReports) + 1 {
		f.write(fmt.Sprintf("%03d", i), "x")
	}
	d := f.declared(patterns(t, "*"), patterns(t, "*"))
	if len(d.Artifacts) != MaxArtifacts || len(d.Reports) != MaxReports || d.ArtifactsReason != TooManyFiles || d.ReportsReason != TooManyFiles {
		t.Errorf("%s", d)
	}
	f.do(os.Truncate(f.at("000"), sarif.MaxSize+1))
	f.write("001", `{"version":"2.1.0","runs":[{"results":[`+strings.Repeat("{},", sarif.MaxResults)+`{}]}]}`)
	f.equal(f.declared(nil, patterns(t, "000", "001")).String(), "000 00trueTooLong; 001 00trueTooLong; /")
	now := Compare(t.Context(), f.root, nil).Now
	now.Reason = TooManyBytes
	f.equal(self.Declared(t.Context(), f.root, now, nil, nil).String(), "TooManyBytes/TooManyBytes")
	f.equal(self.Declared(t.Context(), f.root, nil, nil, nil).String(), "TooSlow/TooSlow")
	f.equal(self.Declared(t.Context(), f.at("absent"), now, nil, nil).String(), "Unreadable/Unreadable")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	f.equal(self.Declared(ended, f.root, Compare(t.Context(), f.root, nil).Now, patterns(t, "*"), patterns(t, "*")).String(), "TooSlow/TooSlow")
}

func TestAnArtifactThatChangesMeanwhile(t *testing.T) {
	f := newFolder(t)
	f.write("a.jar", zipOf(zip.Store, "a", "1"), "b", "1", "c.jar", "1", "d.sarif", scanned)
	now := Compare(t.Context(), f.root, nil).Now
	f.write("a.jar", zipOf(zip.Store, "a", "2"), "b", "2", "d.sarif", scanned)
	f.do(os.Remove(f.at("c.jar")))
	f.equal(self.Declared(t.Context(), f.root, now, patterns(t, "a.jar", "b", "c.jar"), patterns(t, "d.sarif")).String(),
		"a.jar zip117 0falsetrue[Changed]; b file1 0falsetrue[Changed]; c.jar zip1 0falsetrue[Vanished]; d.sarif 00trueChanged; /")
}

// A process that is killed, or has no time, leaves a problem and no content.
func TestAnArtifactWhoseProcessFails(t *testing.T) {
	f := newFolder(t)
	f.write("a.jar", zipOf(zip.Store, "a", "1"), "d.sarif", scanned)
	now := Compare(t.Context(), f.root, nil).Now
	missing := Child{[]string{"/missing"}}.Declared(t.Context(), f.root, now, patterns(t, "a.jar"), patterns(t, "d.sarif"))
	f.equal(missing.String(), "a.jar zip117 0falsetrue[Unreadable]; d.sarif 00trueUnparsable; /")
	short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	slow := Child{[]string{"/bin/sh", "-c", "exec sleep 60"}}.Declared(short, f.root, now, patterns(t, "a.jar"), nil)
	f.equal(slow.String(), "a.jar zip117 0falsetrue[TooSlow]; TooSlow/")
}

// The memory of the process is enough for what the limits allow, and a bomb ends early.
func TestTheLargestArchives(t *testing.T) {
	f := newFolder(t)
	many := make([]string, 0, 2*archive.MaxEntries)
	for i := range archive.MaxEntries {
		many = append(many, fmt.Sprintf("%s%06d", strings.Repeat("a", 150), i), "")
	}
	// It does not compress well, so that only its size is a limit.
	random := make([]byte, 60<<20)
	_, _ = rand.NewChaCha8([32]byte{}).Read(random)
	f.write("bomb.jar", zipOf(zip.Deflate, "zeros", strings.Repeat("\x00", 200_000_000)),
		"held.jar", zipOf(zip.Deflate, "a.jar", zipOf(zip.Store, "b", string(random))), "many.jar", zipOf(zip.Store, many...), "more.jar", zipOf(zip.Store, append(many, "more", "")...))
	d := f.declared(patterns(t, "*.jar"), nil)
	var got []string
	for _, each := range d.Artifacts {
		got = append(got, fmt.Sprintf("%s%d%t%v", each.Path, each.Count, len(each.Content) > 0, each.Problems))
	}
	f.equal(strings.Join(got, " "), "bomb.jar0false[TooBig] held.jar2true[] many.jar100000true[] more.jar0false[TooManyEntries]")
	if named := len(d.Artifacts[2].Entries); named != maxListed-len(d.Artifacts[1].Entries) {
		t.Errorf("%d entries are named", named)
	}
}

// image writes an image in a folder: one layer with one file.
func (f folder) image(to string) {
	var layer bytes.Buffer
	w := tar.NewWriter(&layer)
	f.do(w.WriteHeader(&tar.Header{Name: "app", Mode: 0o755, Size: 1, Typeflag: tar.TypeReg}))
	_, err := w.Write([]byte("x"))
	f.do(errors.Join(err, w.Close()))
	blob := func(mediaType, content string) string {
		f.write(fmt.Sprintf("%s/blobs/sha256/%x", to, sum(content)), content)
		return fmt.Sprintf(`{"mediaType":%q,"digest":"sha256:%x"}`, mediaType, sum(content))
	}
	manifest := fmt.Sprintf(`{"config":%s,"layers":[%s]}`, blob("config", `{"os":"linux"}`), blob("layer.tar", layer.String()))
	f.write(to+"/oci-layout", "{}", to+"/index.json", `{"manifests":[`+blob("manifest", manifest)+`]}`)
}

func TestAnImageInAFolder(t *testing.T) {
	f := newFolder(t)
	f.image("dist/image")
	f.write("dist/other", "1")
	all := patterns(t, "dist/**")
	now := Compare(t.Context(), f.root, nil).Now
	d := self.Declared(t.Context(), f.root, now, all, nil)
	f.equal(fmt.Sprintf("%s; %v", d, d.Artifacts[0].Entries[1].In), fmt.Sprintf("dist/image oci%d 2truetrue[]; dist/other file1 0falsetrue[]; /; 0/0", d.Artifacts[0].Size))
	if content, err := os.ReadFile(f.at("dist/image/index.json")); err != nil || *d.Artifacts[0].SHA256 != sum(string(content)) {
		t.Error(err)
	}
	f.equal(self.Declared(t.Context(), f.root, now, patterns(t, "dist"), nil).String(), "/")
	f.write("dist/image/oci-layout", "{ }")
	f.equal(fmt.Sprint(self.Declared(t.Context(), f.root, now, patterns(t, "dist/image"), nil).Artifacts[0].Problems), "[Changed]")
	f.do(os.Remove(f.at("dist/image/index.json")))
	f.do(os.Symlink("/etc/hostname", f.at("dist/image/index.json")))
	f.equal(fmt.Sprint(f.declared(patterns(t, "dist/image"), nil).Artifacts[0].Problems), "[Unreadable]")
}

// The memory of the process is enough for the longest reports, and the observer's own does not depend on them.
func TestTheLongestReports(t *testing.T) {
	f := newFolder(t)
	report := func(text int) string {
		var results strings.Builder
		for i := range sarif.MaxResults {
			fmt.Fprintf(&results, `{"ruleId":"%06d","message":{"text":"%s"}},`, i, strings.Repeat("a", text))
		}
		return `{"version":"2.1.0","runs":[{"results":[` + strings.TrimSuffix(results.String(), ",") + `]}]}`
	}
	f.write("a", report(sarif.MaxSize/sarif.MaxResults-50), "b", report(0))
	d := f.declared(nil, patterns(t, "*"))
	f.equal(d.String(), fmt.Sprintf("a %d%dtrue; b %d0true; /", sarif.MaxResults, maxListed, sarif.MaxResults))
	f.equal(fmt.Sprint(d.Reports[0].Omitted, d.Reports[1].Omitted), fmt.Sprint(sarif.MaxResults-maxListed, sarif.MaxResults))
}
