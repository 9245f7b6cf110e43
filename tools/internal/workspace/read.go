package workspace

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"io"
	"io/fs"
	"math"
	"path"
	"runtime/debug"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"cleanroom.dev/tools/internal/lockfile"
)

// formatOf and maxOf are variables so that tests can have lockfiles of their own.
var (
	formatOf = lockfile.Format
	maxOf    = lockfile.Max
)

// limits are those of one reading.
type limits struct {
	// entries, and the bytes of their names without their folders'. What is beyond them is TooManyFiles.
	entries, names int
	// bytes of all files. A file that is longer than what is left of them is not read; shorter ones still are.
	bytes int64
	// files, lockfiles, dependencies and packages that are kept, and the bytes of dependencies' texts.
	files, lockfiles, dependencies, packages, unread int
	text                                             int
}

const (
	maxEntries = 200_000
	maxNames   = 16 << 20
	maxBytes   = 2 << 30
	// treeShare is the part of entries and bytes that is for fetched trees alone: a quarter. So neither hides the other.
	treeShare = 4
	// maxPath limits a path, as the kernel does. maxDepth limits how many folders are above an entry. What is in a folder beyond them is
	// not read: the folder is TooLong.
	maxPath  = 4095
	maxDepth = 256
	// maxText limits the texts of all dependencies.
	maxText = 16 << 20
	// endShare is the part of the time that is for packages and digests, which are made of what was read: a twentieth.
	endShare = 20
	// softMemoryOfReading is where the runtime begins to collect garbage all the time, so that two readings of 200,000 entries and a
	// process that parses a lockfile have place beside each other.
	softMemoryOfReading = 64 << 20
	// chunk is how much is read at once.
	chunk = 128 << 10
)

var standard = limits{
	entries: maxEntries, names: maxNames, bytes: maxBytes,
	files: MaxFiles, lockfiles: MaxLockfiles, dependencies: MaxDependencies, packages: MaxPackages, unread: MaxUnread, text: maxText,
}

// reader makes one reading.
type reader struct {
	// ctx ends a little before end, so that what was read can be reported.
	ctx, end context.Context
	s        Settings
	limits   limits
	root     beneath
	*Reading
	buffer []byte
	hash   hash.Hash
	// budget is how many bytes may have been read after what is read now.
	budget int64
	// dependencies are those of all lockfiles, with the first path that names them; text is the length of their texts.
	dependencies map[lockfile.Dependency]string
	text         int
	lockfiles    int
	packages     packages
}

// Read reads the workspace until it has read all or the context ends, which makes the reading TooSlow. It never returns nil.
func Read(ctx context.Context, s Settings) *Reading {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(softMemoryOfReading))
	return readWithin(ctx, s, standard)
}

func readWithin(ctx context.Context, s Settings, l limits) *Reading {
	early, cancel := earlier(ctx)
	defer cancel()
	r := &reader{
		ctx: early, end: ctx, s: s, limits: l, Reading: &Reading{tree: newTree()}, buffer: make([]byte, chunk), hash: sha256.New(),
		dependencies: map[lockfile.Dependency]string{},
	}
	root, err := openRoot(s.Root)
	if err != nil {
		r.Reason = RootUnreadable
		return r.Reading
	}
	defer root.close()
	r.root = root
	r.walk()
	first, others, trees := r.order()
	r.budget = r.limits.bytes - r.limits.bytes/treeShare
	if s.entries {
		r.each(first, r.plain)
	} else {
		r.each(first, r.build)
	}
	r.each(others, r.plain)
	r.budget = r.limits.bytes
	if s.entries {
		r.each(trees, r.plain)
	} else {
		r.fetched(trees)
	}
	r.finish()
	return r.Reading
}

// earlier leaves a part of the time for what follows the reading.
func earlier(ctx context.Context) (context.Context, context.CancelFunc) {
	end, limited := ctx.Deadline()
	if !limited {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, end.Add(-time.Until(end)/endShare))
}

// stop notes why something is missing.
func (r *reader) stop(reason string) {
	if r.Reason == "" {
		r.Reason = reason
	}
}

// late reports whether the time is over.
func (r *reader) late() bool {
	if r.ctx.Err() == nil {
		return false
	}
	r.stop(TooSlow)
	return true
}

func (r *reader) miss(path, reason string) {
	r.UnreadCount++
	if r.s.entries {
		return
	}
	if len(r.Unread) == r.limits.unread {
		r.stop(TooManyItems)
		return
	}
	r.Unread = append(r.Unread, Unread{path, reason})
}

