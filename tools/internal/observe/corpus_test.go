//go:build corpus

package observe

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"io"
	"os"
	"testing"

	"cleanroom.dev/tools/internal/lockfile"
	"cleanroom.dev/tools/internal/workspace"
)

// TestCorpus is run by scripts/corpus only. It writes the lines that the observer would log of the inputs in a folder, -args FOLDER FILE, with
// digests of the length that a record keeps. It fails if the reading is not complete.
func TestCorpus(t *testing.T) {
	parse := func(_ context.Context, format string, content io.Reader) ([]lockfile.Dependency, error) {
		data, err := io.ReadAll(content)
		if err != nil {
			return nil, err
		}
		return lockfile.Read(format, data)
	}
	r := workspace.Read(t.Context(), workspace.Settings{Root: flag.Arg(0), Parse: parse})
	lines, left := linesOf(r, nil)
	if r.Reason != "" || left > 0 || len(lines) == 0 {
		t.Fatalf("%s: %q, %d lines, %d left out", flag.Arg(0), r.Reason, len(lines), left)
	}
	var out bytes.Buffer
	for _, each := range lines {
		switch line := each.(type) {
		case fileLine:
			line.SHA256 = line.SHA256[:16]
			each = line
		case packageLine:
			line.SHA256 = line.SHA256[:16]
			line.InstallCode = line.InstallCode[:min(16, len(line.InstallCode))]
			each = line
		case dependencyLine:
			if line.Integrity != "" {
				digest := sha256.Sum256([]byte(line.Integrity))
				line.Integrity = "digest-" + hex.EncodeToString(digest[:8])
			}
			each = line
		}
		text, err := marshal(each)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(text)
	}
	if err := os.WriteFile(flag.Arg(1), out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
