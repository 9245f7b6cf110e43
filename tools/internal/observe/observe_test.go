package observe

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The kernel's own /proc: counters and sockets are read in the form that it writes.
func TestAnObserverFromStartToEnd(t *testing.T) {
	r, out := io.Pipe()
	defer r.Close()
	settings := Settings{
		Version: "0.1", Steps: []string{"build"}, UID: os.Getuid(), Proc: "/proc", Resolver: "127.0.0.1:0",
		Hello: fmt.Sprintf("@cleanroom-test-%d", os.Getpid()), Message: filepath.Join(t.TempDir(), "message"),
	}
	if err := Probe(settings.Hello, os.Getuid()); err == nil {
		t.Fatal("an observer is ready that has not started")
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- Run(ctx, settings, out)
		_ = out.Close()
	}()
	first := make([]byte, len(`{"observer":1,"version":"0.1"}`+"\n"))
	if _, err := io.ReadFull(r, first); err != nil || string(first) != `{"observer":1,"version":"0.1"}`+"\n" {
		t.Fatalf("%q: %v", first, err)
	}
	for deadline := time.Now().Add(10 * time.Second); Probe(settings.Hello, os.Getuid()) != nil; {
		if time.Now().After(deadline) {
			t.Fatal("the observer is not ready")
		}
	}
	if err := Probe(settings.Hello, os.Getuid()+1); err == nil || !strings.Contains(err.Error(), "listens at") {
		t.Errorf("another user's: %v", err)
	}
	stop()
	rest := new(bytes.Buffer)
	if _, err := rest.ReadFrom(r); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	want := `^\{"counters":\{"tcpSynRetrans":\d+,"tcpAttemptFails":\d+,"udpOutDatagrams":\d+\}\}
\{"end":"Partial","reason":"NoHello","omitted":0,"sha256":"[0-9a-f]{64}"\}
$`
	if !regexp.MustCompile(want).MatchString(rest.String()) {
		t.Errorf("%s", rest)
	}
	// Both are free again.
	if socket, err := net.Listen("unix", settings.Hello); err != nil {
		t.Error(err)
	} else {
		_ = socket.Close()
	}
}

func TestAnObserverNeedsItsAddresses(t *testing.T) {
	udp, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	hello := fmt.Sprintf("@cleanroom-test-taken-%d", os.Getpid())
	unix, err := net.Listen("unix", hello)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close()
	for what, s := range map[string]Settings{
		"the resolver's": {Proc: "/proc", Resolver: udp.LocalAddr().String(), Hello: hello + "-free"},
		"the socket":     {Proc: "/proc", Resolver: "127.0.0.1:0", Hello: hello},
	} {
		if err := Run(t.Context(), s, io.Discard); err == nil || !strings.Contains(err.Error(), "address already in use") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
