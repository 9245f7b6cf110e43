package workspace

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"cleanroom.dev/tools/internal/lockfile"
)

// kinds are the types of all entries, by path.
func (r *Reading) kinds() string {
	var all []string
	for i := range r.tree.sorted() {
		all = append(all, fmt.Sprintf("%c%q", r.tree.nodes[i].kind, r.tree.path(i)))
	}
	return strings.Join(all, " ")
}

func TestLinksAreNotFollowed(t *testing.T) {
	f := newFolder(t)
	outside := newFolder(t)
	outside.write("secret", "secret", "pom.xml", "<x/>")
	f.write("a/b", "1")
	for link, target := range map[string]string{
		"out": outside.root, "file": outside.at("secret"), "a/up": "..", "self": "self", "a/down": "../a", "proc": "/proc/self/root",
	} {
		f.do(os.Symlink(target, f.at(link)))
	}
	r := f.read()
	if r.kinds() != `d"a" f"a/b" l"a/down" l"a/up" l"file" l"out" l"proc" l"self"` || r.unread() != "" || r.Reason != "" || r.FileCount != 1 {
		t.Errorf("%s; %s; %s; %d", r.kinds(), r.unread(), r.Reason, r.FileCount)
	}
	i, _ := r.tree.find(0, "self")
	if n := r.tree.nodes[i]; n.sum != sum("self") || n.size != 4 {
		t.Errorf("%+v", n)
	}
}

// A program that uses such a name reads another file, which was not read.
func TestWhatStandsForABuildFileIsUnread(t *testing.T) {
	f := newFolder(t)
	f.do(os.Symlink("/elsewhere", f.at("pom.xml")))
	f.do(os.Symlink("/elsewhere", f.at("node_modules")))
	f.do(os.Symlink("/elsewhere", f.at(".mvn")))
	f.do(unix.Mkfifo(f.at("package.json"), 0o644))
	r := f.read()
	if r.paths() != "" || r.unread() != ".mvn Unreadable, node_modules Unreadable, package.json Unreadable, pom.xml Unreadable" {
		t.Errorf("%s; %s", r.paths(), r.unread())
	}
}

func TestWhatIsNoFileIsNotOpened(t *testing.T) {
	f := newFolder(t)
	f.do(unix.Mkfifo(f.at("fifo"), 0o666))
	socket, err := net.Listen("unix", f.at("socket"))
	f.do(err)
	defer func() { _ = socket.Close() }()
	if r := f.read(); r.kinds() != `p"fifo" s"socket"` || r.unread() != "" || r.FileCount != 0 {
		t.Errorf("%s; %s", r.kinds(), r.unread())
	}
}

