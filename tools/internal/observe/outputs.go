package observe

import (
	"context"
	"time"

	"cleanroom.dev/tools/internal/workspace"
)

// outputsPatience is how long the workspace may be read when the build has ended. With inputsPatience, in which the reading has to end, it is
// 30 s. The pod has 60 s, of which writing the report may take finishPatience.
const outputsPatience = 28 * time.Second

type outputLine struct {
	Output string `json:"output"`
	Change string `json:"change"`
}

type outputsLine struct {
	Outputs string `json:"outputs"`
	Reason  string `json:"reason,omitempty"`
	Added   int    `json:"added"`
	Changed int    `json:"changed"`
	Removed int    `json:"removed"`
	Millis  int64  `json:"millis"`
}

type newLine struct {
	New        string `json:"new"`
	Size       int64  `json:"size"`
	Type       string `json:"type"`
	Executable bool   `json:"executable,omitempty"`
	Native     bool   `json:"native,omitempty"`
}

// outputs are what the workspace has when the build has ended: how it differs from what the last step began with, and what was declared.
type outputs struct {
	// root is empty if there is no workspace.
	root               string
	artifacts, reports []workspace.Pattern
	// compare is workspace.Compare, and declared Child.Declared.
	compare  func(ctx context.Context, root string, begun *workspace.Reading) workspace.Differences
	declared func(ctx context.Context, root string, now *workspace.Reading, artifacts, reports []workspace.Pattern) workspace.Declared
	log      *log
}

func newOutputs(s Settings, out *log) *outputs {
	return &outputs{s.Workspace, s.Artifacts, s.Reports, workspace.Compare, workspace.Child{Command: s.Parse}.Declared, out}
}

// close ends the inputs, and writes the outputs if there is something to compare them with, or something was declared. What is missing there
// does not make the report partial: a build may write more than is read. A line that cannot be written fails the report at its end.
func (o *outputs) close(i *inputs) {
	begun := i.finish()
	declares := o.root != "" && len(o.artifacts)+len(o.reports) > 0
	if begun == nil && !declares {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), outputsPatience)
	defer cancel()
	started := time.Now()
	late := time.After(outputsPatience + inputsPatience)
	compared, read := make(chan workspace.Differences, 1), make(chan workspace.Declared, 1)
	go func() {
		found := o.compare(ctx, o.root, begun)
		compared <- found
		if declares {
			read <- o.declared(ctx, o.root, found.Now, o.artifacts, o.reports)
		}
	}()
	found := workspace.Differences{Reason: workspace.TooSlow}
	declared := workspace.Declared{ArtifactsReason: workspace.TooSlow, ReportsReason: workspace.TooSlow}
	expired := false
	select {
	case found = <-compared:
	case <-late:
		expired = true
	}
	if begun != nil {
		o.write(found, time.Since(started))
	}
	if !declares {
		return
	}
	if !expired {
		select {
		case declared = <-read:
		case <-late:
		}
	}
	o.writeDeclared(declared)
}

// write writes which inputs are others now or are gone, and what is new.
func (o *outputs) write(found workspace.Differences, took time.Duration) {
	for _, each := range found.Inputs {
		line := outputLine{path(each.Path), "Changed"}
		if each.Removed {
			line.Change = "Removed"
		}
		_ = o.log.line(line)
	}
	end := outputsLine{"Complete", found.Reason, found.Added, found.Changed, found.Removed, took.Milliseconds()}
	if end.Reason != "" {
		end.Outputs = "Partial"
	}
	_ = o.log.line(end)
	var lines []any
	for _, each := range found.New {
		lines = append(lines, newLine{path(each.Path), each.Size, each.Type, each.Executable, each.Native})
	}
	// The counts have those that do not fit.
	_ = o.all(lines[:fitting(lines, o.room(maxNew))])
}

// all writes lines.
func (o *outputs) all(lines []any) (err error) {
	for _, line := range lines {
		err = o.log.line(line)
	}
	return err
}

// room is how many bytes of the log there are for lines of a kind, which may take at most limit.
func (o *outputs) room(limit int) int {
	o.log.mu.Lock()
	defer o.log.mu.Unlock()
	return max(min(limit, maxLog-maxEnd-o.log.bytes), 0)
}
