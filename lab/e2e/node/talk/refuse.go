//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// raisedProgram is this program, root's and setuid.
	raisedProgram = "/bin/raised"
	// ordinary is the user that root becomes to try what an ordinary one may.
	ordinary = 65534
	// strangersUser is the user of the process that the test adds to the pod; no container of the pod has it.
	strangersUser = 4242
	// companionPatience is how long that process may take to appear.
	companionPatience = time.Minute
)

// result is one line of the program's output.
type result struct {
	Try     string `json:"try"`
	Outcome string `json:"outcome"`
}

func tell(try, outcome string) {
	line, err := json.Marshal(result{try, outcome})
	fail(err)
	fmt.Println(string(line))
}

// refuse tries what a build must not be able to do, and says what came of each: done, the kernel's error, or how a target
// answered. It begins when the process that the test adds is there to be attacked.
func refuse(hostFile string, targets []string) {
	go serve([]string{"8080"})
	stranger, err := companion()
	fail(err)
	for _, folder := range []string{"/", "/bin", "/etc", "/var", "/home", "/dev", "/etc/cleanroom/tools"} {
		tell("write in "+folder, outcome(create(folder)))
	}
	for _, folder := range []string{"/tmp", "/workspace", "/home/build", "/dev/shm"} {
		tell("write in "+folder+", its own", outcome(create(folder)))
	}
	// Opened only: where it works it must not change the machine.
	for _, file := range []string{"/etc/hosts", "/etc/resolv.conf", "/proc/sys/kernel/core_pattern"} {
		tell("change "+file, outcome(openToWrite(file)))
	}
	tell("setuid program", raised())
	tell("become root", outcome(becomeRoot()))
	tell("capabilities", capabilities())
	tell("give a file away", outcome(giveAway()))
	tell("raw socket", outcome(socket(unix.AF_INET, unix.SOCK_RAW, unix.IPPROTO_ICMP)))
	tell("packet socket", outcome(socket(unix.AF_PACKET, unix.SOCK_RAW, 0)))
	tell("host name", outcome(rename()))
	tell("user namespace", outcome(userNamespace()))
	tell("device of a disk", outcome(disk()))
	tell("mount", outcome(mount()))
	tell("remount the root", outcome(unix.Mount("", "/", "", unix.MS_REMOUNT|unix.MS_BIND, "")))
	tell("host's file", outcome(read(hostFile)))
	tell("host's file through process 1", outcome(read("/proc/1/root"+hostFile)))
	tell("ptrace of its own process", outcome(ownProcess()))
	tell("ptrace of another user's process", outcome(attach(stranger)))
	tell("environment of another user's process", outcome(read(fmt.Sprintf("/proc/%d/environ", stranger))))
	tell("signal to another user's process", outcome(syscall.Kill(stranger, 0)))
	tell("API token", outcome(read("/var/run/secrets/kubernetes.io/serviceaccount/token")))
	tell("the pod's resolver", resolve(net.DefaultResolver, "kubernetes.default.svc"))
	results := make([]string, len(targets))
	var all sync.WaitGroup
	for i, target := range targets {
		_, address, _ := strings.Cut(target, "=")
		all.Go(func() { results[i] = reach(address) })
	}
	all.Wait()
	for i, target := range targets {
		name, _, _ := strings.Cut(target, "=")
		tell(name, results[i])
	}
	select {}
}

// dns asks that server, whatever resolver the pod has.
func dns(server string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, server)
	}}
}

// reach is try for servers that do not echo too: over TCP a connection is enough.
func reach(target string) string {
	if server, is := strings.CutPrefix(target, "dns/"); is {
		return resolve(dns(server), "kubernetes.default.svc.cluster.local")
	}
	if !strings.HasPrefix(target, "tcp/") {
		return try(target)
	}
	connection, err := dial(target)
	if err == nil {
		connection.Close()
	}
	return word(err)
}

// outcome returns the name of the kernel's error, which is the reason.
func outcome(err error) string {
	var number syscall.Errno
	switch {
	case err == nil:
		return "done"
	case errors.As(err, &number):
		return unix.ErrnoName(number)
	default:
		return "error: " + err.Error()
	}
}