// as calls f as a user who owns nothing. Only this thread has that user, so it ends afterwards.
func as(t *testing.T, f func()) {
	t.Helper()
	if os.Getuid() != 0 {
		f()
		return
	}
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		_, err := unix.SetfsuidRetUid(65534)
		if err == nil {
			f()
		}
		done <- err
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// public lets every user into the workspace.
func (f folder) public() {
	f.Helper()
	f.do(os.Chmod(f.root, 0o755))
	f.do(os.Chmod(filepath.Dir(f.root), 0o755))
}

func TestWhatMayNotBeReadIsUnread(t *testing.T) {
	f := newFolder(t)
	f.public()
	f.write("closed/pom.xml", "<x/>", "hidden/.npmrc", "x", "package.json", "{}", "open.txt", "1")
	for path, mode := range map[string]os.FileMode{"closed": 0, "hidden": 0o444, "package.json": 0} {
		f.do(os.Chmod(f.at(path), mode))
		defer func() { _ = os.Chmod(f.at(path), 0o755) }()
	}
	var r *Reading
	as(t, func() { r = f.read() })
	if r.unread() != "closed Unreadable, hidden/.npmrc Unreadable, package.json Unreadable" || r.FileCount != 1 || r.Reason != "" || r.paths() != "" {
		t.Errorf("%s; %d; %s", r.unread(), r.FileCount, r.Reason)
	}
	f.do(os.Chmod(f.at("closed"), 0o755))
	if again := f.read(); again.Digest == r.Digest {
		t.Error("a folder that was not read looks like an empty one")
	}
}

func TestAFileOfTheBuildsUserIsHandedOver(t *testing.T) {
	f := newFolder(t)
	f.public()
	f.write(".npmrc", "token", "other", "other")
	f.do(os.Chmod(f.at(".npmrc"), 0))
	f.do(os.Link(f.at(".npmrc"), f.at("same")))
	f.do(unix.Mkfifo(f.at("fifo"), 0o666))
	for name, c := range map[string]struct{ file, unread string }{
		"the file":     {".npmrc", ""},
		"another name": {"same", ""},
		"another file": {"other", ".npmrc Unreadable, same Unreadable"},
		"a FIFO":       {"fifo", ".npmrc Unreadable, same Unreadable"},
		"a folder":     {".", ".npmrc Unreadable, same Unreadable"},
		"nothing":      {"missing", ".npmrc Unreadable, same Unreadable"},
	} {
		t.Run(name, func(t *testing.T) {
			// The build's launcher opens them, before this thread changes its user. The other side shares the offset.
			opened := map[string]*os.File{}
			for _, path := range []string{".npmrc", "same"} {
				if fd, err := unix.Open(f.at(c.file), unix.O_RDONLY|unix.O_NONBLOCK, 0); err == nil {
					_, _ = unix.Seek(fd, 3, io.SeekStart)
					opened[path] = os.NewFile(uintptr(fd), path)
				}
			}
			var asked []string
			var r *Reading
			as(t, func() {
				r = Read(t.Context(), Settings{Root: f.root, Open: func(path string) (*os.File, error) {
					asked = append(asked, path)
					if opened[path] == nil {
						return nil, os.ErrNotExist
					}
					return opened[path], nil
				}})
			})
			if r.unread() != c.unread || fmt.Sprint(asked) != "[.npmrc same]" {
				t.Errorf("%s; %s", r.unread(), asked)
			}
			if c.unread == "" && (len(r.Files) != 1 || r.Files[0].SHA256 != sum("token")) {
				t.Errorf("%+v", r.Files)
			}
		})
	}
}

func TestHardLinksAreFiles(t *testing.T) {
	f := newFolder(t)
	f.write("a", "1")
	f.do(os.Link(f.at("a"), f.at("b")))
	if r := f.read(); r.FileCount != 2 || r.Bytes != 2 {
		t.Errorf("%d, %d", r.FileCount, r.Bytes)
	}
}

func TestNamesMayBeAnything(t *testing.T) {
	f := newFolder(t)
	f.write("a\nb", "1", "\xff\xfe", "2", "-", "3", " ", "4", strings.Repeat("n", 255), "5", "é/\x01.sh", "6")
	if r := f.read(); r.FileCount != 6 || r.paths() != "é/\x01.sh" || r.unread() != "" {
		t.Errorf("%d; %q; %s", r.FileCount, r.paths(), r.unread())
	}
}

// A path longer than the kernel takes, and more folders than the limit.
func TestDeepFoldersAreTooLong(t *testing.T) {
	for element, depth := range map[string]int{"d": 4_000, strings.Repeat("d", 100): 100} {
		t.Run(fmt.Sprint(depth), func(t *testing.T) {
			f := newFolder(t)
			fd, err := unix.Open(f.root, unix.O_DIRECTORY|unix.O_RDONLY, 0)
			f.do(err)
			for range depth {
				f.do(unix.Mkdirat(fd, element, 0o755))
				next, err := unix.Openat(fd, element, unix.O_DIRECTORY|unix.O_RDONLY, 0)
				f.do(err)
				_ = unix.Close(fd)
				fd = next
			}
			// To remove them by their paths takes a time that grows with the square of their number.
			defer func() {
				for range depth {
					above, err := unix.Openat(fd, "..", unix.O_DIRECTORY|unix.O_RDONLY, 0)
					f.do(err)
					_ = unix.Close(fd)
					fd = above
					f.do(unix.Unlinkat(fd, element, unix.AT_REMOVEDIR))
				}
				_ = unix.Close(fd)
			}()
			f.write("pom.xml", "<x/>")
			r := f.read()
			want := strings.Repeat("/"+element, min(maxDepth+1, 4_096/(len(element)+1)+1))[1:]
			if r.UnreadCount != 1 || r.Unread[0] != (Unread{want, TooLong}) || r.Reason != "" || r.paths() != "pom.xml" {
				t.Errorf("%d, %d, %s", r.UnreadCount, len(r.Unread[0].Path), r.Reason)
			}
		})
	}
}

func TestTooManyEntriesAreNotRead(t *testing.T) {
	f := newFolder(t)
	for i := range 10 {
		f.write(fmt.Sprintf("node_modules/p/%d", i), "1", fmt.Sprintf("src/%d", i), "1")
	}
	f.write("pom.xml", "<x/>")
	// pom.xml, src, node_modules, what is in src, p, what is in p.
	small := standard
	for entries, want := range map[int]struct {
		files  int
		reason string
	}{
		24: {21, ""}, 23: {20, TooManyFiles}, 18: {1 + 10 + 4, TooManyFiles}, 16: {1 + 9 + 3, TooManyFiles}, 12: {1 + 6 + 2, TooManyFiles}, 3: {1, TooManyFiles},
	} {
		small.entries = entries
		if r := readWithin(t.Context(), Settings{Root: f.root}, small); r.FileCount != want.files || r.Reason != want.reason || len(r.tree.nodes) > entries+1 {
			t.Errorf("%d: %d, %s, %s", entries, r.FileCount, r.Reason, r.kinds())
		}
	}
	small = standard
	small.names = 40
	if r := readWithin(t.Context(), Settings{Root: f.root}, small); r.Reason != TooManyFiles || len(r.tree.names) > 40 || r.paths() != "pom.xml" {
		t.Errorf("%s, %s", r.Reason, r.kinds())
	}
}

func TestTooManyBytesAreNotRead(t *testing.T) {
	f := newFolder(t)
	f.write("a", strings.Repeat("a", 50), "b", strings.Repeat("b", 40), "pom.xml", "<x/>",
		"node_modules/p/package.json", `{"name":"p"}`, "node_modules/p/x", "1234567890123")
	small := standard
	for limit, want := range map[int64]struct {
		bytes  int64
		reason string
	}{
		// Of 100, 75 are for files outside of trees: 4, and 50, but not 40 more. Then 25 fit.
		100: {79, TooManyBytes}, 126: {119, ""}, 125: {119, ""}, 0: {0, TooManyBytes},
	} {
		small.bytes = limit
		if r := readWithin(t.Context(), Settings{Root: f.root}, small); r.Bytes != want.bytes || r.Reason != want.reason {
			t.Errorf("%d: %d, %s", limit, r.Bytes, r.Reason)
		}
	}
}

// The size of such a file is no content, so nothing is spent on it.
func TestASparseFileIsTooManyBytes(t *testing.T) {
	f := newFolder(t)
	f.write("a", "1", "z", "2", "node_modules/p/package.json", `{"name":"p"}`)
	f.do(os.Truncate(f.at("a"), 10<<30))
	started := time.Now()
	r := f.read()
	if r.Reason != TooManyBytes || r.FileCount != 2 || r.Bytes > 100 || time.Since(started) > 10*time.Second {
		t.Errorf("%s, %d, %d", r.Reason, r.FileCount, r.Bytes)
	}
	i, _ := r.tree.find(0, "a")
	if r.tree.nodes[i].has&read != 0 {
		t.Error("it is recorded")
	}
}

func TestAReadingThatTakesTooLongIsTooSlow(t *testing.T) {
	f := newFolder(t)
	f.write("pom.xml", "<x/>")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r := Read(ctx, Settings{Root: f.root}); r.Reason != TooSlow || r.FileCount != 0 || r.unread() != "" || r.Digest != [32]byte{} {
		t.Errorf("%+v", r)
	}
	// The time may end in the middle of a file.
	c := &content{r: &reader{ctx: ctx, Reading: &Reading{}}}
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, context.Canceled) || c.r.Reason != TooSlow {
		t.Errorf("%v, %s", err, c.r.Reason)
	}
}

