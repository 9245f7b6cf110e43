package observe

import (
	"context"
	"errors"
	"math"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cleanroom.dev/tools/internal/archive"
	"cleanroom.dev/tools/internal/sarif"
	"cleanroom.dev/tools/internal/workspace"
)

// largestDeclared is the worst that files can make of artifacts and reports.
func largestDeclared() (d workspace.Declared) {
	worst := strings.Repeat(`\`, 5000)
	for range workspace.MaxArtifacts {
		d.Artifacts = append(d.Artifacts, workspace.Artifact{
			Path: worst, Size: math.MaxInt64, SHA256: new([32]byte), Format: "file", Count: 1000, Content: strings.Repeat("0", 64),
			Problems: []string{
				archive.DuplicateEntry, archive.Escape, archive.HeaderMismatch, archive.HiddenData, archive.LeadingData, archive.Overlap, archive.SpecialFile,
				archive.TooBig, archive.TooDeep, archive.TooManyEntries, archive.TrailingData, archive.Unreadable, workspace.Changed, workspace.TooSlow,
			},
		})
	}
	for range 1000 {
		d.Artifacts[0].Entries = append(d.Artifacts[0].Entries, archive.Entry{In: worst, Path: worst, Size: math.MaxInt64, SHA256: strings.Repeat("0", 64), Mode: "0644", Link: true})
	}
	for range workspace.MaxReports {
		d.Reports = append(d.Reports, workspace.Report{Path: worst, SHA256: new([32]byte), Log: sarif.Log{Tool: worst, Version: worst, Total: 1000}, Problem: workspace.Unparsable})
	}
	for range 1000 {
		d.Reports[0].Results = append(d.Reports[0].Results, sarif.Result{Tool: worst, Rule: worst, Fingerprint: strings.Repeat("0", 16), Level: "warning", Severity: "10.00", Count: math.MaxInt64})
	}
	return d
}

func TestTheLinesOfArtifactsAndReports(t *testing.T) {
	i := newTaken(complete, "build")
	i.outs.root, i.outs.artifacts, i.outs.reports = "/workspace", make([]workspace.Pattern, 1), make([]workspace.Pattern, 2)
	now := new(workspace.Reading)
	i.outs.compare = func(_ context.Context, root string, begun *workspace.Reading) workspace.Differences {
		if root != "/workspace" || begun != nil {
			t.Errorf("%s, %v", root, begun)
		}
		return workspace.Differences{Now: now, New: []workspace.New{{Path: "not compared"}}}
	}
	i.outs.declared = func(_ context.Context, root string, read *workspace.Reading, artifacts, reports []workspace.Pattern) workspace.Declared {
		if root != "/workspace" || read != now || len(artifacts) != 1 || len(reports) != 2 {
			t.Errorf("%s, %v, %d, %d", root, read, len(artifacts), len(reports))
		}
		return workspace.Declared{
			Artifacts: []workspace.Artifact{{
				Path: "a b.jar", Size: 7, SHA256: new([32]byte), Format: "zip", Count: 2, Content: "c0", Problems: []string{"Escape"},
				Entries: []archive.Entry{{Path: "x\n", Size: 1, SHA256: "d0", Mode: "0644"}, {In: "b.jar", Path: "l", Size: 2, Link: true}},
			}, {Path: "image", Format: "oci", Problems: []string{"Unreadable"}}},
			Reports: []workspace.Report{
				{Path: "x.sarif", Log: sarif.Log{Tool: "scan", Version: "1", Total: 3, Results: []sarif.Result{{Tool: "scan", Rule: "r", Fingerprint: "f0", Level: "error", Severity: "9.1", Count: 3}}}},
				{Path: "y.sarif", SHA256: new([32]byte), Problem: "Unparsable"},
			},
			ReportsReason: workspace.TooManyFiles,
		}
	}
	i.close()
	zeros := strings.Repeat("0", 64)
	want := `{"artifact":"a b.jar","size":7,"sha256":"` + zeros + `","format":"zip","entries":2,"content":"c0","problems":["Escape"]}
{"artifact":"image","size":0,"format":"oci","entries":0,"problems":["Unreadable"]}
{"entry":"x\\010","in":"a b.jar","size":1,"sha256":"d0","mode":"0644","type":"file"}
{"entry":"l","in":"a b.jar!b.jar","size":2,"type":"link"}
{"artifacts":"Complete","count":2,"entries":2}
{"report":"x.sarif","tool":"scan","version":"1","results":3}
{"report":"y.sarif","sha256":"` + zeros + `","results":0,"problem":"Unparsable"}
{"result":"r","in":"x.sarif","tool":"scan","fingerprint":"f0","level":"error","severity":"9.1","count":3}
{"reports":"Partial","reason":"TooManyFiles","count":2,"results":3}
`
	if got := i.out.String(); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// What is not declared has no lines, not even their end.
func TestOnlyArtifacts(t *testing.T) {
	i := newTaken(complete, "build")
	i.outs.root, i.outs.artifacts = "/workspace", make([]workspace.Pattern, 1)
	i.compares(workspace.Differences{})
	i.close()
	if got := i.out.String(); got != `{"artifacts":"Partial","reason":"TooSlow","count":0,"entries":0}`+"\n" {
		t.Errorf("%s", got)
	}
	without := newTaken(complete, "build")
	without.outs.artifacts = i.outs.artifacts
	without.close()
	if without.out.Len() > 0 {
		t.Errorf("without a workspace: %s", without.out)
	}
}

func TestDetailsThatDoNotFitAreLeftOut(t *testing.T) {
	for name, written := range map[string]int{"their own limit": 0, "that of the log": maxLog - maxEnd - maxReports} {
		t.Run(name, func(t *testing.T) {
			i := newTaken(complete, "build")
			i.outs.artifacts, i.outs.reports = make([]workspace.Pattern, 1), make([]workspace.Pattern, 1)
			i.outs.log.bytes = written
			i.outs.writeDeclared(largestDeclared())
			all := i.out.String()
			for _, want := range []string{`{"artifacts":"Partial","reason":"TooManyItems","count":50,"entries":50000}`, `{"reports":"Partial","reason":"TooManyItems","count":20,"results":20000}`} {
				if !strings.Contains(all, want) {
					t.Errorf("%s is missing", want)
				}
			}
			if artifacts := strings.Count(all, `{"artifact":`); artifacts != workspace.MaxArtifacts {
				t.Errorf("%d artifacts", artifacts)
			}
			if written+len(all) > maxLog-maxEnd+maxLine || len(all) > maxArtifacts+maxReports+maxLine {
				t.Errorf("%d bytes", len(all))
			}
		})
	}
}

func TestDeclaredFilesHaveALimitOfTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newTaken(complete, "build")
		i.outs.root, i.outs.reports = "/workspace", make([]workspace.Pattern, 1)
		i.compares(workspace.Differences{Added: 1})
		i.outs.declared = func(context.Context, string, *workspace.Reading, []workspace.Pattern, []workspace.Pattern) workspace.Declared {
			time.Sleep(time.Hour)
			return workspace.Declared{}
		}
		i.begins(t.Context(), "build")
		started := time.Now()
		i.close()
		lines := i.lines()
		if took := time.Since(started); took != 30*time.Second || lines[len(lines)-1] != `{"reports":"Partial","reason":"TooSlow","count":0,"results":0}` ||
			lines[len(lines)-2] != `{"outputs":"Complete","added":1,"changed":0,"removed":0,"millis":0}` {
			t.Errorf("%s: %q", took, lines)
		}
		time.Sleep(time.Hour)
	})
}

func TestTheLinesOfNewFiles(t *testing.T) {
	i := newTaken(complete, "build")
	i.compares(workspace.Differences{Added: 9, New: []workspace.New{
		{Path: "dist/x.sh", Size: 12, Type: "file", Executable: true, Native: true}, {Path: "é", Type: "folder"},
	}})
	i.begins(t.Context(), "build")
	i.close()
	want := `"millis":0}
{"new":"dist/x.sh","size":12,"type":"file","executable":true,"native":true}
{"new":"\\195\\169","size":0,"type":"folder"}
`
	if got := i.out.String(); !strings.HasSuffix(got, want) {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// The observer's own functions, on files: the only step of a pod has no inputs.
func TestAPodOfOneStepHasArtifacts(t *testing.T) {
	s := Settings{Workspace: t.TempDir(), Steps: []string{"build"}, Artifacts: []workspace.Pattern{{"dist", "*"}}, Parse: []string{"/missing"}}
	if err := errors.Join(os.Mkdir(s.Workspace+"/dist", 0o755), os.WriteFile(s.Workspace+"/dist/tool", []byte("1"), 0o755)); err != nil {
		t.Fatal(err)
	}
	out := new(strings.Builder)
	log := newLog(out)
	newOutputs(s, log).close(s.inputs(newReport(s.Steps), log))
	want := `{"artifact":"dist/tool","size":1,"sha256":"6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b","format":"file","entries":0}
{"artifacts":"Complete","count":1,"entries":0}
`
	if out.String() != want {
		t.Errorf("%s\nwant\n%s", out, want)
	}
}

func TestResultsThatWereNotKept(t *testing.T) {
	i := newTaken(complete, "build")
	i.outs.reports = make([]workspace.Pattern, 1)
	i.outs.writeDeclared(workspace.Declared{Reports: []workspace.Report{{Path: "a", Log: sarif.Log{Total: 2}, Omitted: 1}}})
	if lines := i.lines(); lines[1] != `{"reports":"Partial","reason":"TooManyItems","count":1,"results":2}` {
		t.Errorf("%s", lines)
	}
}
