package observe

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cleanroom.dev/tools/internal/launch"
	"cleanroom.dev/tools/internal/proctest"
	"cleanroom.dev/tools/internal/wire"
	"cleanroom.dev/tools/internal/workspace"
)

var thread = proctest.NewThread

// greeted is an observer of hellos to which this test says hello, as a step's launcher does.
type greeted struct {
	*hellos
	proc proctest.Folder
	out  *bytes.Buffer
}

func newGreeted(t *testing.T, steps ...string) greeted {
	t.Helper()
	return newReading(t, nil, steps...)
}

// newReading is an observer that reads a workspace, if it has a function for that.
func newReading(t *testing.T, read func(context.Context, workspace.Settings) *workspace.Reading, steps ...string) greeted {
	t.Helper()
	socket, err := net.Listen("unix", fmt.Sprintf("@cleanroom-test-%d-%s", os.Getpid(), t.Name()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	out := new(bytes.Buffer)
	g := greeted{&hellos{socket: socket, uid: os.Getuid(), report: newReport(steps), log: newLog(out)}, proctest.New(t, os.Getpid()), out}
	g.hellos.proc = string(g.proc)
	if read != nil {
		g.inputs = newInputs(workspace.Settings{Root: t.TempDir()}, steps[len(steps)-1], g.report, g.log)
		g.inputs.read = read
	}
	go g.serve(t.Context())
	return g
}

// says is what the observer answers to a line.
func (g greeted) says(t *testing.T, line string) string {
	t.Helper()
	peer := g.connect(t)
	// The observer may have closed the connection.
	_, _ = io.WriteString(peer, line)
	_ = peer.SetReadDeadline(time.Now().Add(2 * wire.HelloPatience))
	answer, _ := io.ReadAll(peer)
	return string(answer)
}

func (g greeted) connect(t *testing.T) net.Conn {
	t.Helper()
	peer, err := net.Dial("unix", g.socket.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = peer.Close() })
	return peer
}

// restarted makes this process look like a later one with the same number.
func (g greeted) restarted(t *testing.T, start int) {
	t.Helper()
	pid := fmt.Sprint(os.Getpid())
	g.proc.Write(t, pid+" (a) b) S"+strings.Repeat(" 0", 18)+fmt.Sprintf(" %d 0\n", start), pid, "stat")
}

func TestEachNewProcessIsTheNextStep(t *testing.T) {
	g := newGreeted(t, "fetch", "build")
	if step := g.report.current(); step != "" {
		t.Errorf("%q", step)
	}
	for i, c := range []struct {
		start        int
		answer, step string
	}{
		{100, wire.Go, "fetch"},
		// It may be the step's command that says it again.
		{100, "", "fetch"},
		{200, wire.Go, "build"},
		// There is no further step.
		{300, "", "build"},
		{200, "", "build"},
	} {
		g.restarted(t, c.start)
		if answer := g.says(t, wire.Hello); answer != c.answer || g.report.current() != c.step {
			t.Errorf("%d: %q, %q", i, answer, g.report.current())
		}
	}
	lines := strings.Split(strings.TrimSpace(g.out.String()), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[0], `{"step":"fetch","started":"2`) || !strings.HasPrefix(lines[1], `{"step":"build","started":"2`) {
		t.Errorf("%q", lines)
	}
	if end := g.report.ending(); end.Reason != tooManyHellos {
		t.Errorf("%+v", end)
	}
}

func TestAHelloIsNotAnswered(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prepare func(greeted)
		line    string
	}{
		"another line":      {func(greeted) {}, "hello 2\n"},
		"an empty line":     {func(greeted) {}, "\n      \n"},
		"of another user":   {func(g greeted) { g.hellos.uid++ }, wire.Hello},
		"of one that ended": {func(g greeted) { g.proc.End(t, os.Getpid()) }, wire.Hello},
		"beside another process of the user": {
			func(g greeted) { g.proc.Add(t, 9, os.Getuid(), thread(9, "sleep", 'S')) }, wire.Hello,
		},
		"without processes": {func(g greeted) { g.proc.End(t, 1) }, wire.Hello},
		"without a start":   {func(g greeted) { g.proc.Write(t, "7 (x) S 1\n", fmt.Sprint(os.Getpid()), "stat") }, wire.Hello},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGreeted(t, "build")
			c.prepare(g)
			if answer := g.says(t, c.line); answer != "" || g.report.current() != "" || g.out.Len() > 0 {
				t.Errorf("%q, %q, %q", answer, g.report.current(), g.out)
			}
			if end := g.report.ending(); end.Reason != noHello {
				t.Errorf("%+v", end)
			}
		})
	}
}

func TestWhatTheStepBeforeLeftMayEnd(t *testing.T) {
	g := newGreeted(t, "build")
	g.proc.Add(t, 9, os.Getuid(), thread(9, "sleep", 'D'))
	// The companions of the pod do not count.
	g.proc.Add(t, 10, os.Getuid()+1, thread(10, "cleanroom-tools", 'S'))
	time.AfterFunc(100*time.Millisecond, func() { g.proc.End(t, 9) })
	if answer := g.says(t, wire.Hello); answer != wire.Go {
		t.Errorf("%q", answer)
	}
}

