package workspace

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"time"

	"cleanroom.dev/tools/internal/archive"
	"cleanroom.dev/tools/internal/sarif"
)

const (
	// MaxArtifacts and MaxReports limit what is found.
	MaxArtifacts = 50
	MaxReports   = 20
	// maxListed and maxListedText limit the entries of all artifacts that are named, and their texts in bytes, and so the results of all
	// reports. The others are counted.
	maxListed     = 5_000
	maxListedText = 4 << 20
	// archiveTime and reportTime limit how long one artifact, or one report, may be read.
	archiveTime = 20 * time.Second
	reportTime  = 10 * time.Second
)

// Artifact is a file, or a folder with an image, that the build was to make.
type Artifact struct {
	Path string
	Size int64
	// SHA256 is empty if the file was not read. Of a folder it is that of its index.json, and Size is that of all its files.
	SHA256 *[sha256.Size]byte
	// Format is zip, tar, oci or file.
	Format string
	// Entries are the first ones, and Count counts all. Content is the digest of all, empty if they are not all known.
	Entries []archive.Entry
	Count   int
	Content string
	// Problems are those of package archive; besides, Changed and TooSlow.
	Problems []string
}

// Report is one of a scanner.
type Report struct {
	Path   string
	SHA256 *[sha256.Size]byte
	// Log has the first results, and Omitted is how many others there are.
	sarif.Log
	Omitted int
	// Problem is Unreadable, Changed, Unparsable or TooLong, empty if the report was read.
	Problem string
}

// Declared are artifacts and reports, sorted by path.
type Declared struct {
	Artifacts []Artifact
	Reports   []Report
	// Reason says why some may be missing, or were not read to the end.
	ArtifactsReason, ReportsReason string
}

// Declared finds and reads what matches the patterns, in a workspace of which now was read. Archives and reports are parsed by the child.
func (c Child) Declared(ctx context.Context, root string, now *Reading, artifacts, reports []Pattern) (d Declared) {
	if now == nil {
		return Declared{ArtifactsReason: TooSlow, ReportsReason: TooSlow}
	}
	d.ArtifactsReason, d.ReportsReason = now.Reason, now.Reason
	beneath, err := openRoot(root)
	if err != nil {
		return Declared{ArtifactsReason: RootUnreadable, ReportsReason: RootUnreadable}
	}
	defer beneath.close()
	f := finder{ctx, c, &now.tree, beneath}
	entries, results := listed{}, listed{}
	for _, i := range f.find(reports, MaxReports, false, &d.ReportsReason) {
		d.Reports = append(d.Reports, f.report(i, &results))
	}
	if ctx.Err() != nil {
		d.ReportsReason = cmp.Or(d.ReportsReason, TooSlow)
	}
	for _, i := range f.find(artifacts, MaxArtifacts, true, &d.ArtifactsReason) {
		d.Artifacts = append(d.Artifacts, f.artifact(i, &entries))
		if slices.Contains(d.Artifacts[len(d.Artifacts)-1].Problems, TooSlow) {
			d.ArtifactsReason = cmp.Or(d.ArtifactsReason, TooSlow)
		}
	}
	return d
}

type finder struct {
	ctx   context.Context
	child Child
	tree  *tree
	root  beneath
}

// find returns what matches, in the order of the paths. Of a folder only an image is something, and then nothing in it is.
func (f finder) find(patterns []Pattern, limit int, images bool, reason *string) (found []uint32) {
	if len(patterns) == 0 {
		return nil
	}
	image := ""
	for i := range f.tree.sorted() {
		if f.ctx.Err() != nil {
			*reason = cmp.Or(*reason, TooSlow)
			break
		}
		path := f.tree.path(i)
		if image != "" && strings.HasPrefix(path, image) {
			continue
		}
		folder := f.tree.nodes[i].kind == kindFolder
		if folder && !(images && f.image(i)) || !slices.ContainsFunc(patterns, func(p Pattern) bool { return p.Matches(path) }) {
			continue
		}
		if folder {
			image = path + "/"
		}
		if len(found) == limit {
			*reason = cmp.Or(*reason, TooManyFiles)
			break
		}
		found = append(found, i)
	}
	return found
}

