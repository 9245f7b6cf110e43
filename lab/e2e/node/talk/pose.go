//go:build linux

package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// pose says hello as a launcher does, and hands over what it should not: for each name another file than the one of that name. It says
// what it was asked for.
func pose(pairs []string) {
	instead := map[string]string{}
	for _, pair := range pairs {
		name, path, _ := strings.Cut(pair, "=")
		instead[name] = path
	}
	connection, err := net.Dial("unix", observerSocket)
	fail(err)
	_, err = io.WriteString(connection, observerHello)
	fail(err)
	for lines := bufio.NewScanner(connection); lines.Scan(); {
		fmt.Println(lines.Text())
		if lines.Text() == "go 1" {
			return
		}
		quoted, request := strings.CutPrefix(lines.Text(), "open ")
		if !request {
			continue
		}
		name, err := strconv.Unquote(quoted)
		fail(err)
		fd, err := unix.Open(instead[name], unix.O_RDONLY|unix.O_NONBLOCK, 0)
		fail(err)
		_, _, err = connection.(*net.UnixConn).WriteMsgUnix([]byte("file 1\n"), unix.UnixRights(fd), nil)
		fail(err)
		fail(unix.Close(fd))
	}
}
