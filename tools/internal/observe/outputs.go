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

// close ends the inputs, and writes the outputs if there is something to compare them with.
func (i *inputs) close() {
	if i == nil {
		return
	}
	if begun := i.finish(); begun != nil {
		i.outputs(begun)
	}
}

// outputs compares the workspace with what the last step began with, and writes which inputs are others now or are gone. What is missing
// there does not make the report partial: a build may write more than is read. A line that cannot be written fails the report at its end.
func (i *inputs) outputs(begun *workspace.Reading) {
	ctx, cancel := context.WithTimeout(context.Background(), outputsPatience)
	defer cancel()
	started := time.Now()
	compared := make(chan workspace.Differences, 1)
	go func() { compared <- i.compare(ctx, i.settings.Root, begun) }()
	found := workspace.Differences{Reason: workspace.TooSlow}
	select {
	case found = <-compared:
	case <-time.After(outputsPatience + inputsPatience):
	}
	for _, each := range found.Inputs {
		line := outputLine{path(each.Path), "Changed"}
		if each.Removed {
			line.Change = "Removed"
		}
		_ = i.log.line(line)
	}
	end := outputsLine{"Complete", found.Reason, found.Added, found.Changed, found.Removed, time.Since(started).Milliseconds()}
	if end.Reason != "" {
		end.Outputs = "Partial"
	}
	_ = i.log.line(end)
}