// image reports whether a folder has the OCI layout of images.
func (f finder) image(i uint32) bool {
	_, layout := f.tree.child(i, "oci-layout")
	_, index := f.tree.child(i, "index.json")
	return layout && index
}

// file opens a file that is still what was read, and calls use. It returns why it could not be used, or is another one now.
func (f finder) file(i uint32, use func(fd int, size int64)) (problem string) {
	n := &f.tree.nodes[i]
	if n.kind != kindFile || n.has&read == 0 {
		return Unreadable
	}
	fd, before, err := f.root.file(f.tree.path(i))
	if err != nil {
		return why(err)
	}
	defer shut(fd)
	if before.stamp() != n.stamp {
		return Changed
	}
	use(fd, before.size)
	if after, err := stat(fd); err != nil || after != before {
		return Changed
	}
	return ""
}

// sum is the digest of a file that was read.
func (f finder) sum(i uint32) *[sha256.Size]byte {
	if n := &f.tree.nodes[i]; n.kind == kindFile && n.has&read != 0 {
		return &n.sum
	}
	return nil
}

func (f finder) artifact(i uint32, listed *listed) Artifact {
	n := &f.tree.nodes[i]
	a := Artifact{Path: f.tree.path(i), Size: n.size, SHA256: f.sum(i), Format: "file"}
	var problem string
	format := archive.Format(a.Path)
	switch {
	case n.kind == kindFolder:
		a.Size, a.Format = f.size(i), archive.OCI
		problem = f.layout(i, &a, listed)
	case format == "":
		problem = f.file(i, func(int, int64) {})
	default:
		a.Format = format
		if format == archive.TarGz {
			a.Format = archive.Tar
		}
		problem = f.file(i, func(fd int, _ int64) { f.child.archive(f.ctx, format, fd, &a, listed) })
	}
	if problem != "" {
		a.Problems = append(a.Problems, problem)
		a.Content = ""
	}
	slices.Sort(a.Problems)
	a.Problems = slices.Compact(a.Problems)
	return a
}

// size is that of all files beneath a folder.
func (f finder) size(i uint32) (size int64) {
	for each := range f.tree.beneath(i) {
		size += f.tree.nodes[each].size
	}
	return size
}

// layout reads an image in a folder, whose files are still what was read.
func (f finder) layout(i uint32, a *Artifact, listed *listed) (problem string) {
	if index, ok := f.tree.child(i, "index.json"); ok {
		a.SHA256 = f.sum(index)
	}
	fd, err := f.root.folder(a.Path)
	if err != nil {
		return why(err)
	}
	defer shut(fd)
	f.child.archive(f.ctx, archive.OCI, fd, a, listed)
	for each := range f.tree.beneath(i) {
		n := &f.tree.nodes[each]
		if n.kind == kindFolder {
			continue
		}
		if n.kind != kindFile || n.has&read == 0 {
			return Unreadable
		}
		if now, err := f.root.state(f.tree.path(each)); err != nil || now.stamp() != n.stamp {
			return Changed
		}
	}
	return ""
}

func (f finder) report(i uint32, listed *listed) Report {
	r := Report{Path: f.tree.path(i), SHA256: f.sum(i)}
	var failed error
	problem := f.file(i, func(fd int, size int64) {
		if failed = errTooLong; size <= sarif.MaxSize {
			failed = f.child.report(f.ctx, fd, &r, listed)
		}
	})
	switch {
	case problem != "":
		r.Problem = problem
	case errors.Is(failed, errTooLong):
		r.Problem = TooLong
	case failed != nil:
		r.Problem = Unparsable
	}
	if r.Problem != "" {
		r.Log, r.Omitted = sarif.Log{}, 0
	}
	return r
}
