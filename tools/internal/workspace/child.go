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

	"cleanroom.dev/tools/internal/archive"
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

// Child parses a lockfile, an archive or a report in a process of its own, whose memory, time and output are limited. Command is that
// process, to which the name of the format is added as the last argument: its standard input is the file, and it must call ParseChild.
type Child struct{ Command []string }

// Parse returns an error if the process fails, is killed, or says too much.
func (c Child) Parse(ctx context.Context, format string, content io.Reader) ([]lockfile.Dependency, error) {
	ctx, cancel := context.WithTimeout(ctx, childTime)
	defer cancel()
	var dependencies []lockfile.Dependency
	err := c.run(ctx, format, content, func(line []byte) error {
		if len(dependencies) == lockfile.MaxDependencies {
			return errOutput
		}
		var each lockfile.Dependency
		err := json.Unmarshal(line, &each)
		dependencies = append(dependencies, each)
		return err
	})
	if err != nil {
		return nil, err
	}
	return dependencies, nil
}

// run calls each for every line that the process says.
func (c Child) run(ctx context.Context, format string, content io.Reader, each func(line []byte) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	command := exec.CommandContext(ctx, c.Command[0], append(c.Command[1:len(c.Command):len(c.Command)], format)...)
	command.Env = []string{}
	command.Stdin = content
	output, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	if err = readLines(output, each); err != nil {
		cancel()
	}
	// This waits until nothing reads the content any more.
	return errors.Join(err, command.Wait())
}

// exitError is that of a process.
type exitError = *exec.ExitError

var errOutput = errors.New("the process that parses a file says too much")

func readLines(output io.Reader, each func(line []byte) error) error {
	lines := bufio.NewScanner(io.LimitReader(output, childOutput))
	lines.Buffer(nil, childLine)
	total := 0
	for lines.Scan() {
		if total += len(lines.Bytes()) + 1; total >= childOutput {
			return errOutput
		}
		if err := each(lines.Bytes()); err != nil {
			return err
		}
	}
	return lines.Err()
}

// parse reads a lockfile. Tests replace it.
var parse = lockfile.Read

// ParseChild is the child's side: it limits its own memory, reads a file of a format, and writes what it found as lines of JSON. The program
// must end after it, with ExitCode if it returns an error.
func ParseChild(format string, in io.Reader, out io.Writer) error {
	if err := limitMemory(childMemory); err != nil {
		return err
	}
	debug.SetMemoryLimit(softMemory)
	debug.SetGCPercent(garbagePercent)
	switch format {
	case archive.Zip, archive.Tar, archive.TarGz, archive.OCI:
		return archiveChild(format, in, out)
	case formatSARIF:
		return sarifChild(in, out)
	}
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
