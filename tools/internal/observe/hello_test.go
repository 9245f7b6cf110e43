package observe

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"cleanroom.dev/tools/internal/proctest"
	"cleanroom.dev/tools/internal/wire"
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
	socket, err := net.Listen("unix", fmt.Sprintf("@cleanroom-test-%d-%s", os.Getpid(), t.Name()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	out := new(bytes.Buffer)
	g := greeted{&hellos{socket: socket, uid: os.Getuid(), report: newReport(steps), log: newLog(out)}, proctest.New(t, os.Getpid()), out}
	g.hellos.proc = string(g.proc)
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
