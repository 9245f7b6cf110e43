package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cleanroom.dev/tools/internal/gate"
	"cleanroom.dev/tools/internal/observe"
	"cleanroom.dev/tools/internal/workspace"
)

// plays is set where this binary is the program.
const plays = "CLEANROOM_TEST_PLAYS"

func TestMain(m *testing.M) {
	if os.Getenv(plays) != "" {
		main()
	}
	os.Exit(m.Run())
}

// ran is the exit code and both outputs.
func ran(args ...string) (code int, stdout, stderr string) {
	var out, errors bytes.Buffer
	code = run(time.Now(), args, &out, &errors)
	return code, out.String(), errors.String()
}

func TestArgumentsThatMakeNoSense(t *testing.T) {
	for _, args := range [][]string{
		nil, {"absent"}, {"--absent"}, {"canary", "extra"}, {"canary", "--beacon-port", "x"}, {"gate", "--quiet", "soon"},
		{"canary", "--fetch-port", "x"}, {"install"}, {"launch"}, {"launch", "--closed"}, {"launch", "--closed", "--"},
		{"launch", "--closed", "127.0.0.1", "sh"}, {"launch", "--closed", "127.0.0.1", "--"},
		{"launch", "--closed", "--fetch-port", "x", "127.0.0.1", "--", "sh"},
		{"launch", "--observed"}, {"launch", "--observed", "--"}, {"launch", "--observed", "--closed", "127.0.0.1", "--"},
		{"observe"}, {"observe", "--probe", "build"}, {"observe", "Build"}, {"observe", "fetch", ""}, {"observe", "x", "--probe"},
		{"observe", "--workspace", "/workspace"}, {"observe", "--workspace"}, {"observe", "--parse", "npm", "build"}, {"observe", "--parse", "npm", "--probe"},
		{"observe", "--artifact", "a", "build"}, {"observe", "--report", "a", "build"}, {"observe", "--workspace", "/workspace", "--artifact", "../a", "build"},
		append(append([]string{"observe", "--workspace", "/workspace"}, slices.Repeat([]string{"--report", "a"}, workspace.MaxPatterns+1)...), "build"),
		{"observe", strings.Repeat("x", 64)}, append([]string{"observe"}, slices.Repeat([]string{"x"}, observe.MaxSteps+1)...),
	} {
		if code, stdout, stderr := ran(args...); code != usageCode || stdout != "" || stderr == "" {
			t.Errorf("%q: exit %d, %q, %q", args, code, stdout, stderr)
		}
	}
}

func TestVersion(t *testing.T) {
	if code, stdout, _ := ran("--version"); code != 0 || stdout != "cleanroom-tools "+version+"\n" {
		t.Errorf("exit %d, %q", code, stdout)
	}
}

