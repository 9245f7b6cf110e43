package cluster

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
	"time"

	"cleanroom.dev/lab/internal/labtest"
)

// As another process, this binary ends its first thread and lives on in others until its standard input ends.
const headless = "LAB_TEST_HEADLESS"

func init() {
	if os.Getenv(headless) == "" {
		return
	}
	runtime.LockOSThread()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	_, _, _ = syscall.Syscall(syscall.SYS_EXIT, 0, 0, 0)
}

func TestAProcessLivesAsLongAsItsLastThread(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), headless+"=1")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	process := newProcess(cmd.Process.Pid)
	labtest.Await(t, 10*time.Second, "the end of its first thread", func() error {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", process.PID))
		if err == nil && !bytes.Contains(stat, []byte(") Z ")) {
			err = fmt.Errorf("%s", stat)
		}
		return err
	})
	if !process.Alive() {
		t.Error("a process whose first thread has ended passes for gone")
	}
	if err := stdin.Close(); err != nil {
		t.Fatal(err)
	}
	labtest.Await(t, 10*time.Second, "its end", func() error {
		if process.Alive() {
			return fmt.Errorf("it is alive")
		}
		return nil
	})
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}
