package workspace

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"

	"cleanroom.dev/tools/internal/archive"
	"cleanroom.dev/tools/internal/sarif"
)

// formatSARIF is the format of reports.
const formatSARIF = "sarif"

// exitTooLong is the exit code of a child that found more than its limits allow.
const exitTooLong = 3

// entryLine is one that the child writes for an archive. Paths have bytes of any kind.
type entryLine struct {
	In, Path     []byte
	Size         int64
	SHA256, Mode string
	Link         bool
	// End is in the last line.
	End *archiveEnd
}

type archiveEnd struct {
	Format   string
	Count    int
	Content  string
	Problems []string
}

// listed counts the entries of all artifacts that are named, or the results of all reports.
type listed struct{ count, text int }

// takes reports whether there is room for one more, which has so many bytes of text.
func (l *listed) takes(text int) bool {
	if l.count == maxListed || l.text+text > maxListedText {
		return false
	}
	l.count++
	l.text += text
	return true
}

// archive reads an archive from an open file, whose offset it does not use.
func (c Child) archive(ctx context.Context, format string, fd int, to *Artifact, listed *listed) {
	file := duplicate(fd)
	if file == nil {
		to.Problems = []string{Unreadable}
		return
	}
	defer file.Close()
	limited, cancel := context.WithTimeout(ctx, archiveTime)
	defer cancel()
	var end *archiveEnd
	err := c.run(limited, format, file, func(line []byte) error {
		var each entryLine
		if err := json.Unmarshal(line, &each); err != nil {
			return err
		}
		if end != nil {
			return errOutput
		}
		if end = each.End; end != nil {
			return nil
		}
		if !listed.takes(len(each.In) + len(each.Path)) {
			return nil
		}
		to.Entries = append(to.Entries, archive.Entry{
			In: string(each.In), Path: string(each.Path), Size: each.Size, SHA256: each.SHA256, Mode: each.Mode, Link: each.Link,
		})
		return nil
	})
	switch {
	case err == nil && end != nil:
		to.Count, to.Content, to.Problems, to.Format = end.Count, end.Content, end.Problems, end.Format
	case limited.Err() != nil:
		to.Problems = []string{TooSlow}
	default:
		to.Problems = []string{Unreadable}
	}
}

// report reads a scanner's report.
func (c Child) report(ctx context.Context, fd int, to *Report, listed *listed) error {
	file := duplicate(fd)
	if file == nil {
		return errOutput
	}
	defer file.Close()
	ctx, cancel := context.WithTimeout(ctx, reportTime)
	defer cancel()
	first := true
	err := c.run(ctx, formatSARIF, file, func(line []byte) error {
		if first {
			first = false
			return json.Unmarshal(line, &to.Log)
		}
		var each sarif.Result
		if err := json.Unmarshal(line, &each); err != nil {
			return err
		}
		if listed.takes(len(each.Tool) + len(each.Rule)) {
			to.Results = append(to.Results, each)
		} else {
			to.Omitted++
		}
		return nil
	})
	if exit := new(exitError); errors.As(err, exit) && (*exit).ExitCode() == exitTooLong {
		err = errTooLong
	}
	if err == nil && first {
		err = errOutput
	}
	return err
}

// archiveChild is the child's side.
func archiveChild(format string, in io.Reader, out io.Writer) error {
	file, ok := in.(*os.File)
	if !ok {
		return errors.New("an archive is read from a file")
	}
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if format == archive.OCI && info.IsDir() {
		return writeContents(readLayout(int(file.Fd())), out)
	}
	if !info.Mode().IsRegular() {
		return errors.New("an archive is read from a file")
	}
	return writeContents(archive.Read(format, file, info.Size()), out)
}

func writeContents(found archive.Contents, out io.Writer) error {
	buffered := bufio.NewWriter(out)
	lines := json.NewEncoder(buffered)
	for _, each := range found.Entries[:min(len(found.Entries), maxListed)] {
		if err := lines.Encode(entryLine{In: []byte(each.In), Path: []byte(each.Path), Size: each.Size, SHA256: each.SHA256, Mode: each.Mode, Link: each.Link}); err != nil {
			return err
		}
	}
	if err := lines.Encode(entryLine{End: &archiveEnd{found.Format, len(found.Entries), found.Content, found.Problems}}); err != nil {
		return err
	}
	return buffered.Flush()
}

// sarifChild is the child's side.
func sarifChild(in io.Reader, out io.Writer) error {
	// Allocated at once, as for a lockfile.
	data := make([]byte, sarif.MaxSize+1)
	n, err := io.ReadFull(in, data)
	if err == nil {
		return sarif.ErrTooMany
	}
	if err != io.EOF && err != io.ErrUnexpectedEOF {
		return err
	}
	log, err := sarif.Read(data[:n])
	if err != nil {
		return err
	}
	results := log.Results
	log.Results = nil
	buffered := bufio.NewWriter(out)
	lines := json.NewEncoder(buffered)
	if err := lines.Encode(log); err != nil {
		return err
	}
	for _, each := range results {
		if err := lines.Encode(each); err != nil {
			return err
		}
	}
	return buffered.Flush()
}

// ExitCode is that of a child whose reading ended with an error.
func ExitCode(err error) int {
	if errors.Is(err, sarif.ErrTooMany) {
		return exitTooLong
	}
	return 1
}

// layout is an image in a folder.
type layout struct{ root beneath }

// maxLayoutFiles limits how many files of an image are counted for its size.
const maxLayoutFiles = 10_000

// readLayout reads an image from an open folder.
func readLayout(fd int) archive.Contents {
	l := layout{beneathOf(fd)}
	size := int64(0)
	// If the names cannot be read, so the image cannot.
	names, _ := l.Blobs()
	for _, each := range names[:min(len(names), maxLayoutFiles)] {
		if s, err := l.root.state("blobs/sha256/" + each); err == nil && s.kind == kindFile {
			size += s.size
		}
	}
	return archive.ReadLayout(l, size)
}

// Open leaves the file open: the process ends soon.
func (l layout) Open(path string) (io.ReaderAt, int64, error) {
	fd, s, err := l.root.file(path)
	if err != nil {
		return nil, 0, err
	}
	return os.NewFile(uintptr(fd), path), s.size, nil
}

func (l layout) Blobs() (all []string, err error) {
	err = l.root.names("blobs/sha256", make([]byte, chunk), func(name []byte, _ byte) bool {
		all = append(all, string(name))
		return len(all) <= maxLayoutFiles
	})
	return all, err
}
