package observe

import (
	"context"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cleanroom.dev/tools/internal/workspace"
)

// compares has the workspace compared when the build has ended.
func (i taken) compares(found workspace.Differences) {
	i.outs.compare = func(context.Context, string, *workspace.Reading) workspace.Differences { return found }
}

func TestTheLinesOfOutputs(t *testing.T) {
	i := newTaken(complete, "fetch", "build")
	i.outs.root = "/workspace"
	i.outs.compare = func(_ context.Context, root string, before *workspace.Reading) workspace.Differences {
		if root != "/workspace" || before != i.before || before == nil {
			t.Errorf("%s, %v", root, before)
		}
		return workspace.Differences{Inputs: []workspace.Difference{{Path: "pom\x00<é>.xml"}, {Path: "a b", Removed: true}}, Added: 120, Changed: 1, Removed: 1}
	}
	i.begins(t.Context(), "fetch", "build")
	before := len(i.lines())
	i.close()
	want := `{"output":"pom\\000<\\195\\169>.xml","change":"Changed"}
{"output":"a b","change":"Removed"}
{"outputs":"Complete","added":120,"changed":1,"removed":1,"millis":`
	if got := strings.Join(i.lines()[before:], "\n"); !strings.HasPrefix(got, want) || strings.Count(got, "\n") != 2 {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// A build may write more than is read, and that is no reason against the report.
func TestOutputsThatAreNotComplete(t *testing.T) {
	for _, reason := range []string{
		workspace.TooManyFiles, workspace.TooManyBytes, workspace.TooSlow, workspace.TooManyItems, workspace.Unreadable,
	} {
		i := newTaken(complete, "fetch", "build")
		i.compares(workspace.Differences{Reason: reason, Added: 3})
		i.begins(t.Context(), "fetch", "build")
		i.close()
		lines := i.lines()
		if last := lines[len(lines)-1]; !strings.HasPrefix(last, fmt.Sprintf(`{"outputs":"Partial","reason":%q,"added":3,"changed":0,"removed":0,"millis":`, reason)) {
			t.Errorf("%s", last)
		}
		if end := i.report.ending(); end.End != "Complete" {
			t.Errorf("%s: %+v", reason, end)
		}
	}
}

func TestWithoutWholeInputsThereAreNoOutputs(t *testing.T) {
	for name, prepare := range map[string]func(taken){
		"the build has not begun": func(i taken) { i.begins(t.Context(), "fetch") },
		"the inputs are partial": func(i taken) {
			i.read = func(context.Context, workspace.Settings) *workspace.Reading {
				return &workspace.Reading{Reason: workspace.TooSlow}
			}
			i.begins(t.Context(), "fetch", "build")
		},
		"the launcher did not wait": func(i taken) {
			i.begins(t.Context(), "fetch", "build")
			i.void()
		},
		"a step may have posed as another": func(i taken) {
			i.begins(t.Context(), "fetch", "build")
			for range 3 {
				i.report.heard()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			i := newTaken(complete, "fetch", "build")
			i.outs.compare = func(context.Context, string, *workspace.Reading) workspace.Differences {
				t.Error("the workspace is read")
				return workspace.Differences{}
			}
			prepare(i)
			i.close()
			if strings.Contains(i.out.String(), "output") {
				t.Errorf("%s", i.out)
			}
		})
	}
	// A pod without inputs.
	newOutputs(Settings{Workspace: "/workspace"}, nil).close(nil)
}

func TestOutputsHaveALimitOfTime(t *testing.T) {
	for name, c := range map[string]struct {
		compare func(context.Context) workspace.Differences
		took    time.Duration
		added   int
	}{
		"a long reading": {func(ctx context.Context) workspace.Differences {
			<-ctx.Done()
			return workspace.Differences{Reason: workspace.TooSlow, Added: 7}
		}, 28 * time.Second, 7},
		"one that hangs": {func(context.Context) workspace.Differences {
			time.Sleep(time.Hour)
			return workspace.Differences{Added: 7}
		}, 30 * time.Second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := newTaken(complete, "build")
				i.outs.compare = func(ctx context.Context, _ string, _ *workspace.Reading) workspace.Differences { return c.compare(ctx) }
				i.begins(t.Context(), "build")
				started := time.Now()
				i.close()
				want := fmt.Sprintf(`{"outputs":"Partial","reason":"TooSlow","added":%d,"changed":0,"removed":0,"millis":%d}`, c.added, c.took.Milliseconds())
				if took := time.Since(started); took != c.took || i.lines()[1] != want {
					t.Errorf("%s: %s, want %s", took, i.lines()[1], want)
				}
				if _, _, err := i.log.end(ending{}); err != nil {
					t.Fatal(err)
				}
				before := i.out.Len()
				time.Sleep(time.Hour)
				synctest.Wait()
				if i.out.Len() != before {
					t.Errorf("there are lines after the end: %s", i.out)
				}
			})
		})
	}
}

// The observer's own functions, on files.
func TestABuildThatChangesItsInputs(t *testing.T) {
	root := t.TempDir()
	write := func(path, content string) {
		t.Helper()
		if err := os.WriteFile(root+"/"+path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("a.java", "1")
	write("gone.java", "1")
	write("z.sh", "1")
	out := new(strings.Builder)
	r, log := newReport([]string{"fetch", "build"}), newLog(out)
	s := Settings{Workspace: root, Steps: []string{"fetch", "build"}}
	i := s.inputs(r, log)
	for _, step := range []string{"fetch", "build"} {
		i.take(t.Context(), step, fakeLauncher(true), func() bool { return true })
	}
	write("a.java", "2")
	write("z.sh", "2")
	write("new.class", "1")
	if err := os.Remove(root + "/gone.java"); err != nil {
		t.Fatal(err)
	}
	newOutputs(s, log).close(i)
	want := `{"output":"z.sh","change":"Changed"}
{"output":"a.java","change":"Changed"}
{"output":"gone.java","change":"Removed"}
{"outputs":"Complete","added":1,"changed":2,"removed":1,"millis":`
	if _, got, _ := strings.Cut(out.String(), `{"inputs":"Complete"`); !strings.Contains(got, want) {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// largestOutputs is the worst that files can make of the outputs.
func largestOutputs() (found workspace.Differences) {
	for range workspace.MaxDifferences {
		found.Inputs = append(found.Inputs, workspace.Difference{Path: strings.Repeat(`\`, 5000)})
	}
	for range workspace.MaxNew {
		found.New = append(found.New, workspace.New{Path: strings.Repeat(`\`, 5000), Size: math.MaxInt64, Type: "folder", Executable: true, Native: true})
	}
	return found
}
