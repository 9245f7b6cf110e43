//go:build linux

// Command talk runs in the test pods of a real node: it answers connections, and it reports what answers. A target is
// NETWORK/ADDRESS, as tcp/10.0.0.1:80, udp/[fd00::1]:80 or icmp/10.0.0.1.
//
//	talk serve PORT...    sends back what it gets, TCP and UDP, both families
//	talk try TARGET...    a line per target, in order: open, closed (refused by the target itself) or silent
//	talk hold TARGET      a line per echo over one connection, silent where one fails to come
//	talk resolve NAME...  a line per name: its addresses, silent or unknown
//	talk watch TARGET     a line per new connection: open, closed or silent
//	talk last TARGET      keeps a connection and makes new ones, says ready, and once new ones fail when each was last
//	                      answered, in nanoseconds since 1970
//	talk send TARGET...   sends to all of them from its first instruction, for a second; says nothing
//	talk flood TARGET...  connects to all of them as often as it can
//	talk persist TARGET... sends to all of them until it is killed, and prints a line when it gets SIGTERM
//	talk pour TARGET      writes to one connection as fast as it can
//	talk sip PORT         reads one connection slowly, a line after each read: the time in nanoseconds since 1970 and the
//	                      bytes so far; then says ended
//	talk now              says the time in nanoseconds since 1970
//
// and it plays builds, which say what came of what they tried, a line of JSON each:
//
//	talk refuse HOSTFILE NAME=TARGET...  tries what a build must not be able to do, then echoes on port 8080
//	talk record FILE       appends to the file, and says what of it is on the disk
//	talk verify FILE       says what of that a file holds
//	talk seek NAME=HEX...  says where in the container there are these bytes
//	talk harass            tries what a build must not be able to do to the observer of its pod
//	talk fill FOLDER COUNT makes so many empty files
//	talk usage             says how much memory that observer has taken at most
//	talk pose NAME=PATH... says hello as a launcher does, and hands over a descriptor of each path when it is asked for the name
//	talk hello, insist     says hello to the observer, and what it answers; insist does so until it is answered
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// patience with an answer; what is open answers in less than a millisecond, on a machine with nothing else to do. An observer of a busy
// machine may not see in a second that a connection waits: its tests set PATIENCE.
var patience = time.Second

// message is one that a server of HTTP answers too.
var message = []byte("talk\r\n\r\n")

func main() {
	command, args := os.Args[1], os.Args[2:]
	if set := os.Getenv("PATIENCE"); set != "" {
		var err error
		patience, err = time.ParseDuration(set)
		fail(err)
	}
	switch command {
	case "serve":
		serve(args)
	case "try":
		results := make([]string, len(args))
		var all sync.WaitGroup
		for i, target := range args {
			all.Go(func() { results[i] = try(target) })
		}
		all.Wait()
		fmt.Println(strings.Join(results, "\n"))
	case "hold":
		connection, err := dial(args[0])
		for ; err == nil; time.Sleep(50 * time.Millisecond) {
			fmt.Println(word(echo(connection)))
		}
		fmt.Println(word(err))
	case "resolve":
		for _, name := range args {
			fmt.Println(resolve(net.DefaultResolver, name))
		}
	case "watch":
		for ; ; time.Sleep(5 * time.Millisecond) {
			fmt.Println(try(args[0]))
		}
	case "last":
		last(args[0])
	case "send":
		var all sync.WaitGroup
		for _, target := range args {
			all.Go(func() { send(target, time.Now().Add(time.Second), 2*time.Millisecond) })
		}
		all.Wait()
	case "persist":
		persist(args)
	case "pour":
		connection, err := dial(args[0])
		for buffer := make([]byte, 1<<16); err == nil; {
			_, err = connection.Write(buffer)
		}
		fail(err)
	case "sip":
		sip(args[0])
	case "now":
		fmt.Println(time.Now().UnixNano())
	case "refuse":
		refuse(args[0], args[1:])
	case "whoami":
		fmt.Println(os.Geteuid())
	case "record":
		record(args[0])
	case "verify":
		verify(args[0])
	case "harass":
		harass()
	case "fill":
		count, err := strconv.Atoi(args[1])
		fail(err)
		for i := range count {
			fail(syscall.Mknod(filepath.Join(args[0], strconv.Itoa(i)), syscall.S_IFREG|0o644, 0))
		}
	case "usage":
		observer, err := processOf(os.Getuid() + 1)
		fail(err)
		fmt.Println(memory(observer))
	case "pose":
		pose(args)
	case "hello":
		fmt.Println(hello())
	case "insist":
		insist()
	case "seek":
		seek(args)
	case "flood":
		const each = 64
		for range each {
			for _, target := range args {
				go func() {
					for {
						if connection, err := dial(target); err == nil {
							connection.Close()
						}
					}
				}()
			}
		}
		select {}
	}
}

func send(target string, until time.Time, pause time.Duration) {
	network, address, _ := strings.Cut(target, "/")
	for ; time.Now().Before(until); time.Sleep(pause) {
		// A short patience: each attempt is a packet of its own.
		connection, err := net.DialTimeout(network, address, 20*time.Millisecond)
		if err == nil {
			_, _ = connection.Write(message)
			connection.Close()
		}
	}
}

