package workspace

import (
	"os"

	"golang.org/x/sys/unix"
)

// limitMemory limits what this process may write to, in bytes. Address space that the runtime only reserves does not count, so the limit is
// on data and not on addresses. Where memory ends all the same, this process is the first to go.
func limitMemory(bytes uint64) error {
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0)
	return unix.Setrlimit(unix.RLIMIT_DATA, &unix.Rlimit{Cur: bytes, Max: bytes})
}