func create(folder string) error {
	name := filepath.Join(folder, "left-by-a-build")
	if err := os.WriteFile(name, []byte("mark"), 0o600); err != nil {
		return err
	}
	return os.Remove(name)
}

func openToWrite(file string) error {
	opened, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return opened.Close()
}

func read(file string) error {
	_, err := os.ReadFile(file)
	return err
}

// raised says whether an ordinary user becomes root by a setuid program.
func raised() string {
	cmd := exec.Command(raisedProgram, "whoami")
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: ordinary, Gid: ordinary}}
	}
	out, err := cmd.Output()
	if err != nil {
		return outcome(err)
	}
	if strings.TrimSpace(string(out)) == "0" {
		return "root"
	}
	return "not raised"
}

// becomeRoot on a thread of its own, which ends.
func becomeRoot() error {
	result := make(chan error)
	go func() {
		runtime.LockOSThread()
		_, _, number := unix.RawSyscall(unix.SYS_SETUID, 0, 0, 0)
		if number != 0 {
			result <- number
			return
		}
		result <- nil
	}()
	return <-result
}

// capabilities says which of the process's sets hold any.
func capabilities() string {
	status, err := os.ReadFile("/proc/self/status")
	fail(err)
	var sets []string
	for line := range strings.Lines(string(status)) {
		name, set, _ := strings.Cut(line, ":")
		if strings.HasPrefix(name, "Cap") && strings.Trim(set, "0\t\n") != "" {
			sets = append(sets, name)
		}
	}
	if len(sets) == 0 {
		return "none"
	}
	return strings.Join(sets, " ")
}

func giveAway() error {
	file, err := os.CreateTemp("/tmp", "")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	return file.Chown(1, 1)
}

func socket(family, kind, protocol int) error {
	opened, err := unix.Socket(family, kind, protocol)
	if err != nil {
		return err
	}
	return unix.Close(opened)
}

// rename gives the host the name that it has.
func rename() error {
	name, err := os.Hostname()
	if err != nil {
		return err
	}
	return unix.Sethostname([]byte(name))
}

// userNamespace would have every capability inside.
func userNamespace() error {
	cmd := exec.Command("/bin/true")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER}
	return cmd.Run()
}

func disk() error {
	const name = "/tmp/disk"
	if err := unix.Mknod(name, unix.S_IFBLK|0o600, int(unix.Mkdev(7, 200))); err != nil {
		return err
	}
	return os.Remove(name)
}

func mount() error {
	folder, err := os.MkdirTemp("/tmp", "")
	if err != nil {
		return err
	}
	if err := unix.Mount("tmpfs", folder, "tmpfs", 0, ""); err != nil {
		return err
	}
	return unix.Unmount(folder, 0)
}

func ownProcess() error {
	cmd := exec.Command("/bin/sleep", "60")
	if err := cmd.Start(); err != nil {
		return err
	}
	err := attach(cmd.Process.Pid)
	return errors.Join(err, cmd.Process.Kill())
}

// attach traces the process for a moment. It is the thread that traces.
func attach(pid int) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.PtraceAttach(pid); err != nil {
		return err
	}
	var status unix.WaitStatus
	if _, err := unix.Wait4(pid, &status, unix.WALL, nil); err != nil {
		return err
	}
	return unix.PtraceDetach(pid)
}

// companion awaits the process that the test adds, after which the pod has all that it gets.
func companion() (pid int, err error) {
	for deadline := time.Now().Add(companionPatience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		for _, process := range processes() {
			owner := new(syscall.Stat_t)
			if syscall.Stat(fmt.Sprintf("/proc/%d", process), owner) == nil && owner.Uid == strangersUser {
				return process, nil
			}
		}
	}
	return 0, errors.New("no process of the other user came")
}

func processes() (all []int) {
	entries, err := os.ReadDir("/proc")
	fail(err)
	for _, entry := range entries {
		var pid int
		if _, err := fmt.Sscanf(entry.Name(), "%d", &pid); err == nil {
			all = append(all, pid)
		}
	}
	return all
}
