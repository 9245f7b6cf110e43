package observe

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cleanroom.dev/tools/internal/lockfile"
	"cleanroom.dev/tools/internal/wire"
	"cleanroom.dev/tools/internal/workspace"
)

// fakeLauncher is a launcher that waits, or does not.
type fakeLauncher bool

func (fakeLauncher) open(string) (*os.File, error) { return nil, errNone }
func (s fakeLauncher) waits() bool                 { return bool(s) }

// taken is a log of inputs whose readings are given.
type taken struct {
	*inputs
	outs *outputs
	out  *bytes.Buffer
}

func (i taken) close() { i.outs.close(i.inputs) }

func newTaken(read func(context.Context) *workspace.Reading, steps ...string) taken {
	out := new(bytes.Buffer)
	r, log := newReport(steps), newLog(out)
	i := newInputs(workspace.Settings{}, steps[len(steps)-1], r, log)
	i.read = func(ctx context.Context, _ workspace.Settings) *workspace.Reading { return read(ctx) }
	return taken{i, newOutputs(Settings{}, log), out}
}

// begins has each step begin, beside nothing else.
func (i taken) begins(ctx context.Context, steps ...string) {
	for _, step := range steps {
		i.report.begin()
		i.take(ctx, step, fakeLauncher(true), func() bool { return true })
	}
}

func (i taken) lines() []string { return strings.Split(strings.TrimSuffix(i.out.String(), "\n"), "\n") }

func complete(context.Context) *workspace.Reading { return &workspace.Reading{} }

func TestTheLinesOfInputs(t *testing.T) {
	i := newTaken(func(context.Context) *workspace.Reading {
		return &workspace.Reading{
			Files: []workspace.File{
				{Path: "empty/package-lock.json", Size: 2, SHA256: [32]byte{1}, Lockfile: "npm"},
				{Path: "pom\x00<é>.xml", Size: 1234, SHA256: [32]byte{0xff}},
			},
			Unread: []workspace.Unread{{Path: "a b", Reason: workspace.Vanished}}, UnreadCount: 7,
			Dependencies: []workspace.Dependency{
				{Dependency: lockfile.Dependency{Ecosystem: "npm", Name: "a", Version: "1", Source: "https://registry.example.com", Integrity: "sha512-x", InstallCode: true}, Lockfile: "package-lock.json"},
				{Dependency: lockfile.Dependency{Ecosystem: "npm", Name: "b", Version: "2"}, Lockfile: "package-lock.json"},
			},
			Packages: []workspace.Package{
				{Path: "node_modules/a", Ecosystem: "npm", Name: "a", Version: "1", SHA256: [32]byte{2}, Hooks: []string{"postinstall"}, InstallCode: [32]byte{3}, Native: 1},
				{Path: "node_modules", Ecosystem: "npm", SHA256: [32]byte{4}, InstallCode: [32]byte{5}},
			},
			FileCount: 8, Bytes: 9, Digest: [32]byte{6},
		}
	}, "fetch", "test", "build")
	i.begins(t.Context(), "fetch", "test")
	if i.out.Len() > 0 {
		t.Errorf("before the last step: %s", i.out)
	}
	i.begins(t.Context(), "build")
	zeros := strings.Repeat("0", 62)
	want := `{"file":"empty/package-lock.json","size":2,"sha256":"01` + zeros + `","lockfile":"npm","dependencies":0}
{"file":"pom\\000<\\195\\169>.xml","size":1234,"sha256":"ff` + zeros + `"}
{"unread":"a b","reason":"Vanished"}
{"dependency":"a","ecosystem":"npm","version":"1","source":"https://registry.example.com","integrity":"sha512-x","installCode":true,"lockfile":"package-lock.json"}
{"dependency":"b","ecosystem":"npm","version":"2","lockfile":"package-lock.json"}
{"package":"node_modules/a","ecosystem":"npm","name":"a","version":"1","sha256":"02` + zeros + `","installCode":"03` + zeros + `","hooks":["postinstall"],"native":1}
{"package":"node_modules","ecosystem":"npm","name":"","version":"","sha256":"04` + zeros + `"}
{"change":"fetch","added":0,"changed":0,"removed":0}
{"change":"test","added":0,"changed":0,"removed":0}
{"inputs":"Complete","sha256":"06` + zeros + `","files":8,"bytes":9,"dependencies":2,"packages":2,"unread":7,"millis":`
	if got := i.out.String(); !strings.HasPrefix(got, want) || len(i.lines()) != 10 {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if end := i.report.ending(); end.End != "Complete" {
		t.Errorf("%+v", end)
	}
}

// partial fails unless the inputs, and the report, are partial with the reason.
func (i taken) partial(t *testing.T, reason string) {
	t.Helper()
	lines := i.lines()
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, fmt.Sprintf(`{"inputs":"Partial","reason":%q,`, reason)) {
		t.Errorf("%s, and not for %s", last, reason)
	}
	if end := i.report.ending(); end.End != "Partial" || end.Reason != reason || end.Omitted != 0 {
		t.Errorf("%+v, and not for %s", end, reason)
	}
}

