package workspace

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
)

// fill makes packages with files of 2 KiB each, in the middle.
func fill(b *testing.B, packages, files int) string {
	b.Helper()
	root := b.TempDir()
	content := []byte(strings.Repeat("x", 2048))
	for i := range packages {
		folder := filepath.Join(root, "node_modules", fmt.Sprintf("package-%05d", i))
		if err := os.MkdirAll(filepath.Join(folder, "dist", "lib"), 0o755); err != nil {
			b.Fatal(err)
		}
		for j := range files {
			name, text := fmt.Sprintf("dist/lib/module-%03d.js", j), content
			if j == 0 {
				name, text = "package.json", fmt.Appendf(nil, `{"name":"package-%05d","version":"1.0.0","scripts":{"postinstall":"node dist/lib/module-001.js"}}`, i)
			}
			if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
				b.Fatal(err)
			}
		}
	}
	return root
}

// BenchmarkNodeModules reads 60,000 files of 2,000 packages.
func BenchmarkNodeModules(b *testing.B) {
	root := fill(b, 2_000, 30)
	for b.Loop() {
		if r := Read(b.Context(), Settings{Root: root}); r.Reason != "" || r.FileCount != 60_000 || len(r.Packages) != 2_000 {
			b.Fatalf("%s, %d, %d", r.Reason, r.FileCount, len(r.Packages))
		}
	}
	b.ReportMetric(peak(b), "peak-MiB")
}

// BenchmarkPlainNodeModules reads the same with nothing but the standard library.
func BenchmarkPlainNodeModules(b *testing.B) {
	root := fill(b, 2_000, 30)
	for b.Loop() {
		count := 0
		if err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			data, err := os.ReadFile(path)
			_ = sha256.Sum256(data)
			count++
			return err
		}); err != nil || count != 60_000 {
			b.Fatalf("%d: %v", count, err)
		}
	}
}

// BenchmarkTwoReadings keeps one reading while it makes another, of as many entries as a workspace may have.
func BenchmarkTwoReadings(b *testing.B) {
	root := fill(b, 7_600, 23)
	for b.Loop() {
		before := Read(b.Context(), Settings{Root: root})
		after := Read(b.Context(), Settings{Root: root})
		if added, changed, removed := Changes(before, after); before.Reason != "" || added+changed+removed != 0 || len(after.tree.nodes) < 197_000 {
			b.Fatalf("%s, %d", before.Reason, len(after.tree.nodes))
		}
		var m runtime.MemStats
		debug.FreeOSMemory()
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.HeapAlloc)/(1<<20), "two-MiB")
		runtime.KeepAlive(before)
		runtime.KeepAlive(after)
	}
	b.ReportMetric(peak(b), "peak-MiB")
}

// BenchmarkCompare reads as many entries, and then again to compare them.
func BenchmarkCompare(b *testing.B) {
	root := fill(b, 7_600, 23)
	before := Read(b.Context(), Settings{Root: root}).Entries()
	for b.Loop() {
		if d := Compare(b.Context(), root, before); d.Reason != "" || d.Added+d.Changed+d.Removed != 0 {
			b.Fatalf("%+v", d)
		}
	}
	b.ReportMetric(peak(b), "peak-MiB")
}

// peak is the most memory that this process has had.
func peak(b *testing.B) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	_, line, _ := strings.Cut(string(status), "VmHWM:")
	kib, err := strconv.Atoi(strings.Fields(line)[0])
	if err != nil {
		b.Fatal(err)
	}
	return float64(kib) / 1024
}
