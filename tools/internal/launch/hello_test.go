package launch

import (
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"cleanroom.dev/tools/internal/wire"
)

// observer answers one connection, and passes what it received until that ends.
func observer(t *testing.T, answer string) (socket string, received chan string) {
	t.Helper()
	socket, received = fmt.Sprintf("@cleanroom-test-%d-%s", os.Getpid(), t.Name()), make(chan string, 1)
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		peer, err := listener.Accept()
		if err != nil {
			return
		}
		defer peer.Close()
		_, _ = io.WriteString(peer, answer)
		all, _ := io.ReadAll(peer)
		received <- string(all)
	}()
	return socket, received
}

func TestTheLauncherWaitsForTheObserver(t *testing.T) {
	socket, received := observer(t, wire.Go)
	started := time.Now()
	connection := Observer{Socket: socket}.Hello()
	if took := time.Since(started); took > wire.HelloPatience/2 {
		t.Errorf("%s", took)
	}
	select {
	case <-received:
		t.Error("the connection is not kept")
	default:
	}
	_ = connection.Close()
	if got := <-received; got != wire.Hello {
		t.Errorf("%q", got)
	}
}

func TestTheLauncherGoesOnWithoutAnAnswer(t *testing.T) {
	socket, _ := observer(t, "")
	started := time.Now()
	_ = Observer{Socket: socket}.Hello().Close()
	if took := time.Since(started); took < wire.HelloPatience || took > 2*wire.HelloPatience {
		t.Errorf("%s", took)
	}
	started = time.Now()
	_ = Observer{Socket: socket + "-absent"}.Hello().Close()
	if took := time.Since(started); took > wire.HelloPatience/2 {
		t.Errorf("without an observer: %s", took)
	}
}

func TestTheLauncherWaitsForALateGo(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		// waits is whether it waits longer than for the first answer.
		waits bool
	}{
		"nothing": {"", false}, "a wait": {wire.Wait, true}, "half a wait": {"wait", false}, "another answer": {"stop 1\n", false},
		"a go at once": {wire.Wait + wire.Go, false}, "what is too long": {strings.Repeat("x", wire.MaxOpen+1), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			socket, _ := observer(t, c.answer)
			started := time.Now()
			_ = Observer{Socket: socket}.hello(started.Add(300*time.Millisecond), started.Add(time.Second)).Close()
			if took := time.Since(started); (took >= time.Second) != c.waits || took > 2*time.Second {
				t.Errorf("%s", took)
			}
		})
	}
	if wire.GoPatience <= wire.ReadPatience {
		t.Error("the observer may read for longer than the launcher waits")
	}
}

// The connection ends when the launcher becomes the command: the command does not have it.
func TestTheCommandDoesNotHaveTheConnection(t *testing.T) {
	socket, received := observer(t, wire.Go)
	cmd := launcher(t, "sleep", "10")
	cmd.Env = append(cmd.Env, observed+"="+socket)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	select {
	case got := <-received:
		if got != wire.Hello {
			t.Errorf("%q", got)
		}
	case <-time.After(5 * time.Second):
		t.Error("the connection is still open")
	}
}
