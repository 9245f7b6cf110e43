package launch

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"cleanroom.dev/tools/internal/gate"
	"cleanroom.dev/tools/internal/process"
	"cleanroom.dev/tools/internal/proctest"
)

const self = 7

// thread is one of a process.
var thread = proctest.NewThread

// waited is what the launcher found, and for how long it looked.
func waited(t *testing.T, p proctest.Folder, meanwhile func()) (found string, took time.Duration) {
	t.Helper()
	synctest.Test(t, func(*testing.T) {
		started := time.Now()
		if meanwhile != nil {
			go meanwhile()
		}
		found = awaitNone(process.View{Folder: string(p), Self: self, UID: proctest.UID})
		took = time.Since(started)
	})
	return found, took
}

func TestAPodWithoutRemainsDoesNotWait(t *testing.T) {
	p := proctest.New(t, self)
	p.Add(t, 9, proctest.UID, thread(9, "zombie", 'Z'))
	p.Add(t, 10, proctest.UID, thread(10, "dead", 'X'))
	if found, took := waited(t, p, nil); found != "" || took != 0 {
		t.Errorf("%q after %s", found, took)
	}
}

func TestWhatThePreparationLeftBehindIsNamed(t *testing.T) {
	for name, c := range map[string]struct {
		leave func(proctest.Folder)
		want  string
	}{
		"a daemon":                      {func(p proctest.Folder) { p.Add(t, 9, proctest.UID, thread(9, "sleep", 'S')) }, "9 (sleep)"},
		"one that is stopped":           {func(p proctest.Folder) { p.Add(t, 9, proctest.UID, thread(9, "sleep", 'T')) }, "9 (sleep)"},
		"a name like a state":           {func(p proctest.Folder) { p.Add(t, 9, proctest.UID, thread(9, "a) Z (b", 'S')) }, "9 (a) Z (b)"},
		"no name":                       {func(p proctest.Folder) { p.Add(t, 9, proctest.UID, thread(9, "", 'S')) }, "9 ()"},
		"the launcher's own name":       {func(p proctest.Folder) { p.Add(t, 9, proctest.UID, thread(9, "cleanroom-tools", 'S')) }, "9 (cleanroom-tools)"},
		"a thread beside a dead leader": {func(p proctest.Folder) { p.Add(t, 20, proctest.UID, thread(20, "dead", 'Z'), thread(21, "alive", 'S')) }, "20 (alive)"},
		"more than a message names": {func(p proctest.Folder) {
			for pid := 20; pid < 26; pid++ {
				p.Add(t, pid, proctest.UID, thread(pid, strings.Repeat("x", 100), 'R'))
			}
		}, "20 (xxxxxxxxxxxxxxxx), 21 (xxxxxxxxxxxxxxxx), 22 (xxxxxxxxxxxxxxxx), 23 (xxxxxxxxxxxxxxxx), 2 more"},
	} {
		t.Run(name, func(t *testing.T) {
			p := proctest.New(t, self)
			c.leave(p)
			found, took := waited(t, p, nil)
			if want := "processes of the preparation still run: " + c.want; found != want || took != patience {
				t.Errorf("%q after %s, want %q after %s", found, took, want, patience)
			}
		})
	}
}

func TestDyingProcessesMayGo(t *testing.T) {
	p := proctest.New(t, self)
	p.Add(t, 9, proctest.UID, thread(9, "sleep", 'D'))
	found, took := waited(t, p, func() {
		time.Sleep(patience / 2)
		p.End(t, 9)
	})
	if found != "" || took < patience/2 || took >= patience {
		t.Errorf("%q after %s", found, took)
	}
}

// It may have started another, which was not listed.
func TestAProcessThatEndsWhileItIsReadCountsAsRunning(t *testing.T) {
	for name, leave := range map[string]func(proctest.Folder){
		"before its user is read":       func(p proctest.Folder) { p.Remove(t, "9", "status") },
		"before its threads are listed": func(p proctest.Folder) { p.Remove(t, "9", "task") },
		"before a thread is read":       func(p proctest.Folder) { p.Remove(t, "9", "task", "9", "stat") },
	} {
		t.Run(name, func(t *testing.T) {
			p := proctest.New(t, self)
			p.Add(t, 9, proctest.UID, thread(9, "chain", 'R'))
			leave(p)
			if found, _ := waited(t, p, nil); found != "processes of the preparation still run: 9 (just ended)" {
				t.Errorf("%q", found)
			}
		})
	}
}

func TestWhereTheLauncherCannotLookItDoesNotPass(t *testing.T) {
	for name, c := range map[string]struct {
		hide func(*process.View, proctest.Folder)
		want string
	}{
		"no shared process namespace":             {func(v *process.View, _ proctest.Folder) { v.Self = 1 }, "do not share a process namespace"},
		"no /proc":                                {func(v *process.View, _ proctest.Folder) { v.Folder += "/absent" }, "cannot read processes: open "},
		"the pause container's process is hidden": {func(_ *process.View, p proctest.Folder) { p.End(t, 1) }, "does not see all processes"},
		"it is hidden itself":                     {func(_ *process.View, p proctest.Folder) { p.End(t, self) }, "does not see all processes"},
		"an unknown form": {func(_ *process.View, p proctest.Folder) { p.Write(t, "9 (sleep)", "9", "task", "9", "stat") },
			"cannot read process 9: its stat has an unknown form"},
		"no stat": {func(_ *process.View, p proctest.Folder) { p.Write(t, "", "9", "task", "9", "stat") },
			"cannot read process 9: its stat has an unknown form"},
		"a stat that cannot be read": {func(_ *process.View, p proctest.Folder) { p.MakeFolder(t, "9", "task", "9", "stat") },
			"cannot read process 9: "},
		"no user": {func(_ *process.View, p proctest.Folder) { p.Write(t, "Name:\tsleep\n", "9", "status") },
			"cannot read process 9: its status does not name its user"},
		"a user that is no number": {func(_ *process.View, p proctest.Folder) { p.Write(t, "Uid:\tx\n", "9", "status") },
			"cannot read process 9: "},
		"a status that cannot be read": {func(_ *process.View, p proctest.Folder) { p.MakeFolder(t, "9", "status") },
			"cannot read process 9: "},
	} {
		t.Run(name, func(t *testing.T) {
			p := proctest.New(t, self)
			p.Add(t, 9, proctest.UID, thread(9, "zombie", 'Z'))
			v := process.View{Folder: string(p), Self: self, UID: proctest.UID}
			c.hide(&v, p)
			if found, err := v.Others(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, %v", found, err)
			}
		})
	}
}

// The companions of a pod have users of their own.
func TestProcessesOfOtherUsersAreNotThePreparations(t *testing.T) {
	p := proctest.New(t, self)
	p.Add(t, 1, proctest.UID+2, thread(1, "pause", 'S'))
	p.Add(t, 9, proctest.UID+1, thread(9, "cleanroom-tools", 'S'))
	if found, took := waited(t, p, nil); found != "" || took != 0 {
		t.Errorf("%q after %s", found, took)
	}
	p.Add(t, 10, proctest.UID, thread(10, "sleep", 'S'))
	if found, _ := waited(t, p, nil); found != "processes of the preparation still run: 10 (sleep)" {
		t.Errorf("%q", found)
	}
}

// The name of a process is its own choice.
func TestGivingUpLeavesOnePlainLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "message")
	var stderr bytes.Buffer
	hostile := process.Describe([]process.Process{{PID: 9, Name: "\x1b[31m\"é\n<"}})
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