// walk reads the names, those nearest to the root first, and in fetched trees after all others.
func (r *reader) walk() {
	queue, later := []uint32{0}, []uint32(nil)
	limit := r.limits.entries - r.limits.entries/treeShare
	for len(queue) > 0 || len(later) > 0 {
		if len(queue) == 0 {
			queue, later, limit = later, nil, r.limits.entries
			for _, each := range queue {
				r.tree.nodes[each].has |= fetched
			}
		}
		folder := queue[0]
		queue = queue[1:]
		if r.late() {
			return
		}
		if !r.names(folder, limit) {
			queue = nil
		}
		for i := range r.tree.content(folder) {
			switch n := &r.tree.nodes[i]; {
			case n.kind != kindFolder:
			case n.has&fetched == 0 && trees[r.tree.base(i)]:
				later = append(later, i)
			default:
				queue = append(queue, i)
			}
		}
	}
}

// names reads those of one folder. It returns false if there are more entries than the limit.
func (r *reader) names(folder uint32, limit int) bool {
	t := &r.tree
	name := t.path(folder)
	if len(name) > maxPath || t.depth(folder) > maxDepth {
		r.miss(name, TooLong)
		return true
	}
	first, fit := len(t.nodes), true
	err := r.root.names(name, r.buffer, func(name []byte, kind byte) bool {
		if len(name) > math.MaxUint8 {
			r.miss(path.Join(t.path(folder), string(name)), TooLong)
			return true
		}
		if fit = len(t.nodes) <= limit && len(t.names)+len(name) <= r.limits.names; fit {
			t.add(folder, name, kind)
		}
		return fit && r.ctx.Err() == nil
	})
	t.close(folder, first)
	if !fit {
		r.stop(TooManyFiles)
	}
	if err == nil {
		if fit && !r.late() {
			t.nodes[folder].has |= read
		}
		return fit
	}
	r.miss(name, why(err))
	if folder == 0 && len(t.nodes) == 1 {
		r.stop(RootUnreadable)
	}
	return fit
}

// order returns what is read first, what then, and the files and links of fetched trees. A folder of vendored sources that no package
// manager made is no tree.
func (r *reader) order() (first, others, trees []uint32) {
	t := &r.tree
	r.packages.trees = map[uint32]string{}
	for i := range t.nodes[1:] {
		i := uint32(i + 1)
		n := &t.nodes[i]
		above := t.nodes[n.parent].has & fetched
		if n.has&fetched != 0 && above == 0 {
			if ecosystem := t.ecosystem(i); ecosystem == "" {
				n.has &^= fetched
			} else {
				r.packages.trees[i] = ecosystem
			}
		} else {
			n.has = n.has&^fetched | above
		}
		switch {
		case n.kind == kindFolder:
		case n.has&fetched != 0:
			trees = append(trees, i)
		case t.controls(i):
			first = append(first, i)
		default:
			others = append(others, i)
		}
	}
	return first, others, trees
}

// controls reports whether a build does what this says, by its name.
func (t *tree) controls(i uint32) bool {
	n := &t.nodes[i]
	return n.kind != kindFolder && n.has&fetched == 0 && controls(t.path(i))
}

// each calls read for every node, until the time is over.
func (r *reader) each(nodes []uint32, read func(i uint32)) {
	for _, i := range nodes {
		if r.late() {
			return
		}
		read(i)
	}
}

func (r *reader) plain(i uint32) { r.entry(i, nil) }

// build reads a build file or a lockfile.
func (r *reader) build(i uint32) {
	name := r.tree.path(i)
	if r.tree.nodes[i].kind != kindFile {
		// A link, a FIFO, a socket: what a program finds there is something else.
		r.entry(i, nil)
		r.miss(name, Unreadable)
		return
	}
	if len(r.Files) == r.limits.files {
		r.stop(TooManyItems)
		r.entry(i, nil)
		return
	}
	format := ""
	if r.s.Parse != nil {
		format = formatOf(name)
	}
	if format != "" && r.lockfiles == r.limits.lockfiles {
		r.stop(TooManyItems)
		format = ""
	}
	var dependencies []lockfile.Dependency
	var failed error
	isText := true
	whole := r.entry(i, func(c *content) {
		c.text = new(utf8Check)
		if format != "" {
			r.lockfiles++
			if dependencies, failed = nil, errTooLong; c.before.size <= int64(maxOf(format)) {
				dependencies, failed = r.s.Parse(r.ctx, format, c)
			}
		}
		c.drain()
		isText = c.text.ok()
	})
	if !whole {
		return
	}
	n := &r.tree.nodes[i]
	file := File{Path: name, Size: n.size, SHA256: n.sum}
	switch {
	case !isText && !binaries[path.Ext(name)]:
		r.miss(name, NotUTF8)
	case format == "":
	case errors.Is(failed, errTooLong):
		r.miss(name, TooLong)
	case failed != nil:
		r.miss(name, Unparsable)
	default:
		file.Lockfile, file.Dependencies = format, len(dependencies)
		r.depend(name, dependencies)
	}
	r.Files = append(r.Files, file)
}

