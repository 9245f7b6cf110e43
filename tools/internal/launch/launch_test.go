package launch

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

const (
	// launched is set where this binary plays the program.
	launched = "CLEANROOM_TEST_LAUNCH"
	// observed is then the observer's socket, where there is one.
	observed = "CLEANROOM_TEST_OBSERVED"
)

func TestMain(m *testing.M) {
	if os.Getenv(launched) != "" {
		_ = os.Unsetenv(launched)
		defer Observer{Socket: os.Getenv(observed)}.Hello().Close()
		os.Exit(Run(os.Args[1:], os.Stderr))
	}
	os.Exit(m.Run())
}

// launcher is the program with these arguments, not yet started.
func launcher(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Env = append(os.Environ(), launched+"=1")
	return cmd
}

// output is stdout and stderr, and the exit code.
func output(t *testing.T, cmd *exec.Cmd) (string, int) {
	t.Helper()
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// outsider is a process that is not of the launched; it ends with the test.
func outsider(t *testing.T) int {
	t.Helper()
	cmd := exec.Command("cat")
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = input.Close()
		_ = cmd.Wait()
	})
	return cmd.Process.Pid
}

// needScope skips where the kernel cannot scope signals, and says so.
func needScope(t *testing.T) {
	t.Helper()
	if abi := landlockABI(); abi < scopeABI {
		t.Skipf("this kernel's Landlock has version %d, signals are scoped from %d on (Linux 6.12)", abi, scopeABI)
	}
}

func TestAChildCannotSignalWhatIsOutside(t *testing.T) {
	needScope(t)
	// Through a child: what is launched hands its scope on.
	script := fmt.Sprintf("(kill -0 %d) && echo reached || echo refused", outsider(t))
	if out, err := exec.Command("sh", "-c", script).CombinedOutput(); err != nil || string(out) != "reached\n" {
		t.Fatalf("without the launcher this test sees nothing: %v %s", err, out)
	}
	if out, code := output(t, launcher(t, "--", "sh", "-c", script)); code != 0 || !strings.HasSuffix(out, "refused\n") {
		t.Errorf("exit %d: %s", code, out)
	}
}

func TestWhatIsLaunchedSignalsItsOwn(t *testing.T) {
	out, code := output(t, launcher(t, "sh", "-c", `tail -f /dev/null & kill -TERM $!; wait $!; echo $?`))
	if want := strconv.Itoa(128+int(syscall.SIGTERM)) + "\n"; code != 0 || !strings.HasSuffix(out, want) {
		t.Errorf("exit %d: %s", code, out)
	}
}

func TestNothingElseIsTaken(t *testing.T) {
	folder := t.TempDir()
	script := `mkdir a b && echo x > a/f && mv a/f b/f && ln b/f a/g && cat a/g && ulimit -n && umask`
	plain := exec.Command("sh", "-c", script)
	plain.Dir = t.TempDir()
	want, _ := output(t, plain)
	cmd := launcher(t, "sh", "-c", script)
	cmd.Dir = folder
	if got, code := output(t, cmd); code != 0 || got != want {
		t.Errorf("exit %d: %q, without the launcher %q", code, got, want)
	}
}

func TestItBecomesTheCommand(t *testing.T) {
	cmd := launcher(t, "--", "sh", "-c", `echo $$; echo "$0 $1"; exit 7`, "--", "two words")
	var out bytes.Buffer
	cmd.Stdout = &out
	err := cmd.Run()
	if want := fmt.Sprintf("%d\n-- two words\n", cmd.Process.Pid); out.String() != want || cmd.ProcessState.ExitCode() != 7 {
		t.Errorf("%v: %q, want %q", err, out.String(), want)
	}
}

func TestWhatCannotBeLaunched(t *testing.T) {
	folder, other := t.TempDir(), t.TempDir()
	write := func(name, content string, mode os.FileMode) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	plain := write("plain", "#!/bin/sh\n", 0o644)
	write("garbage", "garbage", 0o755)
	if err := os.WriteFile(filepath.Join(other, "twice"), []byte("#!/bin/sh\nexit 3\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	write("twice", "#!/bin/sh\n", 0o644)
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"nothing":                   {nil, 2, "no command"},
		"nothing after the dashes":  {[]string{"--"}, 2, "no command"},
		"missing in the PATH":       {[]string{"absent"}, 127, "launch: absent: no such file"},
		"missing path":              {[]string{folder + "/absent"}, 127, "no such file"},
		"not executable":            {[]string{plain}, 126, "permission denied"},
		"not executable in PATH":    {[]string{"plain"}, 126, "launch: plain: permission denied"},
		"a folder":                  {[]string{folder}, 126, "permission denied"},
		"no program":                {[]string{"garbage"}, 126, "exec format error"},
		"empty":                     {[]string{""}, 127, "no such file"},
		"executable further behind": {[]string{"twice"}, 3, ""},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := launcher(t, c.args...)
			cmd.Env = append(cmd.Env, "PATH="+folder+":"+plain+":"+other)
			if out, code := output(t, cmd); code != c.code || !strings.Contains(out, c.says) {
				t.Errorf("exit %d, want %d: %q", code, c.code, out)
			}
		})
	}
}

func TestInstall(t *testing.T) {
	folder := t.TempDir()
	target := filepath.Join(folder, "cleanroom-tools")
	if err := os.WriteFile(target, []byte("older"), 0o400); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := Install(self, folder); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(target)
	if err != nil || info.Mode() != 0o555 {
		t.Errorf("mode %v: %v", info.Mode(), err)
	}
	want, _ := os.ReadFile(self)
	if got, _ := os.ReadFile(target); !bytes.Equal(got, want) {
		t.Error("not the same bytes")
	}
	onlyOne(t, folder)
	cmd := exec.Command(target, "sh", "-c", "exit 7")
	cmd.Env = append(os.Environ(), launched+"=1")
	if out, code := output(t, cmd); code != 7 {
		t.Errorf("the copy ends with %d: %s", code, out)
	}
}

func TestAFailedInstallLeavesNothing(t *testing.T) {
	folder := t.TempDir()
	// A folder of that name cannot be replaced by a file.
	if err := os.Mkdir(filepath.Join(folder, "cleanroom-tools"), 0o755); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := Install(self, folder); err == nil {
		t.Error("no error")
	}
	onlyOne(t, folder)
	if err := Install(self, filepath.Join(folder, "absent")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error: %v", err)
	}
	if err := Install(filepath.Join(folder, "absent"), folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error: %v", err)
	}
	onlyOne(t, folder)
}

func onlyOne(t *testing.T, folder string) {
	t.Helper()
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 {
		t.Errorf("%v %v", entries, err)
	}
}
