package workspace

import (
	"context"
	"errors"
	"io"

	"cleanroom.dev/tools/internal/lockfile"
)

// Child parses a lockfile in a process of its own, whose memory, time and output are limited. Command is that process, to which the name of
// the format is added as the last argument: its standard input is the lockfile, and it must call ParseChild.
type Child struct{ Command []string }

// Parse returns an error if the process fails, is killed, or says too much.
func (c Child) Parse(ctx context.Context, format string, content io.Reader) ([]lockfile.Dependency, error) {
	return nil, errors.New("not yet")
}

// ParseChild is the child's side: it limits its own memory, reads a lockfile, and writes its dependencies as lines of JSON. The program must
// end after it, with an exit code other than 0 if it returns an error.
func ParseChild(format string, in io.Reader, out io.Writer) error {
	return errors.New("not yet")
}