func last(target string) {
	held, err := dial(target)
	fail(err)
	var echoed atomic.Int64
	go func() {
		for echo(held) == nil {
			echoed.Store(time.Now().UnixNano())
			time.Sleep(time.Millisecond)
		}
	}()
	connected := int64(0)
	// One that fails may be a slow machine's.
	for failed := 0; failed < 2; time.Sleep(time.Millisecond) {
		connection, err := dial(target)
		if err != nil {
			failed++
			continue
		}
		connection.Close()
		if connected == 0 {
			fmt.Println("ready")
		}
		failed, connected = 0, time.Now().UnixNano()
	}
	fmt.Println(connected, echoed.Load())
}

// persist does not end on SIGTERM.
func persist(targets []string) {
	terminated := make(chan os.Signal, 1)
	signal.Notify(terminated, syscall.SIGTERM)
	for _, target := range targets {
		go func() {
			for {
				// Not as often as it can: several of these share a machine with the test.
				send(target, time.Now().Add(time.Second), 50*time.Millisecond)
			}
		}()
	}
	fmt.Println("sends")
	for range terminated {
		fmt.Println("got SIGTERM")
	}
}

// sip reads so slowly that the kernels' queues between it and its peer are full.
func sip(port string) {
	listener, err := net.Listen("tcp", ":"+port)
	fail(err)
	connection, err := listener.Accept()
	fail(err)
	total := 0
	for buffer := make([]byte, 1<<14); ; time.Sleep(50 * time.Millisecond) {
		n, err := connection.Read(buffer)
		if total += n; n > 0 {
			fmt.Println(time.Now().UnixNano(), total)
		}
		if err != nil {
			fmt.Println("ended")
			time.Sleep(time.Hour)
		}
	}
}

func serve(ports []string) {
	for _, port := range ports {
		listener, err := net.Listen("tcp", ":"+port)
		fail(err)
		go func() {
			for {
				connection, err := listener.Accept()
				fail(err)
				go func() {
					_, _ = io.Copy(connection, connection)
					connection.Close()
				}()
			}
		}()
		packets, err := net.ListenPacket("udp", ":"+port)
		fail(err)
		go func() {
			buffer := make([]byte, 64)
			for {
				n, from, err := packets.ReadFrom(buffer)
				fail(err)
				_, _ = packets.WriteTo(buffer[:n], from)
			}
		}()
	}
	select {}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func try(target string) string {
	connection, err := dial(target)
	if err == nil {
		defer connection.Close()
		err = echo(connection)
	}
	return word(err)
}

func word(err error) string {
	var timeout net.Error
	switch {
	case err == nil:
		return "open"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "closed"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "silent"
	default:
		return "error: " + err.Error()
	}
}

func dial(target string) (net.Conn, error) {
	network, address, _ := strings.Cut(target, "/")
	if network == "icmp" {
		return ping(net.ParseIP(address))
	}
	return net.DialTimeout(network, address, patience)
}

// echo sends a text and awaits it back. The kernel changes only the header of a ping, so the text identifies an echo in any protocol.
func echo(connection net.Conn) error {
	request := message
	if ping, is := connection.(pinging); is {
		request = ping.request
	}
	if err := connection.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := connection.Write(request); err != nil {
		return err
	}
	buffer := make([]byte, 64)
	n, err := connection.Read(buffer)
	if err == nil && !bytes.HasSuffix(buffer[:n], message) {
		return fmt.Errorf("no echo: %q", buffer[:n])
	}
	return err
}

func resolve(resolver *net.Resolver, name string) string {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	addresses, err := resolver.LookupHost(ctx, name)
	if unknown := new(net.DNSError); errors.As(err, &unknown) {
		switch {
		case unknown.IsNotFound:
			return "unknown"
		// It carries no cause that could be asked.
		case strings.HasSuffix(unknown.Err, syscall.ECONNREFUSED.Error()):
			return "closed"
		}
	}
	if err != nil {
		return word(err)
	}
	return strings.Join(addresses, " ")
}

type pinging struct {
	net.Conn
	request []byte
}

// ping is a socket for echo requests as the sysctl net.ipv4.ping_group_range gives it to any user; the kernel numbers and
// sums the requests.
func ping(to net.IP) (net.Conn, error) {
	family, protocol, kind := syscall.AF_INET6, syscall.IPPROTO_ICMPV6, byte(128)
	var address syscall.Sockaddr = &syscall.SockaddrInet6{Addr: [16]byte(to.To16())}
	if to.To4() != nil {
		family, protocol, kind = syscall.AF_INET, syscall.IPPROTO_ICMP, 8
		address = &syscall.SockaddrInet4{Addr: [4]byte(to.To4())}
	}
	socket, err := syscall.Socket(family, syscall.SOCK_DGRAM, protocol)
	if err != nil {
		return nil, err
	}
	file := os.NewFile(uintptr(socket), "ping")
	defer file.Close()
	if err := syscall.Connect(socket, address); err != nil {
		return nil, err
	}
	connection, err := net.FileConn(file)
	return pinging{connection, append([]byte{kind, 0, 0, 0, 0, 0, 0, 1}, message...)}, err
}