func TestTooManyItemsAreNotKept(t *testing.T) {
	f := newFolder(t)
	f.write("a.sh", "1", "b.sh", "\xff", "c.sh", "\xff", "d/e.sh", "2", "node_modules/p/a", "1", "node_modules/q/a", "1")
	for name, c := range map[string]struct {
		change func(*limits)
		holds  func(*Reading) bool
	}{
		"files":    {func(l *limits) { l.files = 2 }, func(r *Reading) bool { return r.paths() == "a.sh b.sh" && r.FileCount == 6 }},
		"unread":   {func(l *limits) { l.unread = 1 }, func(r *Reading) bool { return r.unread() == "b.sh NotUTF8" && r.UnreadCount == 2 }},
		"packages": {func(l *limits) { l.packages = 2 }, func(r *Reading) bool { return len(r.Packages) == 2 }},
	} {
		small := standard
		c.change(&small)
		if r := readWithin(t.Context(), Settings{Root: f.root}, small); r.Reason != TooManyItems || !c.holds(r) {
			t.Errorf("%s: %s, %s, %s, %d", name, r.Reason, r.paths(), r.unread(), len(r.Packages))
		}
	}
	if r := f.read(); r.Reason != "" {
		t.Error(r.Reason)
	}
}

// A file that is written while it is read has either content, or is not recorded.
func TestNothingIsRecordedThatWasNotRead(t *testing.T) {
	f := newFolder(t)
	a, b := bytes.Repeat([]byte("a"), 3*chunk), bytes.Repeat([]byte("b"), 5*chunk)
	f.write("pom.xml", string(a), "swap.sh", string(a), "folder/x.sh", string(a))
	outside := newFolder(t)
	outside.write("x.sh", "secret")
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			content := a
			if i%2 == 0 {
				content = b
			}
			_ = os.WriteFile(f.at("pom.xml"), content, 0o644)
			_ = os.Remove(f.at("swap.sh"))
			switch i % 4 {
			case 0:
				_ = os.Symlink(outside.at("x.sh"), f.at("swap.sh"))
			case 1:
				_ = unix.Mkfifo(f.at("swap.sh"), 0o666)
			case 2:
				_ = os.Mkdir(f.at("swap.sh"), 0o755)
			default:
				_ = os.WriteFile(f.at("swap.sh"), a, 0o644)
			}
			_ = os.Rename(f.at("folder"), f.at("moved"))
			_ = os.Symlink(outside.root, f.at("folder"))
			_ = os.Remove(f.at("folder"))
			_ = os.Rename(f.at("moved"), f.at("folder"))
		}
	}()
	whole := map[[32]byte]bool{sum(string(a)): true, sum(string(b)): true}
	reasons := map[string]int{}
	// Until a change was seen: a busy machine may take long to run both sides at once.
	for i, began := 0, time.Now(); i < 20 || reasons[Changed] == 0 && time.Since(began) < 30*time.Second; i++ {
		r := f.read()
		for _, each := range r.Files {
			// What is being written may be whole for a moment while it is shorter.
			if each.Path != "pom.xml" && !whole[each.SHA256] && each.Size == 3*chunk || each.SHA256 == sum("secret") {
				t.Errorf("%+v", each)
			}
		}
		for _, each := range r.Unread {
			reasons[each.Reason]++
		}
	}
	close(stop)
	<-done
	if reasons[Changed] == 0 {
		t.Errorf("nothing changed while it was read: %v", reasons)
	}
}

