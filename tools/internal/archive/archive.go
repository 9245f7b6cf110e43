// Package archive reads what a build made: zip files (jars, wheels), tar files, and images in the OCI layout. All that it reads is hostile.
//   - What is found is normalized: times, owners, and the order of entries are left out. Archives within archives are read, too.
//   - What two programs could understand differently is a problem, and is reported as a fact: the archive is read all the same.
//   - Declared sizes are never trusted: bytes are counted while they are inflated.
//
// What it keeps is bounded. It must run in a process whose memory and time are limited.
package archive

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"path"
	"slices"
	"strings"
)

const (
	// MaxEntries limits all entries of an artifact, folders too.
	MaxEntries = 100_000
	// MaxNames limits the bytes of their names.
	MaxNames = 16 << 20
	// MaxName limits one name.
	MaxName = 4096
	// MaxInflated and MaxEntry limit what is read of an artifact and of one entry, in bytes.
	MaxInflated = 2 << 30
	MaxEntry    = 512 << 20
	// MaxRatio limits how many times the size of the artifact is read of it, once that is more than RatioFrom.
	MaxRatio  = 200
	RatioFrom = 16 << 20
	// MaxDepth limits how many archives are around an entry, beside the artifact.
	MaxDepth = 3
	// maxHeld limits the bytes of inner archives that are in memory at once.
	maxHeld = 64 << 20
)

// Problems of an archive.
const (
	// DuplicateEntry: two entries have the same path.
	DuplicateEntry = "DuplicateEntry"
	// HeaderMismatch: two places that describe the same content differ, or the content differs from them.
	HeaderMismatch = "HeaderMismatch"
	// LeadingData, TrailingData and HiddenData: bytes before, after and in the archive belong to no entry.
	LeadingData  = "LeadingData"
	TrailingData = "TrailingData"
	HiddenData   = "HiddenData"
	// Overlap: two entries have bytes in common.
	Overlap = "Overlap"
	// Escape: a path or the target of a link leaves the folder into which the archive is extracted, or does so for some programs.
	Escape = "Escape"
	// SpecialFile: an entry is neither a file, a folder nor a link.
	SpecialFile = "SpecialFile"
	// TooBig, TooManyEntries: a limit ended the reading.
	TooBig         = "TooBig"
	TooManyEntries = "TooManyEntries"
	// TooDeep: an archive within too many others was not opened.
	TooDeep = "TooDeep"
	// Unreadable: something is damaged, encrypted, or in a format that is not read.
	Unreadable = "Unreadable"
)

// Contents are what was found in an archive.
type Contents struct {
	// Format is that of the artifact: zip, tar or oci.
	Format string
	// Entries are files and links, those of the artifact itself first, and then by their archive and path.
	Entries []Entry
	// Content is the digest of all entries, empty if not all could be read.
	Content string
	// Problems are sorted and distinct.
	Problems []string
}

// Entry is a file or a link. Its texts have the bytes that the archive has.
type Entry struct {
	// In is the archive within the artifact that has this entry, empty if it is the artifact itself. An archive within another comes
	// after it and "!".
	In, Path string
	Size     int64
	// SHA256 is the digest of its content; of a link, that of its target. It is empty if the entry could not be read.
	SHA256 string
	// Mode has the permissions, empty if the archive does not have them.
	Mode string
	Link bool
}

// extensions are those of the formats that are read.
var extensions = []struct{ extension, format string }{
	{".jar", Zip}, {".war", Zip}, {".ear", Zip}, {".aar", Zip}, {".whl", Zip}, {".egg", Zip}, {".zip", Zip}, {".nupkg", Zip},
	{".tar", Tar}, {".tar.gz", TarGz}, {".tgz", TarGz}, {".crate", TarGz},
}

// The formats.
const (
	Zip   = "zip"
	Tar   = "tar"
	TarGz = "tgz"
	OCI   = "oci"
)

// Format returns the format of an archive, by its name, empty if it is none.
func Format(name string) string {
	name = strings.ToLower(name)
	for _, each := range extensions {
		if strings.HasSuffix(name, each.extension) {
			return each.format
		}
	}
	return ""
}