// depend keeps the dependencies of a lockfile. Each belongs to the first path that names it.
func (r *reader) depend(name string, dependencies []lockfile.Dependency) {
	for _, each := range dependencies {
		if first, known := r.dependencies[each]; known {
			r.dependencies[each] = min(first, name)
			continue
		}
		length := len(each.Ecosystem) + len(each.Name) + len(each.Version) + len(each.Source) + len(each.Integrity)
		if len(r.dependencies) == r.limits.dependencies || r.text+length > r.limits.text {
			r.stop(TooManyItems)
			return
		}
		r.text += length
		r.dependencies[each] = name
	}
}

// entry reads a link, or a file: use, if there is one, gets the content of a file, and what it leaves is read after it.
func (r *reader) entry(i uint32, use func(*content)) (whole bool) {
	n := &r.tree.nodes[i]
	if n.kind != kindFile && n.kind != kindLink {
		return false
	}
	n.has |= tried
	name := r.tree.path(i)
	if len(name) > maxPath {
		r.miss(name, TooLong)
		return false
	}
	if n.kind == kindLink {
		target, err := r.root.link(name)
		if err != nil {
			r.miss(name, why(err))
			return false
		}
		n.size, n.sum, n.has = int64(len(target)), sha256.Sum256([]byte(target)), n.has|read
		r.Bytes += n.size
		if n.has&fetched == 0 && leads(path.Base(name)) {
			r.miss(name, Unreadable)
		}
		return true
	}
	fd, before, shut, err := r.open(name)
	if err != nil {
		if seen, failed := r.root.state(name); failed == nil {
			n.stamp = seen.stamp()
			if r.s.entries && seen.kind == kindFile {
				// What was not read is not compared by these; they say what a new file is.
				n.size, n.mode = seen.size, seen.mode
			}
		}
		r.miss(name, why(err))
		return false
	}
	defer shut()
	n.stamp = before.stamp()
	if before.size > r.budget-r.Bytes {
		r.stop(TooManyBytes)
		return false
	}
	c := &content{r: r, fd: fd, before: before, hash: r.hash}
	c.hash.Reset()
	if use != nil {
		use(c)
	}
	c.drain()
	after, err := stat(fd)
	switch {
	case c.err == nil && err == nil && after == before && c.offset == before.size:
	case r.late():
		return false
	case c.err != nil && c.err != io.EOF:
		err = c.err
		fallthrough
	default:
		if err == nil {
			err = errChanged
		}
		r.miss(name, why(err))
		return false
	}
	n.size, n.mode, n.has = c.offset, before.mode, n.has|read|c.native
	c.hash.Sum(n.sum[:0])
	r.FileCount++
	return true
}

// open opens a file, or asks for it if only the build's user may.
func (r *reader) open(name string) (fd int, s state, done func(), err error) {
	fd, s, err = r.root.file(name)
	if err == nil || r.s.Open == nil || !errors.Is(err, fs.ErrPermission) {
		return fd, s, func() { shut(fd) }, err
	}
	file, failed := r.s.Open(name)
	if failed != nil || file == nil {
		return -1, state{}, nil, err
	}
	fd = int(file.Fd())
	if s, err = r.root.same(name, fd); err != nil {
		_ = file.Close()
		return -1, state{}, nil, err
	}
	return fd, s, func() { _ = file.Close() }, nil
}

// content is that of a file, which is read once: for its use, and for its digest.
type content struct {
	r      *reader
	fd     int
	before state
	hash   hash.Hash
	text   *utf8Check
	offset int64
	native marks
	err    error
}

