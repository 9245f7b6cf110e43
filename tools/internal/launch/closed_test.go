package launch

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"cleanroom.dev/tools/internal/gate"
)

const self = 7

// proc is a folder like /proc, with the pause container's process and the launcher.
func proc(t *testing.T) processes {
	t.Helper()
	p := processes{t.TempDir(), self}
	p.add(t, pausePID, thread{pausePID, "pause", 'S'})
	p.add(t, self, thread{self, "cleanroom-tools", 'R'}, thread{self + 1, "cleanroom-tools", 'S'})
	if err := os.WriteFile(filepath.Join(p.folder, "uptime"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

type thread struct {
	id    int
	comm  string
	state byte
}

func (p processes) add(t *testing.T, pid int, threads ...thread) {
	t.Helper()
	for _, each := range threads {
		p.stat(t, pid, each.id, fmt.Sprintf("%d (%s) %c 1 7 7 0 -1 4194560", each.id, each.comm, each.state))
	}
}

func (p processes) stat(t *testing.T, pid, thread int, line string) {
	t.Helper()
	folder := p.task(pid, thread)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "stat"), []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (p processes) task(pid, thread int) string {
	return filepath.Join(p.folder, fmt.Sprint(pid), "task", fmt.Sprint(thread))
}

func (p processes) end(t *testing.T, pid int) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(p.folder, fmt.Sprint(pid))); err != nil {
		t.Fatal(err)
	}
}

// waited is what the launcher found, and for how long it looked.
func waited(t *testing.T, p processes, meanwhile func()) (found string, took time.Duration) {
	t.Helper()
	synctest.Test(t, func(*testing.T) {
		started := time.Now()
		if meanwhile != nil {
			go meanwhile()
		}
		found = awaitNone(p)
		took = time.Since(started)
	})
	return found, took
}

func TestAPodWithoutRemainsDoesNotWait(t *testing.T) {
	p := proc(t)
	p.add(t, 9, thread{9, "zombie", 'Z'})
	p.add(t, 10, thread{10, "dead", 'X'})
	if found, took := waited(t, p, nil); found != "" || took != 0 {
		t.Errorf("%q after %s", found, took)
	}
}

func TestWhatThePreparationLeftBehindIsNamed(t *testing.T) {
	for name, c := range map[string]struct {
		leave func(processes)
		want  string
	}{
		"a daemon":                      {func(p processes) { p.add(t, 9, thread{9, "sleep", 'S'}) }, "9 (sleep)"},
		"one that is stopped":           {func(p processes) { p.add(t, 9, thread{9, "sleep", 'T'}) }, "9 (sleep)"},
		"a name like a state":           {func(p processes) { p.add(t, 9, thread{9, "a) Z (b", 'S'}) }, "9 (a) Z (b)"},
		"no name":                       {func(p processes) { p.add(t, 9, thread{9, "", 'S'}) }, "9 ()"},
		"the launcher's own name":       {func(p processes) { p.add(t, 9, thread{9, "cleanroom-tools", 'S'}) }, "9 (cleanroom-tools)"},
		"a thread beside a dead leader": {func(p processes) { p.add(t, 20, thread{20, "dead", 'Z'}, thread{21, "alive", 'S'}) }, "20 (alive)"},
		"more than a message names": {func(p processes) {
			for pid := 20; pid < 26; pid++ {
				p.add(t, pid, thread{pid, strings.Repeat("x", 100), 'R'})
			}
		}, "20 (xxxxxxxxxxxxxxxx), 21 (xxxxxxxxxxxxxxxx), 22 (xxxxxxxxxxxxxxxx), 23 (xxxxxxxxxxxxxxxx), 2 more"},
	} {
		t.Run(name, func(t *testing.T) {
			p := proc(t)
			c.leave(p)
			found, took := waited(t, p, nil)
			if want := "processes of the preparation still run: " + c.want; found != want || took != patience {
				t.Errorf("%q after %s, want %q after %s", found, took, want, patience)
			}
		})
	}
}

func TestDyingProcessesMayGo(t *testing.T) {
	p := proc(t)
	p.add(t, 9, thread{9, "sleep", 'D'})
	found, took := waited(t, p, func() {
		time.Sleep(patience / 2)
		p.end(t, 9)
	})
	if found != "" || took < patience/2 || took >= patience {
		t.Errorf("%q after %s", found, took)
	}
}

// It may have started another, which was not listed.
func TestAProcessThatEndsWhileItIsReadCountsAsRunning(t *testing.T) {
	for name, leave := range map[string]func(processes){
		"before its threads are listed": func(p processes) {
			p.add(t, 9, thread{9, "chain", 'R'})
			if err := os.RemoveAll(filepath.Dir(p.task(9, 9))); err != nil {
				t.Fatal(err)
			}
		},
		"before a thread is read": func(p processes) {
			if err := os.MkdirAll(p.task(9, 9), 0o700); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := proc(t)
			leave(p)
			if found, _ := waited(t, p, nil); found != "processes of the preparation still run: 9 (just ended)" {
				t.Errorf("%q", found)
			}
		})
	}
}

func TestWhereTheLauncherCannotLookItDoesNotPass(t *testing.T) {
	for name, c := range map[string]struct {
		hide func(*processes)
		want string
	}{
		"no shared process namespace":             {func(p *processes) { p.self = pausePID }, "do not share a process namespace"},
		"no /proc":                                {func(p *processes) { p.folder += "/absent" }, "cannot read processes: open "},
		"the pause container's process is hidden": {func(p *processes) { p.end(t, pausePID) }, "does not see all processes"},
		"it is hidden itself":                     {func(p *processes) { p.end(t, self) }, "does not see all processes"},
		"an unknown form":                         {func(p *processes) { p.stat(t, 9, 9, "9 (sleep)") }, "cannot read process 9: its stat has an unknown form"},
		"no stat":                                 {func(p *processes) { p.stat(t, 9, 9, "") }, "cannot read process 9: its stat has an unknown form"},
		"a stat that cannot be read": {func(p *processes) {
			if err := os.MkdirAll(filepath.Join(p.task(9, 9), "stat"), 0o700); err != nil {
				t.Fatal(err)
			}
		}, "cannot read process 9: "},
	} {
		t.Run(name, func(t *testing.T) {
			p := proc(t)
			c.hide(&p)
			if found, _ := waited(t, p, nil); !strings.Contains(found, c.want) {
				t.Errorf("%q", found)
			}
		})
	}
}

// The name of a process is its own choice.
func TestGivingUpLeavesOnePlainLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "message")
	var stderr bytes.Buffer
	hostile := name([]process{{9, "\x1b[31m\"é\n<"}})
	if code := giveUp(gate.Unmeasured(gate.PreparationStillRuns, 2, hostile), file, &stderr); code != 125 {
		t.Errorf("exit %d", code)
	}
	want := `{"outcome":"PreparationStillRuns","families":[],"addresses":2,"rounds":0,"lagMillis":0,"detail":"9 (?[31m\"??<)"}` + "\n"
	if written, err := os.ReadFile(file); err != nil || string(written) != want {
		t.Errorf("%q, want %q: %v", written, want, err)
	}
	if !strings.Contains(stderr.String(), want) {
		t.Errorf("%q", stderr.String())
	}
	if code := giveUp(gate.Message{}, filepath.Join(file, "absent"), &stderr); code != 125 || !strings.Contains(stderr.String(), syscall.ENOTDIR.Error()) {
		t.Errorf("exit %d: %s", code, stderr.String())
	}
}