// A step that holds connections delays hellos by the time that each of them may take, no longer.
func TestHeldConnectionsDoNotLastLong(t *testing.T) {
	t.Parallel()
	g := newGreeted(t, "build")
	for range maxHellos {
		g.connect(t)
	}
	started := time.Now()
	answer := g.says(t, wire.Hello)
	if took := time.Since(started); answer != wire.Go || took < wire.HelloPatience/2 {
		t.Errorf("%q after %s", answer, took)
	}
}

// greet is what a step's launcher does.
func (g greeted) greet(t *testing.T) {
	t.Helper()
	connection := launch.Observer{Socket: g.socket.Addr().String(), Workspace: g.inputs.settings.Root}.Hello()
	_ = connection.Close()
}

// at is a file of the workspace.
func (g greeted) at(t *testing.T, name string) string {
	t.Helper()
	return filepath.Join(g.inputs.settings.Root, name)
}

func (g greeted) write(t *testing.T, name string, mode os.FileMode, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(g.at(t, name)), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(g.at(t, name), []byte(content), mode); err != nil {
		t.Fatal(err)
	}
}

// inputLines are what the log says of inputs, after the steps.
func (g greeted) inputLines(t *testing.T) []string {
	t.Helper()
	g.inputs.finish()
	lines := strings.Split(strings.TrimSuffix(g.out.String(), "\n"), "\n")
	return slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, `{"step":`) })
}

func (g greeted) interrupted(t *testing.T) {
	t.Helper()
	lines := g.inputLines(t)
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, `{"inputs":"Partial","reason":"Interrupted",`) {
		t.Errorf("%s", last)
	}
	if end := g.report.ending(); end.End != "Partial" || end.Reason != interrupted {
		t.Errorf("%+v", end)
	}
}

// The launcher's own side, and a reading of real files: what a step changed before the next one started.
func TestAWorkspaceIsReadBeforeTheLauncherGoesOn(t *testing.T) {
	g := newReading(t, workspace.Read, "checkout", "fetch", "build")
	g.restarted(t, 100)
	g.greet(t)
	g.write(t, "pom.xml", 0o644, "<project/>")
	g.write(t, "a", 0o644, "1")
	g.write(t, "b", 0o644, "1")
	g.restarted(t, 200)
	g.greet(t)
	g.write(t, "a", 0o644, "2")
	if err := os.Remove(g.at(t, "b")); err != nil {
		t.Fatal(err)
	}
	g.restarted(t, 300)
	g.greet(t)
	lines := g.inputLines(t)
	digest := sha256.Sum256([]byte("<project/>"))
	want := []string{
		`{"file":"pom.xml","size":10,"sha256":"` + hex.EncodeToString(digest[:]) + `"}`,
		`{"change":"checkout","added":3,"changed":0,"removed":0}`,
		`{"change":"fetch","added":0,"changed":1,"removed":1}`,
	}
	if len(lines) != 4 || !slices.Equal(lines[:3], want) || !strings.HasPrefix(lines[3], `{"inputs":"Complete",`) {
		t.Errorf("%s", strings.Join(lines, "\n"))
	}
	if end := g.report.ending(); end.End != "Complete" {
		t.Errorf("%+v", end)
	}
}

// This test may be run by root, who may read all: then the reading asks by itself.
func TestALauncherHandsOverWhatTheReadingAsksFor(t *testing.T) {
	var content []byte
	g := newReading(t, func(_ context.Context, s workspace.Settings) *workspace.Reading {
		if _, err := s.Open("link"); !errors.Is(err, errNone) {
			t.Errorf("a link: %v", err)
		}
		file, err := s.Open("sub/private")
		if err != nil {
			t.Error(err)
			return &workspace.Reading{}
		}
		defer file.Close()
		content, _ = io.ReadAll(file)
		return &workspace.Reading{}
	}, "build")
	g.write(t, "sub/private", 0o600, "private")
	if err := os.Symlink("sub/private", g.at(t, "link")); err != nil {
		t.Fatal(err)
	}
	g.greet(t)
	if string(content) != "private" {
		t.Errorf("%q", content)
	}
	if lines := g.inputLines(t); len(lines) != 1 || !strings.HasPrefix(lines[0], `{"inputs":"Complete",`) {
		t.Errorf("%q", lines)
	}
}

