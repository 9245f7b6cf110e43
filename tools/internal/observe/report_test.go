package observe

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cleanroom.dev/tools/internal/workspace"
)

var start = time.Date(2026, 11, 30, 16, 0, 0, 123_456_789, time.FixedZone("", 3600))

// finished is the log and the message of the report.
func finished(t *testing.T, r *report, counted counters) (log, message string) {
	t.Helper()
	out, file := new(bytes.Buffer), filepath.Join(t.TempDir(), "message")
	if err := r.finish(newLog(out), counted, file); err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), string(written)
}

func TestAReport(t *testing.T) {
	r := newReport([]string{"build"})
	r.asked("early.example.com", start)
	r.begin()
	r.asked(`"<\000>`, start.Add(time.Second))
	r.asked(`"<\000>`, start.Add(2*time.Second))
	// What began to wait earlier comes first, though it was reported later.
	r.unanswered(connection{netip.MustParseAddrPort("192.0.2.2:80"), "UDP", "build"}, start.Add(3*time.Second), start.Add(3*time.Second), 1)
	r.unanswered(connection{netip.MustParseAddrPort("[2001:db8::1]:443"), "TCP", "build"}, start.Add(2*time.Second), start.Add(4*time.Second), 2)
	log, message := finished(t, r, counters{3, 1, 0})
	body := `{"name":"early.example.com","step":"","count":1,"first":"2026-11-30T15:00:00.123Z","last":"2026-11-30T15:00:00.123Z"}
{"name":"\"<\\000>","step":"build","count":2,"first":"2026-11-30T15:00:01.123Z","last":"2026-11-30T15:00:02.123Z"}
{"address":"2001:db8::1","port":443,"protocol":"TCP","step":"build","count":2,"first":"2026-11-30T15:00:02.123Z","last":"2026-11-30T15:00:04.123Z"}
{"address":"192.0.2.2","port":80,"protocol":"UDP","step":"build","count":1,"first":"2026-11-30T15:00:03.123Z","last":"2026-11-30T15:00:03.123Z"}
{"counters":{"tcpSynRetrans":3,"tcpAttemptFails":1,"udpOutDatagrams":0}}
`
	digest := sha256.Sum256([]byte(body))
	sum := hex.EncodeToString(digest[:])
	if want := body + `{"end":"Complete","omitted":0,"sha256":"` + sum + `"}` + "\n"; log != want {
		t.Errorf("%s\nwant\n%s", log, want)
	}
	if want := `{"observer":1,"end":"Complete","names":2,"connections":2,"bytes":` + strconv.Itoa(len(body)) + `,"sha256":"` + sum + `"}` + "\n"; message != want {
		t.Errorf("%s\nwant\n%s", message, want)
	}
}

func TestAReportThatIsNotComplete(t *testing.T) {
	r := newReport([]string{"fetch", "build"})
	for _, c := range []struct {
		missed, want string
	}{{"", noHello}, {tooManyHellos, tooManyHellos}, {tooManyNames, tooManyNames}, {tooManyConnections, tooManyConnections},
		{interrupted, interrupted}, {workspace.TooManyItems, workspace.TooManyItems}, {workspace.TooSlow, workspace.TooSlow},
		{workspace.TooManyBytes, workspace.TooManyBytes}, {workspace.TooManyFiles, workspace.TooManyFiles}, {unreadable, unreadable}} {
		if c.missed != "" {
			r.missed(c.missed)
		}
		log, message := finished(t, r, counters{})
		if want := fmt.Sprintf(`{"end":"Partial","reason":%q,"omitted":%d,"sha256":`, c.want, r.omitted); !strings.Contains(log, want) {
			t.Errorf("%s, want %s", log, want)
		}
		if !strings.Contains(message, `"end":"Partial"`) {
			t.Errorf("%s", message)
		}
	}
}

// The worst that a build can make of it.
func TestTheLargestReportFits(t *testing.T) {
	var steps []string
	for i := range MaxSteps {
		steps = append(steps, fmt.Sprintf("%063d", i))
	}
	r, out := newReport(steps), new(bytes.Buffer)
	log := newLog(out)
	for range steps {
		step, _ := r.begin()
		if err := log.line(stepLine{step, stamp(start)}); err != nil {
			t.Fatal(err)
		}
	}
	i := newInputs(workspace.Settings{}, steps[MaxSteps-1], r, log)
	i.read = func(context.Context, workspace.Settings) *workspace.Reading { return largest() }
	for _, step := range steps {
		i.take(t.Context(), step, fakeLauncher(true), func() bool { return true })
	}
	// Inputs that reach this limit have no outputs, but those that almost do have.
	o := newOutputs(Settings{}, log)
	o.artifacts, o.reports = make([]workspace.Pattern, 1), make([]workspace.Pattern, 1)
	o.write(largestOutputs(), time.Hour)
	o.writeDeclared(largestDeclared())
	for i := range maxNames + 1 {
		r.asked(fmt.Sprintf("%s%05d", strings.Repeat(`"`, maxName-5), i), start)
	}
	for i := range maxConnections + 1 {
		r.unanswered(connection{netip.AddrPortFrom(netip.MustParseAddr("2001:db88:8888:8888:8888:8888:8888:8888"), uint16(65_535-i)), "TCP", steps[0]}, start, start, 1)
	}
	for _, each := range r.names.all {
		each.count = math.MaxInt
	}
	for _, each := range r.connections.all {
		each.count = math.MaxInt
	}
	r.omitted = math.MaxInt
	file := filepath.Join(t.TempDir(), "message")
	if err := r.finish(log, counters{math.MaxUint64, math.MaxUint64, math.MaxUint64}, file); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes", out.Len())
	if out.Len() > maxLog || len(r.names.all) != maxNames || len(r.connections.all) != maxConnections {
		t.Errorf("%d bytes, %d names, %d connections", out.Len(), len(r.names.all), len(r.connections.all))
	}
	for line := range strings.Lines(out.String()) {
		if len(line) > maxLine || !json.Valid([]byte(line)) {
			t.Errorf("%d bytes: %s", len(line), line)
		}
	}
	if message, err := os.ReadFile(file); err != nil || len(message) > maxMessage {
		t.Errorf("%d bytes: %v", len(message), err)
	}
}

func TestALogThatCannotBeWrittenFailsTheReport(t *testing.T) {
	file := filepath.Join(t.TempDir(), "message")
	closed, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	out := newLog(closed)
	if err := out.line(1); !errors.Is(err, os.ErrClosed) {
		t.Errorf("%v", err)
	}
	if err := newReport(nil).finish(out, counters{}, file); !errors.Is(err, errEnded) {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("there is a message: %v", err)
	}
}

func TestNothingFollowsTheEnd(t *testing.T) {
	out := new(bytes.Buffer)
	log := newLog(out)
	if _, _, err := log.end(ending{End: "Complete"}); err != nil {
		t.Fatal(err)
	}
	before := out.Len()
	if err := log.line(1); !errors.Is(err, errEnded) || out.Len() != before {
		t.Errorf("%v", err)
	}
	if err := newLog(out).line(strings.Repeat("x", maxLine)); err == nil {
		t.Error("a line is longer than its limit")
	}
}

func TestNobodyReadsTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		forever := make(chan error)
		defer close(forever)
		started := time.Now()
		err := within(finishPatience, func() error { return <-forever })
		if took := time.Since(started); err == nil || took != finishPatience {
			t.Errorf("%v after %s", err, took)
		}
	})
}
