package observe

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"sync"
)

// maxLine limits a line of the log in bytes, its newline included.
const maxLine = 4096

var errEnded = errors.New("the report has ended")

// log writes lines of JSON, and knows the digest of all that it wrote.
type log struct {
	mu     sync.Mutex
	out    io.Writer
	digest hash.Hash
	// bytes is how many the digest covers.
	bytes int
	ended bool
}

func newLog(out io.Writer) *log { return &log{out: out, digest: sha256.New()} }

// line writes one line. After the end, or after a line that could not be written, it writes nothing more.
func (l *log) line(value any) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.write(value)
}

// end writes the last line, which has the digest of all before it, and returns both and how long that is.
func (l *log) end(value ending) (sum string, bytes int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	value.SHA256, bytes = hex.EncodeToString(l.digest.Sum(nil)), l.bytes
	err = l.write(value)
	l.ended = true
	return value.SHA256, bytes, err
}

func (l *log) write(value any) error {
	if l.ended {
		return errEnded
	}
	line, err := marshal(value)
	if err == nil && len(line) > maxLine {
		err = errors.New("a line of the report is too long")
	}
	if err == nil {
		l.digest.Write(line)
		l.bytes += len(line)
		_, err = l.out.Write(line)
	}
	l.ended = err != nil
	return err
}

// marshal returns the value as one line. Without its setting, < and > would take six bytes each.
func marshal(value any) ([]byte, error) {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return line.Bytes(), err
}