// limits are variables for tests.
type limits struct {
	entries, names        int
	inflated, entry, held int64
}

var standard = limits{MaxEntries, MaxNames, MaxInflated, MaxEntry, maxHeld}

// errLimit ends the reading of the whole artifact. Its problem is noted.
var errLimit = errors.New("a limit is reached")

// reader reads one artifact.
type reader struct {
	limits
	found    []Entry
	problems map[string]bool
	// whole is false if the content of something is not known.
	whole bool
	// seen and nameBytes count entries and their names, inflated what was read of at most maxInflated bytes, and inMemory what is held.
	seen, nameBytes                 int
	inflated, maxInflated, inMemory int64
	buffer                          []byte
}

// Read reads an artifact of a format.
func Read(format string, file io.ReaderAt, size int64) Contents {
	return read(format, file, size, standard)
}

func read(format string, file io.ReaderAt, size int64, l limits) Contents {
	r := newReader(size, l)
	if format == Tar {
		if layout := layoutOf(file, size); layout != nil {
			a := &inner{reader: r, paths: map[string]bool{}, outer: true}
			if a.tar(io.NewSectionReader(file, 0, size)) == nil {
				_ = r.image(layout)
			}
			format = OCI
		}
	}
	if format != OCI {
		_ = r.open(format, file, size, "", 0)
	}
	c := r.contents()
	if c.Format = format; format == TarGz {
		c.Format = Tar
	}
	return c
}

func newReader(size int64, l limits) *reader {
	return &reader{limits: l, problems: map[string]bool{}, whole: true, maxInflated: min(l.inflated, max(RatioFrom, MaxRatio*size)), buffer: make([]byte, 64<<10)}
}

func (r *reader) open(format string, file io.ReaderAt, size int64, in string, depth int) error {
	inner := &inner{reader: r, in: in, depth: depth, paths: map[string]bool{}}
	switch format {
	case Zip:
		return inner.zip(file, size)
	case Tar:
		return inner.tar(io.NewSectionReader(file, 0, size))
	case TarGz:
		return inner.gzip(io.NewSectionReader(file, 0, size))
	}
	return r.lacks(Unreadable)
}

// has notes a problem in spite of which all of the content is known.
func (r *reader) has(problem string) { r.problems[problem] = true }

// lacks notes a problem because of which something is not known. It returns nil: the rest is read.
func (r *reader) lacks(problem string) error {
	r.has(problem)
	r.whole = false
	return nil
}

// stop notes a limit.
func (r *reader) stop(problem string) error {
	_ = r.lacks(problem)
	return errLimit
}

func (r *reader) contents() Contents {
	slices.SortStableFunc(r.found, func(a, b Entry) int {
		if order := strings.Compare(a.In, b.In); order != 0 {
			return order
		}
		return strings.Compare(a.Path, b.Path)
	})
	c := Contents{Entries: r.found}
	for each := range r.problems {
		c.Problems = append(c.Problems, each)
	}
	slices.Sort(c.Problems)
	if r.whole {
		sum := sha256.New()
		for _, each := range r.found {
			fmt.Fprintf(sum, "%t %s %d %s %s\x00%s\x00", each.Link, each.Mode, each.Size, each.SHA256, each.In, each.Path)
		}
		c.Content = hex.EncodeToString(sum.Sum(nil))
	}
	return c
}

// inner is one archive: the artifact itself, or one within it.
type inner struct {
	*reader
	in    string
	depth int
	// counted means that what is read of an entry was counted before.
	counted bool
	// layer is an image's: its links are those of the image's own file system. Outer is a tar file of which only the headers are read.
	layer, outer bool
	// paths are those that were seen; true if it is a folder's.
	paths map[string]bool
}

// named counts an entry, and checks its name. Folder says whether it is one.
func (a *inner) named(name string, folder bool) error {
	a.seen++
	a.nameBytes += len(name) + len(a.in)
	if a.seen > a.entries || a.nameBytes > a.names || len(name) > MaxName {
		return a.stop(TooManyEntries)
	}
	if escapes(name) {
		a.has(Escape)
	}
	key := path.Clean("/" + name)
	if before, known := a.paths[key]; known && !(before && folder) {
		a.has(DuplicateEntry)
	}
	a.paths[key] = folder
	return nil
}

