package workspace

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"runtime/debug"
	"time"

	"cleanroom.dev/tools/internal/lockfile"
)

const (
	// childMemory limits the data of the process in which a lockfile is parsed, in bytes. About 40 MiB of it are the runtime's own, and are
	// not used: the process takes 170 MiB at most. What the runtime has freed counts, too, so garbage is collected early: a lockfile of
	// 30 MiB that names 49,500 packages takes 70 MiB then.
	childMemory = 208 << 20
	// softMemory is where the runtime begins to collect garbage all the time, and garbagePercent is how much there may be before, in
	// percent of what is used.
	softMemory     = 112 << 20
	garbagePercent = 25
	// childTime limits the time.
	childTime = 10 * time.Second
	// childLine and childOutput limit what the process says, in bytes.
	childLine   = 64 << 10
	childOutput = 32 << 20
)

// Child parses a lockfile in a process of its own, whose memory, time and output are limited. Command is that process, to which the name of
// the format is added as the last argument: its standard input is the lockfile, and it must call ParseChild.
type Child struct{ Command []string }

// Parse returns an error if the process fails, is killed, or says too much.
func (c Child) Parse(ctx context.Context, format string, content io.Reader) ([]lockfile.Dependency, error) {
	ctx, cancel := context.WithTimeout(ctx, childTime)
	defer cancel()
	command := exec.CommandContext(ctx, c.Command[0], append(c.Command[1:len(c.Command):len(c.Command)], format)...)
	command.Env = []string{}
	command.Stdin = content
	output, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	dependencies, err := readLines(output)
	if err != nil {
		cancel()
	}
	// This waits until nothing reads the content any more.
	return dependencies, errors.Join(err, command.Wait())
}

var errOutput = errors.New("the process that parses a lockfile says too much")

func readLines(output io.Reader) (dependencies []lockfile.Dependency, err error) {
	lines := bufio.NewScanner(io.LimitReader(output, childOutput))
	lines.Buffer(nil, childLine)
	total := 0
	for lines.Scan() {
		if total += len(lines.Bytes()) + 1; total >= childOutput || len(dependencies) == lockfile.MaxDependencies {
			return nil, errOutput
		}
		var each lockfile.Dependency
		if err := json.Unmarshal(lines.Bytes(), &each); err != nil {
			return nil, err
		}
		dependencies = append(dependencies, each)
	}
	return dependencies, lines.Err()
}

// parse reads a lockfile. Tests replace it.
var parse = lockfile.Read

// ParseChild is the child's side: it limits its own memory, reads a lockfile, and writes its dependencies as lines of JSON. The program must
// end after it, with an exit code other than 0 if it returns an error.
func ParseChild(format string, in io.Reader, out io.Writer) error {
	if err := limitMemory(childMemory); err != nil {
		return err
	}
	debug.SetMemoryLimit(softMemory)
	debug.SetGCPercent(garbagePercent)
	// Allocated at once: a buffer that grows would need twice as much.
	data := make([]byte, max(lockfile.MaxJSON, lockfile.MaxText)+1)
	n, err := io.ReadFull(in, data)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return err
	}
	dependencies, err := parse(format, data[:n])
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(out)
	lines := json.NewEncoder(buffered)
	lines.SetEscapeHTML(false)
	for _, each := range dependencies {
		if err := lines.Encode(each); err != nil {
			return err
		}
	}
	return buffered.Flush()
}