func TestAFileThatGrowsIsChanged(t *testing.T) {
	f := newFolder(t)
	f.write("a.sh", strings.Repeat("a", chunk), "b.sh", "1", "c.sh", "1")
	r := &reader{
		ctx: t.Context(), end: t.Context(), limits: standard, Reading: &Reading{tree: newTree()}, buffer: make([]byte, chunk), hash: sha256.New(), budget: maxBytes,
	}
	root, err := openRoot(f.root)
	f.do(err)
	defer root.close()
	r.root = root
	r.walk()
	for path, change := range map[string]func(){
		"a.sh": func() { f.write("a.sh", strings.Repeat("a", chunk+1)) },
		// The same length, and the time is set back.
		"b.sh": func() {
			info, err := os.Stat(f.at("b.sh"))
			f.do(err)
			f.write("b.sh", "2")
			f.do(os.Chtimes(f.at("b.sh"), info.ModTime(), info.ModTime()))
		},
	} {
		i, _ := r.tree.find(0, path)
		time.Sleep(20 * time.Millisecond)
		if r.entry(i, func(c *content) { c.drain(); change() }) || r.tree.nodes[i].has&read != 0 {
			t.Errorf("%s is recorded", path)
		}
	}
	// It would grow without end.
	i, _ := r.tree.find(0, "c.sh")
	pieces := 0
	r.entry(i, func(c *content) {
		for ; pieces < 10 && c.err == nil; pieces++ {
			f.write("c.sh", strings.Repeat("c", pieces+2))
			_, _ = c.Read(make([]byte, 1))
		}
	})
	if pieces != 3 {
		t.Errorf("%d pieces of a file of 1 byte were read", pieces)
	}
	f.do(os.Remove(f.at("c.sh")))
	if r.entry(i, nil) {
		t.Error("c.sh is recorded")
	}
	f.do(os.Mkdir(f.at("c.sh"), 0o755))
	if r.entry(i, nil) {
		t.Error("c.sh is recorded")
	}
	reasons := map[string]int{}
	for _, each := range r.Unread {
		reasons[each.Reason]++
	}
	if fmt.Sprint(reasons) != "map[Changed:4 Vanished:1]" {
		t.Error(reasons)
	}
}