func TestAReadingThatIsNotComplete(t *testing.T) {
	for _, reason := range []string{
		workspace.TooManyFiles, workspace.TooManyBytes, workspace.TooSlow, workspace.TooManyItems, workspace.RootUnreadable,
	} {
		for partial := range 3 {
			t.Run(fmt.Sprint(reason, " at ", partial), func(t *testing.T) {
				number := -1
				i := newTaken(func(context.Context) *workspace.Reading {
					if number++; number == partial {
						return &workspace.Reading{Reason: reason}
					}
					return &workspace.Reading{}
				}, "a", "b", "c")
				i.begins(t.Context(), "a", "b", "c")
				i.partial(t, reason)
				// What cannot be compared is not reported as a change.
				if changes := strings.Count(i.out.String(), `"change"`); changes != max(0, partial-1) {
					t.Errorf("%d changes: %s", changes, i.out)
				}
			})
		}
	}
}

func TestAReadingThatIsInterrupted(t *testing.T) {
	alone := func() bool { return true }
	for name, c := range map[string]struct {
		launcher launcher
		alone    func() bool
	}{
		"by another process":                   {fakeLauncher(true), func() bool { return false }},
		"by the launcher, which does not wait": {fakeLauncher(false), alone},
	} {
		for _, at := range []string{"fetch", "build"} {
			t.Run(name+" at "+at, func(t *testing.T) {
				i := newTaken(complete, "fetch", "build")
				for _, step := range []string{"fetch", "build"} {
					i.report.begin()
					if step == at {
						i.take(t.Context(), step, c.launcher, c.alone)
					} else {
						i.take(t.Context(), step, fakeLauncher(true), alone)
					}
				}
				i.partial(t, interrupted)
			})
		}
	}
	t.Run("by the end of the observer", func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		i := newTaken(func(ctx context.Context) *workspace.Reading {
			stop()
			<-ctx.Done()
			return &workspace.Reading{Reason: workspace.TooSlow}
		}, "build")
		i.begins(ctx, "build")
		i.partial(t, interrupted)
	})
}

func TestAReadingHasALimitOfTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var took time.Duration
		i := newTaken(func(ctx context.Context) *workspace.Reading {
			started := time.Now()
			<-ctx.Done()
			took = time.Since(started)
			return &workspace.Reading{Reason: workspace.TooSlow}
		}, "build")
		i.begins(t.Context(), "build")
		i.partial(t, workspace.TooSlow)
		if took != wire.ReadPatience || !strings.Contains(i.out.String(), `"millis":60000}`) {
			t.Errorf("%s: %s", took, i.out)
		}
	})
}

// The time counts from the hello, also where an earlier reading has not ended.
func TestAReadingWaitsForTheOneBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		started := time.Now()
		i := newTaken(func(ctx context.Context) *workspace.Reading {
			if time.Since(started) < wire.ReadPatience {
				<-ctx.Done()
				time.Sleep(10 * time.Second)
			}
			if ctx.Err() != nil {
				return &workspace.Reading{Reason: workspace.TooSlow}
			}
			return &workspace.Reading{}
		}, "fetch", "build")
		go i.begins(t.Context(), "fetch")
		time.Sleep(5 * time.Second)
		i.begins(t.Context(), "build")
		if took := time.Since(started); took != wire.ReadPatience+10*time.Second {
			t.Errorf("%s", took)
		}
		i.partial(t, workspace.TooSlow)
	})
}

func TestInputsAreVoidWhereAStepMayHavePosedAsAnother(t *testing.T) {
	i := newTaken(complete, "fetch", "build")
	i.begins(t.Context(), "fetch", "build")
	for range 2 {
		i.report.heard()
	}
	i.finish()
	if last := i.lines()[1]; !strings.HasPrefix(last, `{"inputs":"Complete",`) || len(i.lines()) != 2 {
		t.Errorf("%q", i.lines())
	}
	i.report.heard()
	i.finish()
	i.finish()
	if len(i.lines()) != 3 {
		t.Errorf("%q", i.lines())
	}
	i.partial(t, interrupted)
}

func TestAReadingThatDoesNotEndDoesNotKeepTheObserver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		reads, ends := make(chan bool), make(chan bool)
		i := newTaken(func(context.Context) *workspace.Reading {
			reads <- true
			<-ends
			return &workspace.Reading{}
		}, "build")
		go i.begins(ctx, "build")
		<-reads
		stop()
		started := time.Now()
		i.finish()
		if took := time.Since(started); took != inputsPatience {
			t.Errorf("%s", took)
		}
		if end := i.report.ending(); end.Reason != interrupted || i.out.Len() > 0 {
			t.Errorf("%+v: %s", end, i.out)
		}
		if _, _, err := i.log.end(ending{}); err != nil {
			t.Fatal(err)
		}
		before := i.out.Len()
		close(ends)
		synctest.Wait()
		if i.out.Len() != before {
			t.Errorf("there are lines after the end: %s", i.out)
		}
	})
}

