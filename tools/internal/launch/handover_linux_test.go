package launch

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"cleanroom.dev/tools/internal/wire"
)

// asked is what a launcher hands over of the folder to an observer that asks for each path, in order: the content, or none.
func asked(t *testing.T, folder string, paths ...string) (answers []string) {
	t.Helper()
	lines := make([]string, len(paths))
	for i, path := range paths {
		lines[i] = "open " + strconv.QuoteToASCII(path) + "\n"
	}
	return answered(t, folder, lines...)
}

func answered(t *testing.T, folder string, lines ...string) (answers []string) {
	t.Helper()
	launcher, observer := pair(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		handOver(launcher, bufio.NewReaderSize(launcher, wire.MaxOpen), folder)
		_ = launcher.Close()
	}()
	for _, line := range lines {
		_, _ = io.WriteString(observer, line)
		answers = append(answers, receive(t, observer))
	}
	_, _ = io.WriteString(observer, wire.Go)
	<-done
	return answers
}

func pair(t *testing.T) (a, b *net.UnixConn) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	var both [2]*net.UnixConn
	for i, fd := range fds {
		file := os.NewFile(uintptr(fd), "socket")
		conn, err := net.FileConn(file)
		if err != nil {
			t.Fatal(err)
		}
		_ = file.Close()
		t.Cleanup(func() { _ = conn.Close() })
		both[i] = conn.(*net.UnixConn)
	}
	return both[0], both[1]
}

func receive(t *testing.T, observer *net.UnixConn) string {
	t.Helper()
	_ = observer.SetDeadline(time.Now().Add(10 * time.Second))
	text, control := make([]byte, 100), make([]byte, 100)
	n, controls, _, _, err := observer.ReadMsgUnix(text, control)
	if err != nil {
		return err.Error()
	}
	messages, err := unix.ParseSocketControlMessage(control[:controls])
	if err != nil {
		t.Fatal(err)
	}
	if len(messages) == 0 {
		return string(text[:n])
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 || len(messages) != 1 || string(text[:n]) != wire.File {
		t.Fatalf("%v %v %q: %v", fds, messages, text[:n], err)
	}
	file := os.NewFile(uintptr(fds[0]), "file")
	defer file.Close()
	if _, err := file.Write([]byte("x")); err == nil {
		t.Error("the file can be written")
	}
	content, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestTheLauncherHandsFilesOver(t *testing.T) {
	outside := t.TempDir()
	folder := filepath.Join(outside, "workspace")
	write := func(path ...string) {
		file := filepath.Join(path...)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("in "+path[len(path)-1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(outside, "secret")
	write(folder, "plain")
	write(folder, "sub", "deep")
	write(folder, "a \"\xff\\\n\u00e9")
	for link, target := range map[string]string{"link": "plain", "out": "../secret", "dir": "sub", "loop": "loop", "self": "/proc/self/exe"} {
		if err := os.Symlink(target, filepath.Join(folder, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(folder, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	socket, err := net.Listen("unix", filepath.Join(folder, "socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	for path, want := range map[string]string{
		"plain": "in plain", "sub/deep": "in deep", "sub/../plain": "in plain", "a \"\xff\\\n\u00e9": "in a \"\xff\\\n\u00e9",
		"absent": wire.None, "../secret": wire.None, "sub/../../secret": wire.None, filepath.Join(outside, "secret"): wire.None,
		"link": wire.None, "out": wire.None, "dir/deep": wire.None, "loop": wire.None, "self": wire.None, "fifo": wire.None, "socket": wire.None,
		"sub": wire.None, ".": wire.None, "": wire.None, "plain\x00": wire.None, strings.Repeat("x", wire.MaxPath): wire.None,
	} {
		if got := asked(t, folder, path); got[0] != want {
			t.Errorf("%q: %q, want %q", path, got[0], want)
		}
	}
	for what, folder := range map[string]string{"no folder": "", "an absent one": filepath.Join(outside, "absent"), "a file": filepath.Join(outside, "secret")} {
		if got := asked(t, folder, "plain", "sub/deep"); got[0] != wire.None || got[1] != wire.None {
			t.Errorf("%s: %q", what, got)
		}
	}
	if got := answered(t, folder, "open plain\n", "open \"plain\n", "open \n"); strings.Join(got, "") != strings.Repeat(wire.None, 3) {
		t.Errorf("what is no path: %q", got)
	}
}

func TestTheLauncherHandsOverSoManyFilesAndNoMore(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "file"), []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := asked(t, folder, repeated("file", wire.MaxOpens+1)...)
	for i, each := range got[:wire.MaxOpens] {
		if each != "content" {
			t.Fatalf("%d: %q", i, each)
		}
	}
	if last := got[wire.MaxOpens]; !strings.Contains(last, "EOF") {
		t.Errorf("one more: %q", last)
	}
}

func repeated(path string, count int) (paths []string) {
	for range count {
		paths = append(paths, path)
	}
	return paths
}

// A peer at the observer's socket that is none.
func TestWhatIsNoRequestEndsTheWait(t *testing.T) {
	folder := t.TempDir()
	for name, said := range map[string]string{
		"another line": "close \"x\"\n", "the end": "", "no space": "open\n", "a line that is too long": "open \"" + strings.Repeat("x", 4*wire.MaxPath+1) + "\"\n",
	} {
		t.Run(name, func(t *testing.T) {
			launcher, observer := pair(t)
			go func() {
				_, _ = io.WriteString(observer, said)
				_ = observer.CloseWrite()
			}()
			started := time.Now()
			handOver(launcher, bufio.NewReaderSize(launcher, wire.MaxOpen), folder)
			if took := time.Since(started); took > time.Second {
				t.Errorf("%s", took)
			}
			_ = launcher.Close()
			if answer, err := io.ReadAll(observer); len(answer) > 0 {
				t.Errorf("%q: %v", answer, err)
			}
		})
	}
}

// The longest path of the observer's is one that the launcher reads.
func TestTheLongestRequestIsRead(t *testing.T) {
	longest := strings.Repeat("\xff", wire.MaxPath)
	if line := "open " + strconv.QuoteToASCII(longest) + "\n"; len(line) != wire.MaxOpen {
		t.Errorf("%d bytes, and not %d", len(line), wire.MaxOpen)
	}
	if got := asked(t, t.TempDir(), longest, longest); got[0] != wire.None || got[1] != wire.None {
		t.Errorf("%q", got)
	}
}

func TestTheLauncherTriesAgainWhileTheQueueIsFull(t *testing.T) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("@cleanroom-test-%d-queue", os.Getpid())
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: name}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	var held []io.Closer
	for {
		peer, err := net.Dial("unix", name)
		if err != nil {
			break
		}
		held = append(held, peer)
	}
	if _, err := dial(name, time.Now().Add(100*time.Millisecond)); err == nil {
		t.Errorf("%v", err)
	}
	time.AfterFunc(100*time.Millisecond, func() {
		for range held {
			if accepted, _, err := unix.Accept(fd); err == nil {
				_ = unix.Close(accepted)
			}
		}
	})
	peer, err := dial(name, time.Now().Add(5*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range append(held, peer) {
		_ = each.Close()
	}
	_ = unix.Close(fd)
}
