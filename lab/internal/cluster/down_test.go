package cluster

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"cleanroom.dev/lab/internal/layout"
)

// As another process, this binary is a supervisor that lets go of the folder when it is told to end, and ends when its
// standard input does.
const lingering = "LAB_TEST_LINGERING"

func init() {
	if folder := os.Getenv(lingering); folder != "" {
		linger(layout.Dir(folder))
		os.Exit(0)
	}
}

func linger(dir layout.Dir) {
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM)
	lock, err := acquire(dir)
	if err == nil {
		err = (&State{Supervisor: newProcess(os.Getpid())}).write(dir)
	}
	fmt.Println("started", err)
	<-told
	_, _ = dir.Clean(), dir.Remove()
	_ = lock.Close()
	fmt.Println("let go")
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func TestDownReturnsWhenTheSupervisorHasEnded(t *testing.T) {
	dir := layout.Dir(t.TempDir())
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), lingering+"="+string(dir))
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	says := bufio.NewReader(stdout)
	if line, err := says.ReadString('\n'); line != "started <nil>\n" {
		t.Fatalf("%q, %v", line, err)
	}
	down := make(chan error, 1)
	go func() { down <- Down(dir) }()
	if line, err := says.ReadString('\n'); line != "let go\n" {
		t.Fatalf("%q, %v", line, err)
	}
	select {
	case err := <-down:
		t.Errorf("down returned while the supervisor lived: %v", err)
		down <- err
	case <-time.After(time.Second):
	}
	if err := stdin.Close(); err != nil {
		t.Fatal(err)
	}
	// Nobody has waited for it yet, as a shell may not.
	if err := <-down; err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}
