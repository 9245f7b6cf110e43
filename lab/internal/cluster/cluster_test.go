package cluster

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/yaml"

	"cleanroom.dev/lab/internal/layout"
)

func TestFreePortsDifferAndAreFree(t *testing.T) {
	ports, err := freePorts(20)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, port := range ports {
		if seen[port] {
			t.Errorf("%d twice", port)
		}
		seen[port] = true
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			t.Errorf("%d: %v", port, err)
			continue
		}
		listener.Close()
	}
}

func TestLockHasOneHolder(t *testing.T) {
	dir := layout.Dir(t.TempDir())
	if Running(dir) {
		t.Error("an empty directory runs a lab")
	}
	lock, err := acquire(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := acquire(dir); !errors.Is(err, ErrRunning) {
		t.Errorf("second holder: %v", err)
	}
	if !Running(dir) {
		t.Error("held, but not running")
	}
	lock.Close()
	if Running(dir) {
		t.Error("free, but running")
	}
}

func TestProcessIsToldFromALaterOneOfItsPID(t *testing.T) {
	self := newProcess(os.Getpid())
	if !self.Alive() {
		t.Error("this process is not alive")
	}
	self.Stamp = "1"
	if self.Alive() {
		t.Error("a process with another start time passes for this one")
	}
	cmd := exec.Command("sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = cmd.Wait() }()
	child := newProcess(cmd.Process.Pid)
	if err := child.Kill(syscall.SIGKILL, 10*time.Second); err != nil || child.Alive() {
		t.Errorf("kill: %v, alive %v", err, child.Alive())
	}
}

func TestSetUpWritesWhatTheArgumentsName(t *testing.T) {
	dir := layout.Dir(t.TempDir())
	chosen := ports{loopback, "", 1, 2, 3, 4, 5, 6, 7}
	if err := setUp(dir, chosen, true); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, s := range []spec{etcdSpec(dir, chosen), apiServerSpec(dir, chosen, true), controllerManagerSpec(dir, chosen),
		schedulerSpec(dir, chosen), nodesSpec(dir, chosen, 2)} {
		for _, arg := range s.args {
			_, value, _ := strings.Cut(arg, "=")
			if strings.HasPrefix(value, string(dir)) && value != dir.AuditLog() {
				if _, err := os.Stat(value); err != nil {
					t.Errorf("%s %s: %v", s.name, arg, err)
				}
			}
		}
		if seen[s.health] || s.port == 0 {
			t.Errorf("%s: port %d, health %s", s.name, s.port, s.health)
		}
		seen[s.health] = true
	}
	config, err := clientcmd.BuildConfigFromFlags("", dir.Kubeconfig())
	if err != nil || config.Host != "https://127.0.0.1:3" {
		t.Errorf("kubeconfig: %v, %v", config, err)
	}
	if _, err := newProber(dir); err != nil {
		t.Error(err)
	}
}

func TestAuditPolicyLogsWritesOnly(t *testing.T) {
	var policy struct {
		Rules []struct {
			Level string
			Verbs []string
		}
	}
	if err := yaml.Unmarshal(auditPolicy, &policy); err != nil {
		t.Fatal(err)
	}
	last := policy.Rules[len(policy.Rules)-1]
	if len(policy.Rules) != 2 || len(policy.Rules[0].Verbs) != 5 || last.Level != "None" || last.Verbs != nil {
		t.Errorf("rules %+v", policy.Rules)
	}
}

func TestStateSurvivesAndDamageIsAnError(t *testing.T) {
	dir := layout.Dir(t.TempDir())
	if state, err := ReadState(dir); state != nil || err != nil {
		t.Errorf("no state: %v, %v", state, err)
	}
	written := State{Supervisor: newProcess(os.Getpid()), Nodes: 3, Audit: true}
	if err := written.write(dir); err != nil {
		t.Fatal(err)
	}
	if state, err := ReadState(dir); err != nil || state.Nodes != 3 || !state.Supervisor.Alive() {
		t.Errorf("state: %+v, %v", state, err)
	}
	if err := os.WriteFile(dir.State(), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadState(dir); err == nil {
		t.Error("a damaged state passes")
	}
}