func TestTheGateTellsTheSameTwice(t *testing.T) {
	message := filepath.Join(t.TempDir(), "message")
	if err := os.WriteFile(message, []byte(strings.Repeat("older\n", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	// Port 1 of loopback: nothing listens there.
	code, stdout, stderr := ran("gate", "--beacon-port", "1", "--canary-port", "1", "--deadline", "1ms", "--message", message, "127.0.0.1")
	if code != 1 || stderr != "" || !strings.HasPrefix(stdout, `{"outcome":"GateUnreachable",`) {
		t.Errorf("exit %d, %q, %q", code, stdout, stderr)
	}
	if written, err := os.ReadFile(message); err != nil || string(written) != stdout {
		t.Errorf("%q is written, %q printed: %v", written, stdout, err)
	}
}

func TestAGateWithoutAnAddressSaysSo(t *testing.T) {
	message := filepath.Join(t.TempDir(), "message")
	code, stdout, _ := ran("gate", "--message", message)
	if code != 1 || !strings.Contains(stdout, "no canary address was given") {
		t.Errorf("exit %d, %q", code, stdout)
	}
}

func TestNothingPassesWhoseOutcomeCannotBeRead(t *testing.T) {
	enforced := gate.Message{Outcome: gate.Enforced}
	folder := t.TempDir()
	var stdout, stderr bytes.Buffer
	if code := report(enforced, filepath.Join(folder, "message"), &stdout, &stderr); code != 0 {
		t.Errorf("exit %d, %q", code, stderr.String())
	}
	code := report(enforced, filepath.Join(folder, "absent", "message"), &stdout, &stderr)
	if code != 1 || !strings.Contains(stderr.String(), "no such file") {
		t.Errorf("exit %d, %q", code, stderr.String())
	}
}

func TestTheGateLeavesTheLauncher(t *testing.T) {
	image, folder, message := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "message")
	program, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"cleanroom-tools": program, "cleanroom-launcher": []byte("launcher")} {
		if err := os.WriteFile(filepath.Join(image, name), content, 0o500); err != nil {
			t.Fatal(err)
		}
	}
	gate := func(folder string) (code int, out string) {
		cmd := exec.CommandContext(t.Context(), filepath.Join(image, "cleanroom-tools"), "gate", "--message", message, "--install", folder)
		cmd.Env = append(os.Environ(), plays+"=1")
		all, _ := cmd.CombinedOutput()
		return cmd.ProcessState.ExitCode(), string(all)
	}
	if code, out := gate(folder); code != 1 || !strings.HasPrefix(out, `{"outcome":"GateUnreachable"`) {
		t.Errorf("exit %d, %q", code, out)
	}
	installed := filepath.Join(folder, "cleanroom-tools")
	if found, err := os.Stat(installed); err != nil || found.Mode() != 0o555 {
		t.Errorf("installed: %v, %v", found, err)
	}
	if content, err := os.ReadFile(installed); err != nil || string(content) != "launcher" {
		t.Errorf("%d bytes: %v", len(content), err)
	}
	if code, out := gate(filepath.Join(folder, "absent")); code != 1 || !strings.HasPrefix(out, "install: ") {
		t.Errorf("without a folder the gate passes: exit %d, %q", code, out)
	}
	if err := os.Remove(filepath.Join(image, "cleanroom-launcher")); err != nil {
		t.Fatal(err)
	}
	if code, out := gate(folder); code != 1 || !strings.HasPrefix(out, "install: ") {
		t.Errorf("without a launcher the gate passes: exit %d, %q", code, out)
	}
}

// This test's own processes are those of a preparation: the build is not started, and a message says why.
func TestABuildIsNotStartedBesideOtherProcesses(t *testing.T) {
	message := filepath.Join(t.TempDir(), "message")
	code, stdout, stderr := ran("launch", "--closed", "--message", message, "127.0.0.1", "127.0.0.2", "--", "sh", "-c", "exit 3")
	if code != 125 || stdout != "" || !strings.HasPrefix(stderr, "launch: the build is not started: {") {
		t.Errorf("exit %d, %q, %q", code, stdout, stderr)
	}
	written, err := os.ReadFile(message)
	if want := `{"outcome":"PreparationStillRuns","families":[],"addresses":2,"rounds":0,"lagMillis":0,"detail":"`; err != nil || !strings.HasPrefix(string(written), want) {
		t.Errorf("%q: %v", written, err)
	}
}

func TestTheLaunchersFlagsComeBeforeTheCommand(t *testing.T) {
	for _, args := range [][]string{
		{"launch", "--observed", "--", "/absent", "--closed"}, {"launch", "--observed", "/absent"}, {"launch", "--observed=/workspace", "--", "/absent"}, {"launch", "--", "/absent", "--observed"},
	} {
		if code, _, stderr := ran(args...); code != 127 || !strings.HasPrefix(stderr, "launch: /absent: ") {
			t.Errorf("%q: exit %d, %q", args, code, stderr)
		}
	}
	for _, observed := range []string{"--observed", "--observed=/workspace"} {
		code, _, stderr := ran("launch", observed, "--closed", "--message", filepath.Join(t.TempDir(), "message"), "127.0.0.1", "--", "sh")
		if code != 125 || !strings.Contains(stderr, "PreparationStillRuns") {
			t.Errorf("%s: exit %d, %q", observed, code, stderr)
		}
	}
}

func TestAProbeWithoutAnObserverFails(t *testing.T) {
	if code, stdout, stderr := ran("observe", "--probe"); code != 1 || stdout != "" || !strings.HasPrefix(stderr, "observe: ") {
		t.Errorf("exit %d, %q, %q", code, stdout, stderr)
	}
}

// In a process of its own, because that limits its memory.
func TestALockfileOfAnUnknownFormatIsNotParsed(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), os.Args[0], "observe", "--parse", "absent")
	cmd.Env = append(os.Environ(), plays+"=1")
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), `"absent" is no format of a lockfile`) {
		t.Errorf("%v: %s", err, out)
	}
}

// In processes of their own, too.
func TestArtifactsAndReportsAreParsed(t *testing.T) {
	archive := filepath.Join(t.TempDir(), "a.zip")
	// The end of an empty zip file.
	if err := os.WriteFile(archive, []byte("PK\x05\x06"+strings.Repeat("\x00", 18)), 0o600); err != nil {
		t.Fatal(err)
	}
	report := func(count int) string {
		return `{"version":"2.1.0","runs":[{"results":[` + strings.Repeat("{},", count-1) + `{}]}]}`
	}
	parse := func(format, text string) (int, string) {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "observe", "--parse", format)
		cmd.Env, cmd.Stdin = append(os.Environ(), plays+"=1"), strings.NewReader(text)
		if format == "zip" {
			file, err := os.Open(archive)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			cmd.Stdin = file
		}
		out, _ := cmd.CombinedOutput()
		return cmd.ProcessState.ExitCode(), string(out)
	}
	for _, c := range []struct {
		format, text string
		code         int
		want         string
	}{
		{"zip", "", 0, `"End":{"Format":"zip","Count":0,`}, {"tar", "a pipe", 1, "an archive is read from a file"},
		{"sarif", report(2), 0, `"Total":2`}, {"sarif", "x", 1, "this is not an object"}, {"sarif", report(25_001), 3, "too many"},
	} {
		if code, out := parse(c.format, c.text); code != c.code || !strings.Contains(out, c.want) {
			t.Errorf("%s: exit %d, %s, want %d, %s", c.format, code, out, c.code, c.want)
		}
	}
}
