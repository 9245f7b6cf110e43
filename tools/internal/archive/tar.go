package archive

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxTarPadding limits the zeros after the end of a tar file.
const maxTarPadding = 1 << 20

// gzip reads a compressed tar file. What is after its end is checked by tar.
func (a *inner) gzip(file io.Reader) error {
	// It must not be read beyond its end.
	unpacked, err := gzip.NewReader(bufio.NewReader(file))
	if err != nil {
		return a.lacks(Unreadable)
	}
	return a.tar(unpacked)
}

// tar reads a tar file.
func (a *inner) tar(file io.Reader) error {
	if !a.outer {
		// What is skipped counts as well: it has to be inflated.
		file = &counter{r: a.reader, from: file}
		a.counted = true
	}
	t := tar.NewReader(file)
	for {
		head, err := t.Next()
		if err == io.EOF {
			return a.afterTar(file)
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) {
			return a.failed(err)
		}
		if err := a.tarEntry(head, t); err != nil {
			return a.failed(err)
		}
	}
}

// failed notes an error of the content.
func (a *inner) failed(err error) error {
	if errors.Is(err, errLimit) {
		return errLimit
	}
	return a.lacks(Unreadable)
}

func (a *inner) tarEntry(head *tar.Header, content io.Reader) error {
	if head.Typeflag == tar.TypeXGlobalHeader {
		return nil
	}
	// Many programs write all paths so.
	name := strings.TrimPrefix(head.Name, "./")
	folder := head.Typeflag == tar.TypeDir
	if folder && strings.Trim(name, "/.") == "" && !strings.Contains(name, "..") {
		return nil
	}
	if err := a.named(name, folder); err != nil {
		return err
	}
	// A size that fits into the header is nowhere else, unless programs should understand it differently.
	if _, twice := head.PAXRecords["size"]; twice && head.Size < 1<<33 {
		a.has(HeaderMismatch)
	}
	if a.outer {
		return nil
	}
	mode := fmt.Sprintf("%04o", head.Mode&0o7777)
	if sparse(head) {
		a.add(Entry{In: a.in, Path: name, Mode: mode})
		return a.lacks(Unreadable)
	}
	switch head.Typeflag {
	case tar.TypeReg, tar.TypeCont:
		_, err := a.file(name, mode, content, nil)
		return err
	case tar.TypeDir:
	case tar.TypeSymlink:
		a.link(name, head.Linkname, mode, false)
	case tar.TypeLink:
		a.link(name, strings.TrimPrefix(head.Linkname, "./"), mode, true)
	default:
		a.has(SpecialFile)
	}
	return nil
}

// sparse reports whether a file has holes, which would be as long as the archive says.
func sparse(head *tar.Header) bool {
	for key := range head.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return true
		}
	}
	return head.Typeflag == tar.TypeGNUSparse
}

// afterTar checks that zeros follow the end.
func (a *inner) afterTar(file io.Reader) error {
	for total := 0; ; {
		n, err := file.Read(a.buffer)
		if total += n; total > maxTarPadding || strings.Trim(string(a.buffer[:n]), "\x00") != "" || errors.Is(err, gzip.ErrHeader) {
			a.has(TrailingData)
			return nil
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return a.failed(err)
		}
	}
}

// counter counts what is read of a tar file.
type counter struct {
	r    *reader
	from io.Reader
}

func (c *counter) Read(to []byte) (int, error) {
	n, err := c.from.Read(to)
	if c.r.inflated += int64(n); c.r.inflated > c.r.maxInflated {
		return 0, c.r.stop(TooBig)
	}
	return n, err
}