// escapes reports whether a name leads out of the folder into which it is extracted, or does where "\" separates names.
func escapes(name string) bool {
	return name == "" || name[0] == '/' || strings.ContainsAny(name, "\\\x00") || len(name) > 1 && name[1] == ':' || slices.Contains(strings.Split(name, "/"), "..")
}

// link adds a link. Its target is relative to its folder, or, where it is another entry of the archive, to the root.
func (a *inner) link(name, target, mode string, hard bool) {
	if !a.layer {
		a.leads(name, target, hard)
	}
	sum := sha256.Sum256([]byte(target))
	a.add(Entry{a.in, name, int64(len(target)), hex.EncodeToString(sum[:]), mode, true})
}

// leads checks where a link leads.
func (a *inner) leads(name, target string, hard bool) {
	from := path.Dir("/" + name)
	if hard {
		from = "/"
	}
	// Each ".." beyond the root is one too many: path.Join would hide it.
	depth := strings.Count(strings.Trim(from, "/")+"/", "/")
	if from == "/" {
		depth = 0
	}
	for _, each := range strings.Split(target, "/") {
		switch each {
		case "", ".":
		case "..":
			depth--
		default:
			depth++
		}
		if depth < 0 {
			a.has(Escape)
			break
		}
	}
	if target == "" || target[0] == '/' || strings.ContainsAny(target, "\\\x00") {
		a.has(Escape)
	}
}

func (a *inner) add(e Entry) { a.found = append(a.found, e) }

// file reads a file of an archive, and opens it if it is an archive. Stored is its content where it can be read again, or nil. An error is
// the content's, or errLimit.
func (a *inner) file(name, mode string, content io.Reader, stored io.ReaderAt) (size int64, err error) {
	format := Format(name)
	if format != "" && a.depth == MaxDepth {
		a.has(TooDeep)
		format = ""
	}
	sum := sha256.New()
	var held *holder
	if format != "" && stored == nil {
		held = &holder{r: a.reader}
		defer held.release()
	}
	size, err = a.copy(sum, held, content)
	if err != nil {
		if err != errLimit {
			a.add(Entry{In: a.in, Path: name, Size: size, Mode: mode})
		}
		return size, err
	}
	a.add(Entry{a.in, name, size, hex.EncodeToString(sum.Sum(nil)), mode, false})
	if format == "" {
		return size, nil
	}
	if held != nil {
		if held.over {
			return size, a.lacks(TooBig)
		}
		stored = bytes.NewReader(held.data.Bytes())
	}
	in := name
	if a.in != "" {
		in = a.in + "!" + name
	}
	return size, a.open(format, stored, size, in, a.depth+1)
}

// copy reads to the end, or to a limit.
func (a *inner) copy(sum hash.Hash, held *holder, content io.Reader) (size int64, err error) {
	for {
		n, err := content.Read(a.buffer)
		size += int64(n)
		more := n
		if a.counted {
			more = 0
		}
		if err := a.count(more, size); err != nil {
			return size, err
		}
		sum.Write(a.buffer[:n])
		if held != nil {
			held.write(a.buffer[:n])
		}
		if err == io.EOF {
			return size, nil
		}
		if err != nil {
			return size, err
		}
	}
}

// count counts bytes that were read, of an entry of which so many were read.
func (r *reader) count(n int, size int64) error {
	if r.inflated += int64(n); size > r.entry || r.inflated > r.maxInflated {
		return r.stop(TooBig)
	}
	return nil
}

// holder has an inner archive in memory, unless it is too big.
type holder struct {
	r    *reader
	data bytes.Buffer
	kept int64
	over bool
}

func (h *holder) write(data []byte) {
	if h.over || h.r.inMemory+int64(len(data)) > h.r.held {
		h.over = true
		h.release()
		return
	}
	h.data.Write(data)
	h.kept += int64(len(data))
	h.r.inMemory += int64(len(data))
}

func (h *holder) release() {
	h.r.inMemory -= h.kept
	h.kept, h.data = 0, bytes.Buffer{}
}