func TestABuildFileIsUTF8(t *testing.T) {
	f := newFolder(t)
	long := strings.Repeat("é", chunk) + "x" + strings.Repeat("𝄞", chunk)
	f.write("ok.sh", "é𝄞", "long.sh", "a"+long, "empty.sh", "", "bom.sh", "\xef\xbb\xbfecho", "app.jar", "\xff", "gradle/wrapper/w.jar", "\xff\x00", "data", "\xff")
	f.write("nul.sh", "a\x00b", "utf16.sh", "\xff\xfee\x00", "latin.sh", "\xe9", "cut.sh", "a\xc3", "split.sh", "a"+long+"\xf0\x9d\x84", "wrong.sh", "a"+long+"\xc3(")
	if r := f.read(); r.unread() != "cut.sh NotUTF8, latin.sh NotUTF8, nul.sh NotUTF8, split.sh NotUTF8, utf16.sh NotUTF8, wrong.sh NotUTF8" || len(r.Files) != 11 {
		t.Errorf("%s; %d", r.unread(), len(r.Files))
	}
}

// parsing reads the workspace with a parser. Each file whose name ends with .lock stands for a lockfile.
func (f folder) parsing(l limits, parse func(ctx context.Context, format string, content io.Reader) ([]lockfile.Dependency, error)) *Reading {
	formatOf = func(file string) string {
		if filepath.Ext(file) == ".lock" {
			return "test"
		}
		return ""
	}
	maxOf = func(string) int { return 100 }
	defer func() { formatOf, maxOf = lockfile.Format, lockfile.Max }()
	return readWithin(f.Context(), Settings{Root: f.root, Parse: parse}, l)
}

