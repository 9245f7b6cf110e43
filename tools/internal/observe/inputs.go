package observe

import (
	"context"
	"encoding/hex"
	"os"
	"time"

	"cleanroom.dev/tools/internal/wire"
	"cleanroom.dev/tools/internal/workspace"
)

// interrupted is the reason of inputs that something may have changed while, or after, they were read: another process of the steps' user
// ran, or the launcher did not wait.
const interrupted = "Interrupted"

// inputsPatience is how long a reading may take to end when the observer ends.
const inputsPatience = 2 * time.Second

// inputs are what the workspace has when a step starts. It is read while the step's launcher waits:
//  1. At each step's hello the workspace is read, and compared with the reading before: that is what the step before changed.
//  2. At the last step's hello what was read is written to the log.
//
// A reading counts only if nothing else of the steps' user ran before and after it, and the launcher waited for its end.
type inputs struct {
	// read is workspace.Read.
	read     func(context.Context, workspace.Settings) *workspace.Reading
	settings workspace.Settings
	// last is the step whose inputs are written.
	last   string
	report *report
	log    *log

	// turn has room for the one that uses what follows, which a reading does as long as it lasts.
	turn chan struct{}
	// before is the last reading, of the step that began then.
	before *workspace.Reading
	step   string
	// changes are those of the steps before the last, in their order.
	changes []changeLine
	// reason is the first one why a reading is not complete.
	reason string
	// end is what was written last; nil before.
	end *inputsLine
}

func newInputs(settings workspace.Settings, last string, r *report, out *log) *inputs {
	return &inputs{
		read: workspace.Read, settings: settings, last: last, report: r, log: out, turn: make(chan struct{}, 1),
	}
}

// launcher is the process that waits for the end of a reading.
type launcher interface {
	open(path string) (*os.File, error)
	waits() bool
}

// take reads the workspace for a step that starts. Alone reports whether nothing else of the steps' user runs. The reading ends after
// wire.ReadPatience.
func (i *inputs) take(ctx context.Context, step string, launcher launcher, alone func() bool) {
	ctx, cancel := context.WithTimeout(ctx, wire.ReadPatience)
	defer cancel()
	i.turn <- struct{}{}
	defer func() { <-i.turn }()
	started := time.Now()
	settings := i.settings
	settings.Open = launcher.open
	now := i.read(ctx, settings)
	took := time.Since(started)
	// The end of the observer is no matter of time.
	if context.Cause(ctx) == context.Canceled || !alone() || !launcher.waits() {
		i.miss(interrupted)
	}
	i.miss(now.Reason)
	if i.before != nil && i.reason == "" {
		line := changeLine{Change: i.step}
		line.Added, line.Changed, line.Removed = workspace.Changes(i.before, now)
		i.changes = append(i.changes, line)
	}
	i.before, i.step = now.Entries(), step
	if step == i.last {
		i.write(now, took)
	}
}

// miss keeps the first reason.
func (i *inputs) miss(reason string) {
	if i.reason == "" && reason != "" {
		i.reason = reason
		i.report.lacks(reason)
	}
}

// write writes the lines of the inputs. What does not fit is left out. A line that cannot be written fails the report at its end.
func (i *inputs) write(now *workspace.Reading, took time.Duration) {
	lines, left := linesOf(now, i.changes)
	if left > 0 {
		i.miss(workspace.TooManyItems)
	}
	for _, line := range lines {
		_ = i.log.line(line)
	}
	i.end = &inputsLine{
		Inputs: "Complete", SHA256: hex.EncodeToString(now.Digest[:]), Files: now.FileCount, Bytes: now.Bytes, Dependencies: len(now.Dependencies),
		Packages: len(now.Packages), Unread: now.UnreadCount, Millis: took.Milliseconds(),
	}
	i.writeEnd()
}

func (i *inputs) writeEnd() {
	if i.reason != "" {
		i.end.Inputs, i.end.Reason = "Partial", i.reason
	}
	_ = i.log.line(i.end)
}

// void notes that what was read may not be what the last step had. If the end of the inputs was written, it is written again.
func (i *inputs) void() {
	i.turn <- struct{}{}
	defer func() { <-i.turn }()
	i.voidNow()
}

func (i *inputs) voidNow() {
	if i.reason == "" {
		i.miss(interrupted)
		if i.end != nil {
			i.writeEnd()
		}
	}
}

// finish waits a moment for a reading that the observer's end has stopped. What was read is void where a step may have posed as another.
// It returns what the last step began with, if all of it was read.
func (i *inputs) finish() (begun *workspace.Reading) {
	if i == nil {
		return nil
	}
	select {
	case i.turn <- struct{}{}:
		defer func() { <-i.turn }()
		if i.report.has(tooManyHellos) {
			i.voidNow()
		}
		if i.end != nil && i.reason == "" {
			return i.before
		}
	case <-time.After(inputsPatience):
		i.report.lacks(interrupted)
	}
	return nil
}