func TestTheObserverAsksTheLauncherToWaitAtOnce(t *testing.T) {
	read := make(chan bool)
	g := newReading(t, func(context.Context, workspace.Settings) *workspace.Reading {
		<-read
		return &workspace.Reading{}
	}, "build")
	peer := g.connect(t)
	if _, err := io.WriteString(peer, wire.Hello); err != nil {
		t.Fatal(err)
	}
	wait := make([]byte, len(wire.Wait))
	if _, err := io.ReadFull(peer, wait); err != nil || string(wait) != wire.Wait {
		t.Errorf("%q: %v", wait, err)
	}
	_ = peer.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	if n, err := peer.Read(wait); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%q: %v", wait[:n], err)
	}
	// The time for the hello has ended before the reading does.
	time.Sleep(wire.HelloPatience)
	close(read)
	_ = peer.SetReadDeadline(time.Now().Add(wire.HelloPatience))
	if rest, err := io.ReadAll(peer); err != nil || string(rest) != wire.Go {
		t.Errorf("%q: %v", rest, err)
	}
	if lines := g.inputLines(t); !strings.HasPrefix(lines[0], `{"inputs":"Complete",`) {
		t.Errorf("%q", lines)
	}
}

func TestAHelloThatDoesNotLastUntilTheGo(t *testing.T) {
	for name, meanwhile := range map[string]func(*testing.T, greeted, net.Conn){
		"its connection ends":       func(_ *testing.T, _ greeted, peer net.Conn) { _ = peer.Close() },
		"it says more":              func(_ *testing.T, _ greeted, peer net.Conn) { _, _ = io.WriteString(peer, wire.Hello) },
		"its process ends":          func(t *testing.T, g greeted, _ net.Conn) { g.proc.End(t, os.Getpid()) },
		"another process starts":    func(t *testing.T, g greeted, _ net.Conn) { g.proc.Add(t, 9, os.Getuid(), thread(9, "late", 'S')) },
		"the processes are hidden":  func(t *testing.T, g greeted, _ net.Conn) { g.proc.End(t, 1) },
		"another one says hello":    func(t *testing.T, g greeted, _ net.Conn) { g.restarted(t, 7); g.says(t, wire.Hello) },
		"it says hello again":       func(t *testing.T, g greeted, _ net.Conn) { g.says(t, wire.Hello) },
		"another connection exists": func(t *testing.T, g greeted, _ net.Conn) { g.says(t, "\n\n\n\n\n\n\n\n") },
	} {
		t.Run(name, func(t *testing.T) {
			reads, goes := make(chan bool), make(chan bool)
			g := newReading(t, func(context.Context, workspace.Settings) *workspace.Reading {
				reads <- true
				<-goes
				return &workspace.Reading{}
			}, "build")
			peer := g.connect(t)
			if _, err := io.WriteString(peer, wire.Hello); err != nil {
				t.Fatal(err)
			}
			<-reads
			meanwhile(t, g, peer)
			close(goes)
			_ = peer.SetReadDeadline(time.Now().Add(wire.HelloPatience))
			_, _ = io.ReadAll(peer)
			g.interrupted(t)
		})
	}
}

// writer is a function that writes.
type writer func([]byte) (int, error)

func (w writer) Write(line []byte) (int, error) { return w(line) }

func TestALauncherThatDoesNotGetItsGo(t *testing.T) {
	g := newReading(t, workspace.Read, "build")
	peer := g.connect(t)
	g.log.out = writer(func(line []byte) (int, error) {
		if bytes.HasPrefix(line, []byte(`{"inputs":`)) {
			_ = peer.Close()
		}
		return g.out.Write(line)
	})
	if _, err := io.WriteString(peer, wire.Hello); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(5 * time.Second); !g.report.has(interrupted); time.Sleep(pause) {
		if time.Now().After(deadline) {
			t.Fatal("the inputs are not interrupted")
		}
	}
	g.interrupted(t)
	if lines := g.inputLines(t); len(lines) != 2 || !strings.HasPrefix(lines[0], `{"inputs":"Complete",`) {
		t.Errorf("%q", lines)
	}
}

// The command has the launcher's process.
func TestAHelloOfTheCommandIsNotAnswered(t *testing.T) {
	g := newReading(t, workspace.Read, "fetch", "build")
	g.greet(t)
	started := time.Now()
	if answer := g.says(t, wire.Hello); answer != "" || time.Since(started) > wire.HelloPatience/2 {
		t.Errorf("%q after %s", answer, time.Since(started))
	}
	g.restarted(t, 9)
	if answer := g.says(t, wire.Hello); answer != wire.Wait+wire.Go {
		t.Errorf("the next step: %q", answer)
	}
	// It said hello once too often.
	g.interrupted(t)
}

// The worst that peers of the steps' user do is that the report is not complete.
func TestEachConnectionTooManyIsSeen(t *testing.T) {
	t.Parallel()
	for name, line := range map[string]string{"silent": "", "a part of a hello": "hello", "too long": wire.Hello + wire.Hello, "another line": "goodbye\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newReading(t, workspace.Read, "build")
			g.greet(t)
			if answer := g.says(t, line); answer != "" {
				t.Errorf("%q", answer)
			}
			g.interrupted(t)
		})
	}
	t.Run("a hello that is too long", func(t *testing.T) {
		t.Parallel()
		g := newReading(t, workspace.Read, "build")
		if answer := g.says(t, wire.Hello+"open"); answer != wire.Wait+wire.Go {
			t.Errorf("%q", answer)
		}
		g.interrupted(t)
	})
}
