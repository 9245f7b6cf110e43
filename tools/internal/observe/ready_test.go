package observe

import (
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"cleanroom.dev/tools/internal/wire"
)

// probed is an observer of this test's own user.
func probed(t *testing.T) (g greeted, hello string) {
	t.Helper()
	g = newGreeted(t, "build")
	g.uid, g.own = os.Getuid()-1, os.Getuid()
	return g, g.socket.Addr().String()
}

func TestTheReadinessProbeFailsOnceAfterSignals(t *testing.T) {
	g, hello := probed(t)
	ready := func(want error) {
		t.Helper()
		if err := Ready(hello, os.Getuid()); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	ready(nil)
	g.report.asked("cdn.example.com", start)
	// The startup probe takes no answer away.
	if err := Probe(hello, os.Getuid()); err != nil {
		t.Error(err)
	}
	ready(errSignals)
	ready(nil)
	if g.report.connected != 0 {
		t.Errorf("%d probes count as hellos", g.report.connected)
	}
}

func TestTheReadinessProbeNeedsAnObserver(t *testing.T) {
	if err := Ready("@cleanroom-test-absent", os.Getuid()); err == nil {
		t.Error("nobody listens")
	}
	_, hello := probed(t)
	if err := Ready(hello, os.Getuid()+1); err == nil || !strings.Contains(err.Error(), "listens at") {
		t.Errorf("another user's: %v", err)
	}
}

// As the kernel does while a build fills the queue, and an observer without processor time.
func TestAnObserverThatDoesNotAnswerCountsAsReady(t *testing.T) {
	t.Parallel()
	socket, err := net.Listen("unix", "@cleanroom-test-mute")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	started := time.Now()
	if err := Ready("@cleanroom-test-mute", os.Getuid()); err != nil {
		t.Error(err)
	}
	if took := time.Since(started); took < readyPatience || took > 2*readyPatience {
		t.Errorf("%s", took)
	}
}

func TestOthersGetNoAnswerAboutSignals(t *testing.T) {
	for name, c := range map[string]struct {
		build, own int
		line       string
	}{
		"a step":        {os.Getuid(), os.Getuid() + 1, wire.AskReady},
		"another user":  {os.Getuid() - 1, os.Getuid() + 1, wire.AskReady},
		"another line":  {os.Getuid() - 1, os.Getuid(), strings.Repeat("x", len(wire.AskReady))},
		"a part of one": {os.Getuid() - 1, os.Getuid(), "ready"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGreeted(t, "build")
			g.uid, g.own = c.build, c.own
			g.report.signals.ready(start)
			g.report.asked("cdn.example.com", start)
			if answer := g.says(t, c.line); answer != "" {
				t.Errorf("%q", answer)
			}
			if g.report.signals.ready(time.Now()) {
				t.Error("the signal was taken")
			}
		})
	}
}

// Silent connections of the build hold no place once all steps have begun. Otherwise this would take several times HelloPatience.
func TestABuildCannotKeepTheReadinessProbeWaiting(t *testing.T) {
	g := newGreeted(t, "build")
	g.report.begin()
	for range 4 * maxHellos {
		g.connect(t)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		g.says(t, "")
	}()
	select {
	case <-done:
	case <-time.After(wire.HelloPatience / 2):
		t.Error("the last connection waits")
		<-done
	}
	if !g.report.has(tooManyHellos) {
		t.Error("these hellos do not count")
	}
}