func TestWithoutStepsBeforeItABuildHasNoInputs(t *testing.T) {
	for _, c := range []struct {
		workspace string
		steps     []string
		read      bool
	}{{"/workspace", []string{"build"}, false}, {"", []string{"fetch", "build"}, false}, {"/workspace", []string{"fetch", "build"}, true}} {
		s := Settings{Workspace: c.workspace, Steps: c.steps}
		if got := s.inputs(nil, nil); (got != nil) != c.read {
			t.Errorf("%+v: %+v", c, got)
		}
	}
}

func TestTextsOfInputsAreBounded(t *testing.T) {
	for raw, want := range map[string]string{
		"":                                "",
		"a b\\c\x7f\n\xff":                `a b\\c\127\010\255`,
		strings.Repeat("a", maxText):      strings.Repeat("a", maxText),
		strings.Repeat("a", maxText+1):    strings.Repeat("a", maxText-19) + "...e8d95cc2b4bc198c",
		strings.Repeat("\x00", maxText):   (strings.Repeat(`\000`, 60))[:maxText-19] + "...5341e6b2646979a7",
		strings.Repeat("\x00", maxText+1): (strings.Repeat(`\000`, 60))[:maxText-19] + "...",
	} {
		if got := text(raw); !strings.HasPrefix(got, want) || len(got) > maxText {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
	if got := path(strings.Repeat("a", maxPath+1)); len(got) != maxPath || got[maxPath-19:maxPath-16] != "..." {
		t.Errorf("%q", got)
	}
	if path("a"+strings.Repeat("b", maxPath)+"c") == path("a"+strings.Repeat("b", maxPath)+"d") {
		t.Error("two paths have the same text")
	}
}

// largest is the worst that files can make of a reading.
func largest() *workspace.Reading {
	worst, r := strings.Repeat(`\`, 5000), new(workspace.Reading)
	for range workspace.MaxFiles {
		r.Files = append(r.Files, workspace.File{Path: worst, Size: math.MaxInt64, Lockfile: "npm", Dependencies: math.MaxInt64})
	}
	for range workspace.MaxUnread {
		r.Unread = append(r.Unread, workspace.Unread{Path: worst, Reason: workspace.Unparsable})
	}
	for range 1000 {
		r.Dependencies = append(r.Dependencies, workspace.Dependency{
			Dependency: lockfile.Dependency{Ecosystem: worst, Name: worst, Version: worst, Source: worst, Integrity: worst, InstallCode: true}, Lockfile: worst,
		})
		r.Packages = append(r.Packages, workspace.Package{
			Path: worst, Ecosystem: "golang", Name: worst, Version: worst, Native: math.MaxInt64,
			Hooks: []string{"preinstall", "install", "postinstall", "prepare", "binding.gyp", "setup.py", "build.rs", "*.pth", "sitecustomize.py"},
		})
	}
	r.FileCount, r.Bytes, r.UnreadCount = math.MaxInt64, math.MaxInt64, math.MaxInt64
	return r
}

func TestLinesThatDoNotFitAreLeftOut(t *testing.T) {
	var steps []string
	for i := range MaxSteps {
		steps = append(steps, fmt.Sprintf("%063d", i))
	}
	i := newTaken(func(context.Context) *workspace.Reading { return largest() }, steps...)
	i.begins(t.Context(), steps...)
	i.partial(t, workspace.TooManyItems)
	for range MaxSteps + 1 {
		i.report.heard()
	}
	i.finish()
	t.Logf("%d bytes, %d lines", i.out.Len(), len(i.lines()))
	if size := i.out.Len(); size > maxInputs || size < maxInputs-2*inputsEnd-maxLine {
		t.Errorf("%d bytes", size)
	}
	for kind, want := range map[string]int{"file": workspace.MaxFiles, "unread": workspace.MaxUnread, "change": MaxSteps - 1, "inputs": 1} {
		if got := strings.Count(i.out.String(), `{"`+kind+`":`); got != want {
			t.Errorf("%d lines of %s, and not %d", got, kind, want)
		}
	}
	for _, line := range i.lines() {
		if !json.Valid([]byte(line)) || len(line) >= maxLine {
			t.Errorf("%d bytes: %s", len(line), line)
		}
	}
}

// Each line of the worst reading is one that the log takes.
func TestTheLongestLineFits(t *testing.T) {
	r := largest()
	r.Files, r.Unread, r.Dependencies, r.Packages = r.Files[:1], r.Unread[:1], r.Dependencies[:1], r.Packages[:1]
	lines, left := linesOf(r, nil)
	if len(lines) != 4 || left != 0 {
		t.Errorf("%d are left out of %d", left, len(lines))
	}
}

func TestALogThatCannotBeWrittenFailsTheInputs(t *testing.T) {
	i := newTaken(complete, "build")
	i.log.ended = true
	i.begins(t.Context(), "build")
	if i.out.Len() > 0 || !errors.Is(i.report.finish(i.log, counters{}, ""), errEnded) {
		t.Errorf("%s", i.out)
	}
}
