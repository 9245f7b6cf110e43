package labtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// checkout is a folder with nothing but these files of ours and these programs, each a shell script.
func checkout(t *testing.T, files []string, programs map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(module(), "..", file))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(root, file), string(text))
	}
	for name, script := range programs {
		write(t, filepath.Join(root, name), "#!/bin/sh\n"+script+"\n")
	}
	return root
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}

// compiles is a compiler that is done at once.
const compiles = `while [ $# -gt 0 ]; do [ "$1" != -o ] || { echo exit 0 >"$2"; chmod +x "$2"; }; shift; done; echo 1.36`

func TestTheKubeletIsNotBuiltWithPartsThatFailed(t *testing.T) {
	t.Parallel()
	for failing, builds := range map[string]bool{"nothing": true, "path/go": false, "tools/build.sh": false, "lab/bin/lab": false} {
		t.Run(failing, func(t *testing.T) {
			t.Parallel()
			programs := map[string]string{"path/go": compiles, "tools/build.sh": "exit 0", "lab/node/main.go": ""}
			switch failing {
			case "lab/bin/lab":
				programs["path/go"] = strings.ReplaceAll(compiles, "exit 0", "exit 1")
			case "nothing":
			default:
				programs[failing] = "echo 1.36; exit 1"
			}
			root := checkout(t, []string{"lab/build.sh", "lab/go-flags"}, programs)
			cmd := exec.Command(filepath.Join(root, "lab", "build.sh"), "kubelet")
			cmd.Env = append(os.Environ(), "PATH="+filepath.Join(root, "path")+":"+os.Getenv("PATH"), "XDG_CACHE_HOME="+filepath.Join(root, "cache"))
			out, err := cmd.CombinedOutput()
			_, missing := os.Stat(filepath.Join(root, "lab", "bin", "kubelet"))
			if (err == nil) != builds || (missing == nil) != builds {
				t.Errorf("it ended with %v, the kubelet: %v\n%s", err, missing, out)
			}
			if elsewhere, err := os.Stat(filepath.Join(root, "bin")); err == nil {
				t.Errorf("it built elsewhere: %s", elsewhere.Name())
			}
		})
	}
}

// stopDemo is `make demo-stop` in the checkout; the demo is in its folder demo.
func stopDemo(root string) (string, error) {
	cmd := exec.Command(filepath.Join(root, "scripts", "demo"), "stop")
	cmd.Env = append(os.Environ(), "DEMO_DIR="+filepath.Join(root, "demo"), "JAVA_HOME=none")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestADemoWhoseLabIsNotBuiltAnyMoreIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	root := checkout(t, []string{"scripts/demo"}, nil)
	state := filepath.Join(root, "demo", "state.json")
	write(t, state, "{}")
	out, err := stopDemo(root)
	if err == nil || !strings.Contains(out, "make lab") || strings.Contains(out, "is stopped") {
		t.Errorf("it ended with %v and said\n%s", err, out)
	}
	if _, err := os.Stat(state); err != nil {
		t.Errorf("how to end the lab is gone: %v", err)
	}
}

func TestADemoIsStoppedWithoutALabThatIsNotThere(t *testing.T) {
	t.Parallel()
	root := checkout(t, []string{"scripts/demo"}, nil)
	if out, err := stopDemo(root); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// A process's number is another's after a reboot.
func TestTheDemoEndsNoOtherProcesses(t *testing.T) {
	t.Parallel()
	root := checkout(t, []string{"scripts/demo"}, map[string]string{"lab/bin/lab": "exit 0"})
	builders := filepath.Join(root, "demo.builders")
	for file, ours := range map[string]bool{root + "/demo.operator.pid": false, builders + "/pid": true} {
		argument := "elsewhere"
		if ours {
			argument = builders
		}
		// It ends well with its standard input.
		cmd := exec.Command("sh", "-c", "read line; exit 0", "sh", argument)
		stdin, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		write(t, file, strconv.Itoa(cmd.Process.Pid)+"\n")
		defer func() {
			_ = stdin.Close()
			_ = cmd.Wait()
			if ended := cmd.ProcessState.Sys().(syscall.WaitStatus).Signaled(); ended != ours {
				t.Errorf("%s: ended by a signal: %v", file, ended)
			}
			if _, err := os.Stat(file); err == nil {
				t.Errorf("%s is left", file)
			}
		}()
	}
	if out, err := stopDemo(root); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