// words is a parser: each word is a dependency, and ! is an error.
func wordsOf(_ context.Context, format string, content io.Reader) (found []lockfile.Dependency, err error) {
	data, err := io.ReadAll(content)
	if err != nil || format != "test" || bytes.Contains(data, []byte("!")) {
		return nil, errors.New("no")
	}
	for word := range strings.FieldsSeq(string(data)) {
		found = append(found, lockfile.Dependency{Name: word})
	}
	return found, nil
}

func TestLockfilesAreParsed(t *testing.T) {
	f := newFolder(t)
	f.write("a/z.lock", "p q", "b.lock", "q r q", "bad.lock", "!", "latin.lock", "\xe9", "long.lock", strings.Repeat("a", 101), "node_modules/x/y.lock", "s")
	r := f.parsing(standard, wordsOf)
	if got := fmt.Sprint(r.Dependencies); got != "[{{ p    false} a/z.lock} {{ q    false} a/z.lock} {{ r    false} b.lock}]" {
		t.Error(got)
	}
	if r.unread() != "bad.lock Unparsable, latin.lock NotUTF8, long.lock TooLong" || r.Reason != "" || len(r.Files) != 5 {
		t.Errorf("%s; %s; %s", r.unread(), r.Reason, r.paths())
	}
	if first := r.Files[0]; first.Lockfile != "test" || first.Dependencies != 2 || first.SHA256 != sum("p q") {
		t.Errorf("%+v", first)
	}
	// What the parser leaves is read all the same.
	r = f.parsing(standard, func(context.Context, string, io.Reader) ([]lockfile.Dependency, error) { return nil, nil })
	if r.Files[0].SHA256 != sum("p q") || r.FileCount != 6 {
		t.Errorf("%+v", r.Files[0])
	}
	// Without a parser nothing is parsed.
	if r = f.parsing(standard, nil); r.Files[0].Lockfile != "" || r.unread() != "latin.lock NotUTF8" {
		t.Errorf("%+v; %s", r.Files[0], r.unread())
	}
	for name, change := range map[string]func(*limits){
		"lockfiles":    func(l *limits) { l.lockfiles = 1 },
		"dependencies": func(l *limits) { l.dependencies = 2 },
		"text":         func(l *limits) { l.text = 2 },
	} {
		small := standard
		change(&small)
		if r := f.parsing(small, wordsOf); r.Reason != TooManyItems || len(r.Dependencies) != 2 {
			t.Errorf("%s: %s, %v", name, r.Reason, r.Dependencies)
		}
	}
}

func TestAParserThatIsLateIsNoFault(t *testing.T) {
	f := newFolder(t)
	f.write("a.lock", "p")
	ctx, cancel := context.WithCancel(t.Context())
	formatOf, maxOf = func(string) string { return "test" }, func(string) int { return 100 }
	defer func() { formatOf, maxOf = lockfile.Format, lockfile.Max }()
	r := Read(ctx, Settings{Root: f.root, Parse: func(context.Context, string, io.Reader) ([]lockfile.Dependency, error) {
		cancel()
		return nil, ctx.Err()
	}})
	if r.Reason != TooSlow || r.unread() != "" {
		t.Errorf("%s, %s", r.Reason, r.unread())
	}
}

func TestChangesAreCounted(t *testing.T) {
	f := newFolder(t)
	f.write("same", "1", "content", "1", "size", "1", "mode", "1", "kind", "1", "gone/a/b", "1", "a/x", "1")
	f.do(unix.Mkfifo(f.at("pipe"), 0o644))
	before := f.read()
	f.do(os.Remove(f.at("pipe")))
	f.do(unix.Mknod(f.at("pipe"), unix.S_IFSOCK|0o644, 0))
	f.write("content", "2", "size", "22", "new/a/b", "1", "a/y", "1")
	f.do(os.Chmod(f.at("mode"), 0o755))
	f.do(os.Remove(f.at("kind")))
	f.do(os.Symlink("x", f.at("kind")))
	f.do(os.RemoveAll(f.at("gone")))
	after := f.read()
	if added, changed, removed := Changes(before, after); added != 4 || changed != 5 || removed != 3 {
		t.Errorf("%d, %d, %d", added, changed, removed)
	}
	if added, changed, removed := Changes(after, before); added != 3 || changed != 5 || removed != 4 {
		t.Errorf("%d, %d, %d", added, changed, removed)
	}
	if added, changed, removed := Changes(before, f.read()); added+changed+removed == 0 {
		t.Error("nothing")
	}
	if added, changed, removed := Changes(after, f.read()); added+changed+removed != 0 {
		t.Errorf("%d, %d, %d", added, changed, removed)
	}
	nothing := Read(t.Context(), Settings{Root: "/missing"})
	if added, changed, removed := Changes(nothing, after); added != 12 || changed+removed != 0 {
		t.Errorf("%d, %d, %d", added, changed, removed)
	}
	if _, _, removed := Changes(after, &Reading{}); removed != 12 {
		t.Errorf("%d", removed)
	}
}

