package observe

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"cleanroom.dev/tools/internal/wire"
)

// pair returns what asks, and the launcher's end of its connection.
func pair(t *testing.T) (*asking, *net.UnixConn) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	var ends [2]*net.UnixConn
	for i, fd := range fds {
		file := os.NewFile(uintptr(fd), "socket")
		conn, err := net.FileConn(file)
		if err != nil {
			t.Fatal(err)
		}
		_ = file.Close()
		t.Cleanup(func() { _ = conn.Close() })
		ends[i] = conn.(*net.UnixConn)
	}
	return newAsking(ends[0]), ends[1]
}

// opened are descriptors of this process.
func opened(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

func TestAnObserverAsksForAFile(t *testing.T) {
	a, launcher := pair(t)
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteString("content"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := launcher.WriteMsgUnix([]byte(wire.File), unix.UnixRights(int(file.Fd())), nil); err != nil {
		t.Fatal(err)
	}
	got, err := a.open("a \"\xff/b")
	if err != nil {
		t.Fatal(err)
	}
	defer got.Close()
	content := make([]byte, 10)
	if n, _ := got.ReadAt(content, 0); string(content[:n]) != "content" {
		t.Errorf("%q", content[:n])
	}
	line := make([]byte, 100)
	if n, _ := launcher.Read(line); string(line[:n]) != `open "a \"\xff/b"`+"\n" {
		t.Errorf("%q", line[:n])
	}
	if _, err := launcher.Write([]byte(wire.None)); err != nil {
		t.Fatal(err)
	}
	if _, err := a.open("absent"); !errors.Is(err, errNone) || a.failed {
		t.Errorf("%v", err)
	}
	if !a.waits() {
		t.Error("the launcher waits")
	}
}

// Nothing that a peer sends is read but a regular file, nothing stays open, and one that does not answer as a launcher does is not asked again.
func TestWhatIsNoLaunchersAnswer(t *testing.T) {
	folder := t.TempDir()
	plain := filepath.Join(folder, "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	fifo := filepath.Join(folder, "fifo")
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	rights := func(t *testing.T, paths ...string) []byte {
		var fds []int
		for _, path := range paths {
			fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK, 0)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = unix.Close(fd) })
			fds = append(fds, fd)
		}
		return unix.UnixRights(fds...)
	}
	for name, c := range map[string]struct {
		text  string
		files []string
		// harmless is whether the next file is asked for.
		harmless bool
	}{
		"a folder":                {wire.File, []string{folder}, true},
		"a FIFO":                  {wire.File, []string{fifo}, true},
		"a device":                {wire.File, []string{"/dev/null"}, true},
		"no descriptor":           {wire.File, nil, false},
		"two descriptors":         {wire.File, []string{plain, plain}, false},
		"many descriptors":        {wire.File, []string{plain, plain, plain, plain, plain}, false},
		"none and a descriptor":   {wire.None, []string{plain}, false},
		"another line":            {"file 2\n", []string{plain}, false},
		"a part of a line":        {"file", []string{plain}, false},
		"a go":                    {wire.Go, nil, false},
		"an empty line":           {"\n", nil, false},
		"a line that is too long": {strings.Repeat("x", 1<<16), []string{plain}, false},
	} {
		t.Run(name, func(t *testing.T) {
			a, launcher := pair(t)
			var control []byte
			if len(c.files) > 0 {
				control = rights(t, c.files...)
			}
			before := opened(t)
			if _, _, err := launcher.WriteMsgUnix([]byte(c.text), control, nil); err != nil {
				t.Fatal(err)
			}
			file, err := a.open("file")
			if err == nil {
				t.Errorf("%v", file)
			}
			if a.failed == c.harmless || a.waits() != c.harmless {
				t.Errorf("failed: %t, waits: %t: %v", a.failed, a.waits(), err)
			}
			if now := opened(t); now != before {
				t.Errorf("%d files are open, and were %d", now, before)
			}
			if _, err := a.open("next"); !c.harmless && !errors.Is(err, errNone) {
				t.Errorf("asked again: %v", err)
			}
		})
	}
}

func TestALauncherThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	a, _ := pair(t)
	started := time.Now()
	if _, err := a.open("file"); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if took := time.Since(started); took < wire.HelloPatience || took > 2*wire.HelloPatience {
		t.Errorf("%s", took)
	}
	if _, err := a.open("next"); !errors.Is(err, errNone) || a.waits() {
		t.Errorf("asked again: %v", err)
	}
	a, launcher := pair(t)
	_ = launcher.Close()
	if _, err := a.open("file"); err == nil || a.waits() {
		t.Errorf("one that has ended: %v", err)
	}
}

func TestALauncherIsAskedForSoManyFilesAndNoMore(t *testing.T) {
	a, launcher := pair(t)
	received := make(chan int)
	go func() {
		asked := 0
		for line := make([]byte, 100); ; asked++ {
			if n, err := launcher.Read(line); err != nil || n != len("open \"x\"\n") {
				break
			}
			_, _ = io.WriteString(launcher, wire.None)
		}
		received <- asked
	}()
	if _, err := a.open(strings.Repeat("x", wire.MaxPath+1)); !errors.Is(err, errNone) {
		t.Errorf("%v", err)
	}
	for range wire.MaxOpens + 10 {
		if _, err := a.open("x"); !errors.Is(err, errNone) {
			t.Fatal(err)
		}
	}
	if !a.waits() {
		t.Error("the launcher waits")
	}
	_ = a.peer.Close()
	if asked := <-received; asked != wire.MaxOpens {
		t.Errorf("asked %d times", asked)
	}
}

func TestALauncherThatDoesNotWait(t *testing.T) {
	a, launcher := pair(t)
	if !a.waits() {
		t.Error("it waits")
	}
	if _, err := io.WriteString(launcher, "\n"); err != nil {
		t.Fatal(err)
	}
	if a.waits() {
		t.Error("it says something")
	}
	a, launcher = pair(t)
	_ = launcher.Close()
	if a.waits() {
		t.Error("it has ended")
	}
}
