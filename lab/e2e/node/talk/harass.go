//go:build linux

package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	observerSocket = "@cleanroom-observer"
	observerHello  = "hello 1\n"
	resolver       = "127.0.0.1:53"
	floodNames     = 100_000
	floodHolds     = 100
)

// harass tries what a build must not be able to do to the observer of its pod, whose user is the next one, and says what came of each.
func harass() {
	observer, err := processOf(os.Getuid() + 1)
	fail(err)
	measure("idle", observer)
	for name, pid := range map[string]int{"the observer": observer, "process 1": 1} {
		tell("signal to "+name, outcome(syscall.Kill(pid, syscall.SIGKILL)))
		tell("ptrace of "+name, outcome(attach(pid)))
		folder := fmt.Sprintf("/proc/%d", pid)
		_, err := os.ReadDir(folder + "/root/")
		tell("root of "+name, outcome(err))
		tell("environment of "+name, outcome(read(folder+"/environ")))
		tell("memory of "+name, outcome(openToWrite(folder+"/mem")))
		tell("log of "+name, outcome(openToWrite(folder+"/fd/1")))
	}
	tell("its own hello", hello())
	tell("hello of a child", ofChild("hello"))
	tell("hello of a session of its own", ofChild("hello", "setsid"))
	for _, target := range []string{"unix/" + observerSocket, "udp/" + resolver, "tcp/" + resolver, "udp/0.0.0.0:53", "tcp/0.0.0.0:53"} {
		tell("listen at "+target, outcome(listen(target)))
	}
	for i := range floodNames {
		_, _ = askFor(fmt.Sprintf("n%d", i))
	}
	measure("flooded", observer)
	var held []net.Conn
	for range floodHolds {
		for _, target := range []string{"unix/" + observerSocket, "tcp/" + resolver} {
			network, address, _ := strings.Cut(target, "/")
			if connection, err := net.Dial(network, address); err == nil {
				held = append(held, connection)
			}
		}
	}
	started := time.Now()
	answered, err := askFor("held")
	tell("a name while connections are held", fmt.Sprintf("answered: %t, at once: %t, %v", answered, time.Since(started) < time.Second, err))
	tell("connections held", strconv.Itoa(len(held)))
}

// hello is what the observer answers.
func hello() string {
	connection, err := net.Dial("unix", observerSocket)
	fail(err)
	defer connection.Close()
	_, _ = io.WriteString(connection, observerHello)
	_ = connection.SetReadDeadline(time.Now().Add(10 * time.Second))
	answer, _ := io.ReadAll(connection)
	return strings.TrimSpace(string(answer))
}

// ofChild is what this program says with the arguments, by itself or by another program.
func ofChild(args ...string) string {
	program, err := os.Executable()
	fail(err)
	command := append(args[1:], program, args[0])
	out, err := exec.Command(command[0], command[1:]...).CombinedOutput()
	return strings.TrimSpace(fmt.Sprintf("%s %s", out, errorText(err)))
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// insist says hello again and again, until it is answered.
func insist() {
	for hello() == "" {
	}
}

func processOf(user int) (pid int, err error) {
	for _, process := range processes() {
		owner := new(syscall.Stat_t)
		if process != 1 && syscall.Stat(fmt.Sprintf("/proc/%d", process), owner) == nil && int(owner.Uid) == user {
			return process, nil
		}
	}
	return 0, fmt.Errorf("user %d has no process", user)
}

// listen shares the address, as far as the kernel allows.
func listen(target string) error {
	network, address, _ := strings.Cut(target, "/")
	shared := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error {
		return raw.Control(func(fd uintptr) {
			_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
			_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
		})
	}}
	if network == "udp" {
		opened, err := shared.ListenPacket(context.Background(), network, address)
		if err == nil {
			opened.Close()
		}
		return err
	}
	opened, err := shared.Listen(context.Background(), network, address)
	if err == nil {
		opened.Close()
	}
	return err
}

// askFor asks for the addresses of a name below example.com, and reports whether there was an answer.
func askFor(label string) (bool, error) {
	message := binary.BigEndian.AppendUint16(nil, 1)
	message = append(message, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0)
	for _, each := range []string{label, "example", "com", ""} {
		message = append(append(message, byte(len(each))), each...)
	}
	message = append(message, 0, 1, 0, 1)
	connection, err := net.Dial("udp", resolver)
	if err != nil {
		return false, err
	}
	defer connection.Close()
	if _, err := connection.Write(message); err != nil {
		return false, err
	}
	_ = connection.SetReadDeadline(time.Now().Add(2 * time.Second))
	n, err := connection.Read(make([]byte, 512))
	return n > 0, err
}

// measure says what the process takes: memory, and processor time during two seconds.
func measure(when string, pid int) {
	before := ticks(pid)
	time.Sleep(2 * time.Second)
	fmt.Printf("%s: %s, %d ticks in 2 s\n", when, memory(pid), ticks(pid)-before)
}

// memory is what the process takes now and what it took at most.
func memory(pid int) string {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	fail(err)
	var memory []string
	for line := range strings.Lines(string(status)) {
		if name, value, _ := strings.Cut(line, ":"); name == "VmRSS" || name == "VmHWM" {
			memory = append(memory, name+" "+strings.TrimSpace(value))
		}
	}
	return strings.Join(memory, ", ")
}

func ticks(pid int) (sum int) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	fail(err)
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	for _, each := range fields[11:13] {
		value, err := strconv.Atoi(each)
		fail(err)
		sum += value
	}
	return sum
}