// A folder of a path may become a link after its name was read.
func TestOnlyWhatIsBeneathIsOpened(t *testing.T) {
	f := newFolder(t)
	f.write("in/x", "1")
	f.do(os.Symlink("in", f.at("link")))
	for root, paths := range map[string][]string{
		f.root: {"link/x", "in/../../" + filepath.Base(f.root) + "/in/x", f.at("in/x")},
		// Another file system.
		"/": {"proc/version", "proc/self/status"},
	} {
		b, err := openRoot(root)
		f.do(err)
		for _, path := range paths {
			if _, _, err := b.file(path); err == nil {
				t.Errorf("%s in %s", path, root)
			}
			if err := b.names(filepath.Dir(path), make([]byte, 4096), func([]byte, byte) bool { return true }); err == nil {
				t.Errorf("the folder of %s in %s", path, root)
			}
		}
		b.close()
	}
}

// Nobody on the other side of a FIFO, or in a folder's place, makes the reading wait.
func TestAFIFOInAFilesPlaceIsNotWaitedFor(t *testing.T) {
	f := newFolder(t)
	f.do(unix.Mkfifo(f.at("fifo"), 0o666))
	b, err := openRoot(f.root)
	f.do(err)
	defer b.close()
	done := make(chan error, 1)
	go func() {
		_, _, err := b.file("fifo")
		done <- err
	}()
	select {
	case err := <-done:
		if !errors.Is(err, errChanged) {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("it waits")
	}
}

// When the time of the reading ends, there is some left to report what was read.
func TestATwentiethOfTheTimeIsForTheEnd(t *testing.T) {
	f := newFolder(t)
	f.write("a.lock", "p", "node_modules/a/x", "1")
	formatOf, maxOf = func(string) string { return "test" }, func(string) int { return 100 }
	defer func() { formatOf, maxOf = lockfile.Format, lockfile.Max }()
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
	defer cancel()
	end, _ := ctx.Deadline()
	r := Read(ctx, Settings{Root: f.root, Parse: func(ctx context.Context, _ string, _ io.Reader) ([]lockfile.Dependency, error) {
		if early, _ := ctx.Deadline(); end.Sub(early) < time.Second || end.Sub(early) > 2*time.Second {
			t.Errorf("%s", end.Sub(early))
		}
		return nil, nil
	}})
	if r.Reason != "" {
		t.Error(r.Reason)
	}
	// Its own time is over, but not that of the end.
	early, cancel := context.WithCancel(t.Context())
	cancel()
	late := &reader{ctx: early, end: t.Context(), limits: standard, Reading: &Reading{tree: r.tree}}
	late.packages.trees = map[uint32]string{}
	_, _, trees := late.order()
	for i := range late.tree.nodes {
		if late.tree.base(uint32(i)) == "node_modules" {
			late.packages.trees[uint32(i)] = npm
		}
	}
	late.fetched(trees)
	late.finish()
	if late.Reason != TooSlow || late.pkg("node_modules/a").SHA256 != r.pkg("node_modules/a").SHA256 || late.Digest != r.Digest {
		t.Errorf("%s, %s", late.Reason, late.Reading.fetched())
	}
}
