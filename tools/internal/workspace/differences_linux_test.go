package workspace

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// differs compares the workspace with an earlier reading, as a text.
func (f folder) differs(before *Reading) string {
	return Compare(f.Context(), f.root, before.Entries()).String()
}

func (d Differences) String() string {
	var all []string
	for _, each := range d.Inputs {
		sign := "~"
		if each.Removed {
			sign = "-"
		}
		all = append(all, sign+each.Path)
	}
	return fmt.Sprintf("%s +%d ~%d -%d %s", strings.Join(all, " "), d.Added, d.Changed, d.Removed, d.Reason)
}

func (f folder) equal(got, want string) {
	f.Helper()
	if got != want {
		f.Errorf("%q, want %q", got, want)
	}
}

func TestDifferencesOfAWorkspace(t *testing.T) {
	f := newFolder(t)
	f.write("same", "1", "touched", "1", "a/content", "1", "a/size", "1", "mode", "1", "link", "1", "fifo", "1", "folder/in", "1", "gone/z", "1", "gone/pom.xml", "1",
		"z/run.sh", "1", "swapped/x", "1", "node_modules/a/package.json", "{}")
	f.do(os.Symlink("x", f.at("target")))
	before := f.read()
	f.equal(f.differs(before), " +0 ~0 -0 ")
	f.write("touched", "1", "a/content", "2", "a/size", "22", "z/run.sh", "2", "target.d/a/b", "1", "a/new", "1", "node_modules/a/package.json", "{ }")
	f.do(os.Chmod(f.at("mode"), 0o755))
	for _, each := range []string{"link", "fifo", "folder", "gone", "swapped", "target"} {
		f.do(os.RemoveAll(f.at(each)))
	}
	f.do(os.Symlink("x", f.at("link")))
	f.do(unix.Mkfifo(f.at("fifo"), 0o644))
	f.do(os.Symlink("y", f.at("target")))
	f.write("folder", "1", "swapped/y", "1")
	f.equal(f.differs(before), "-gone/pom.xml ~z/run.sh ~a/content ~a/size ~fifo ~folder -folder/in -gone -gone/z ~link ~mode ~node_modules/a/package.json "+
		"-swapped/x ~target +5 ~9 -5 ")
}

// What only the build's user may read was handed over before, and is not now.
func TestAFileThatNobodyHandsOverAgainIsComparedByItsState(t *testing.T) {
	f := newFolder(t)
	f.public()
	f.write(".npmrc", "1", "same", "1", "same-time", "1", "closed", "1", "moved", "1", "other", "2")
	// The build's launcher opens them.
	handed, again := map[string]*os.File{}, map[string]*os.File{}
	for _, each := range []string{".npmrc", "same", "same-time", "moved", "other"} {
		for _, files := range []map[string]*os.File{handed, again} {
			file, err := os.OpenFile(f.at(each), os.O_RDWR, 0)
			f.do(err)
			defer file.Close()
			files[each] = file
		}
		f.do(os.Chmod(f.at(each), 0))
	}
	change := func(path string) {
		_, err := again[path].WriteAt([]byte("2"), 0)
		f.do(err)
	}
	var before *Reading
	as(t, func() {
		before = Read(f.Context(), Settings{Root: f.root, Open: func(path string) (*os.File, error) { return handed[path], nil }})
	})
	if before.unread() != "" || before.FileCount != 6 {
		t.Fatalf("%s; %d", before.unread(), before.FileCount)
	}
	differs := func() (text string) {
		as(t, func() { text = f.differs(before) })
		return text
	}
	f.equal(differs(), " +0 ~0 -0 ")
	time.Sleep(20 * time.Millisecond)
	change(".npmrc")
	info, err := os.Stat(f.at("same-time"))
	f.do(err)
	change("same-time")
	f.do(os.Chtimes(f.at("same-time"), info.ModTime(), info.ModTime()))
	f.do(os.Chmod(f.at("closed"), 0))
	f.do(os.Rename(f.at("other"), f.at("moved")))
	f.equal(differs(), "~.npmrc ~closed ~moved -other ~same-time +0 ~4 -1 ")
}