func (c *content) Read(to []byte) (int, error) {
	if c.err == nil && c.r.late() {
		c.err = c.r.ctx.Err()
	}
	if c.err == nil && c.offset > c.before.size {
		c.err = errChanged
	}
	if c.err != nil {
		return 0, c.err
	}
	n, err := at(c.fd, to[:min(len(to), chunk)], c.offset)
	if err == nil && n == 0 && len(to) > 0 {
		err = io.EOF
	}
	c.err = err
	if c.offset == 0 {
		c.native = magic(to[:n])
	}
	c.offset += int64(n)
	c.r.Bytes += int64(n)
	c.hash.Write(to[:n])
	if c.text != nil {
		c.text.write(to[:n])
	}
	return n, err
}

// drain reads what is left.
func (c *content) drain() {
	for c.err == nil {
		_, _ = c.Read(c.r.buffer)
	}
	if c.err == io.EOF {
		c.err = nil
	}
}

var errTooLong = errors.New("this is too long")

// all returns the content if it is not longer than the limit.
func (c *content) all(limit int64) ([]byte, error) {
	if c.before.size > limit {
		return nil, errTooLong
	}
	to := bytes.NewBuffer(make([]byte, 0, c.before.size+bytes.MinRead))
	_, err := to.ReadFrom(c)
	return to.Bytes(), err
}

// utf8Check looks for what is not UTF-8, and for NUL, in pieces of a text.
type utf8Check struct {
	// rest is the beginning of a character that ends in the next piece.
	rest  []byte
	wrong bool
}

func (u *utf8Check) write(piece []byte) {
	if u.wrong {
		return
	}
	for len(u.rest) > 0 && len(piece) > 0 && !utf8.FullRune(u.rest) {
		u.rest, piece = append(u.rest, piece[0]), piece[1:]
	}
	if len(u.rest) > 0 && utf8.FullRune(u.rest) {
		u.wrong = !utf8.Valid(u.rest)
		u.rest = u.rest[:0]
	}
	end := len(piece)
	for back := 1; back < utf8.UTFMax && back <= len(piece); back++ {
		if tail := piece[len(piece)-back:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				end -= back
			}
			break
		}
	}
	u.wrong = u.wrong || !utf8.Valid(piece[:end]) || bytes.IndexByte(piece, 0) >= 0
	u.rest = append(u.rest, piece[end:]...)
}

func (u *utf8Check) ok() bool { return !u.wrong && len(u.rest) == 0 }

// magic recognizes programs and libraries by the first bytes of a file.
func magic(head []byte) marks {
	has := func(prefix string) bool { return bytes.HasPrefix(head, []byte(prefix)) }
	switch {
	case has("\x7fELF"), has("!<arch>\n"), has("!<thin>\n"):
		return native
	case has("\xfe\xed\xfa\xce"), has("\xfe\xed\xfa\xcf"), has("\xce\xfa\xed\xfe"), has("\xcf\xfa\xed\xfe"):
		return native
	case has("\xca\xfe\xba\xbe") && len(head) >= 8:
		// Mach-O for several processors says how many; a class of Java has its version there, 45 or more.
		if count := binary.BigEndian.Uint32(head[4:]); 0 < count && count < 45 {
			return native
		}
	case has("MZ") && len(head) >= 64:
		if at := uint64(binary.LittleEndian.Uint32(head[60:])); at+4 <= uint64(len(head)) && string(head[at:at+4]) == "PE\x00\x00" {
			return native
		}
	}
	return 0
}

// finish sorts what was found.
func (r *reader) finish() {
	for each, name := range r.dependencies {
		r.Dependencies = append(r.Dependencies, Dependency{each, name})
	}
	slices.SortFunc(r.Dependencies, func(a, b Dependency) int {
		return cmp.Or(strings.Compare(a.Ecosystem, b.Ecosystem), strings.Compare(a.Name, b.Name), strings.Compare(a.Version, b.Version),
			strings.Compare(a.Source, b.Source), strings.Compare(a.Integrity, b.Integrity), strings.Compare(a.Lockfile, b.Lockfile))
	})
	slices.SortFunc(r.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	slices.SortFunc(r.Packages, func(a, b Package) int { return strings.Compare(a.Path, b.Path) })
	slices.SortFunc(r.Unread, func(a, b Unread) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Reason, b.Reason))
	})
	r.Digest = r.tree.digest(r.end)
	// What was allocated while the tree grew is given back: another reading may be kept beside this one.
	r.tree = tree{slices.Clone(r.tree.nodes), slices.Clone(r.tree.names)}
}