// Only what is known is counted.
func TestAFolderThatIsNotListedAgainHidesWhatIsInIt(t *testing.T) {
	f := newFolder(t)
	f.public()
	f.write("src/a", "1", "closed/a", "1", "gone/a", "1", "now/a", "1")
	f.do(os.Chmod(f.at("now"), 0))
	var before *Reading
	as(t, func() { before = f.read() })
	f.equal(before.unread(), "now Unreadable")
	f.do(os.Chmod(f.at("now"), 0o755))
	f.do(os.Chmod(f.at("closed"), 0))
	f.do(os.RemoveAll(f.at("gone")))
	f.write("src/a", "2")
	as(t, func() { f.equal(f.differs(before), "-gone -gone/a ~src/a +0 ~1 -2 Unreadable") })
	f.do(os.Chmod(f.at("closed"), 0o755))
	f.do(os.RemoveAll(f.root))
	f.equal(f.differs(before), " +0 ~0 -0 Unreadable")
}

func TestDifferencesBeyondTheLimits(t *testing.T) {
	f := newFolder(t)
	f.write("pom.xml", "1", "a", "1", "b/c", "1", "b/d/e", "1")
	// An ordinary reading lists this as unread.
	f.do(os.Symlink("/elsewhere", f.at(".mvn")))
	before := f.read()
	f.write("pom.xml", "2", "a", "2", "b/c", "2", "b/d/e", "2", "b/f", "1")
	within := func(change func(*limits)) string {
		l := standard
		change(&l)
		return before.differences(readWithin(t.Context(), Settings{Root: f.root, entries: true}, l)).String()
	}
	f.equal(within(func(l *limits) {}), "~pom.xml ~a ~b/c ~b/d/e +1 ~4 -0 ")
	// What was not reached is neither changed nor removed, and nothing but entries is limited.
	f.equal(within(func(l *limits) { l.entries = 5 }), "~pom.xml ~a +0 ~2 -0 TooManyFiles")
	f.equal(within(func(l *limits) { l.bytes = 14 }), "~pom.xml ~a ~b/c ~b/d/e +1 ~4 -0 TooManyBytes")
	f.equal(within(func(l *limits) { l.files, l.packages, l.unread, l.lockfiles = 0, 0, 0, 0 }), "~pom.xml ~a ~b/c ~b/d/e +1 ~4 -0 ")
	ended, end := context.WithCancel(t.Context())
	end()
	f.equal(Compare(ended, f.root, before).String(), " +0 ~0 -0 TooSlow")
}

// lasting is a context that ends when it was asked so many times.
type lasting struct {
	context.Context
	left *int
}

func (l lasting) Err() error {
	if *l.left--; *l.left < 0 {
		return context.DeadlineExceeded
	}
	return nil
}

// Whenever the time ends, what was not reached is no difference.
func TestWhatIsNotComparedInTimeIsNoDifference(t *testing.T) {
	f := newFolder(t)
	f.write("pom.xml", "1", "a/b/c", "1", "a/d", "1", "empty", "", "node_modules/a/package.json", "{}")
	f.do(os.Symlink("x", f.at("link")))
	before := f.read()
	for asked := 0; ; asked++ {
		left := asked
		d := Compare(lasting{t.Context(), &left}, f.root, before)
		if d.Reason == "" && asked > 20 {
			f.equal(d.String(), " +0 ~0 -0 ")
			return
		}
		f.equal(d.String(), " +0 ~0 -0 TooSlow")
	}
}

func TestTooManyDifferencesAreCounted(t *testing.T) {
	for extra, reason := range map[int]string{0: "", 1: TooManyItems} {
		f := newFolder(t)
		f.write("z.sh", "1")
		for i := range MaxDifferences - 1 + extra {
			f.write(fmt.Sprintf("file-%03d", i), "1")
		}
		before := f.read()
		names, err := filepath.Glob(f.at("*"))
		f.do(err)
		for _, each := range names {
			f.do(os.Remove(each))
		}
		d := Compare(t.Context(), f.root, before)
		if d.Reason != reason || d.Removed != MaxDifferences+extra || len(d.Inputs) != MaxDifferences || d.Inputs[0].Path != "z.sh" ||
			!slices.IsSortedFunc(d.Inputs[1:], func(a, b Difference) int { return strings.Compare(a.Path, b.Path) }) {
			t.Errorf("%s", d)
		}
	}
}
