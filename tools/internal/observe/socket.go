package observe

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"net/netip"
	"strconv"
	"strings"
)

// The states of sockets that matter, as in the kernel's tcp_states.h. UDP has the first for sockets that are connected.
const (
	established = 1
	synSent     = 2
)

// socket is a line of /proc/net/tcp, tcp6, udp or udp6.
type socket struct {
	local, remote netip.AddrPort
	state         byte
	uid           int
	inode         uint64
	// drops is how many datagrams did not fit into the queue; 0 for TCP.
	drops uint64
}

var errSocket = errors.New("the line of a socket has an unknown form")

// parseSocket reads a line as in proc_net_tcp(5).
func parseSocket(line string) (s socket, err error) {
	fields := strings.Fields(line)
	if len(fields) < 10 {
		return socket{}, errSocket
	}
	if s.local, err = parseEndpoint(fields[1]); err != nil {
		return socket{}, err
	}
	if s.remote, err = parseEndpoint(fields[2]); err != nil {
		return socket{}, err
	}
	state, err := strconv.ParseUint(fields[3], 16, 8)
	if err != nil {
		return socket{}, errSocket
	}
	s.state = byte(state)
	uid, err := strconv.ParseUint(fields[7], 10, 32)
	if err != nil {
		return socket{}, errSocket
	}
	s.uid = int(uid)
	if s.inode, err = strconv.ParseUint(fields[9], 10, 64); err != nil {
		return socket{}, errSocket
	}
	// UDP: a reference count, a pointer, and then the drops end the line.
	if len(fields) == 13 {
		if s.drops, err = strconv.ParseUint(fields[12], 10, 64); err != nil {
			return socket{}, errSocket
		}
	}
	return s, nil
}

// parseEndpoint reads ADDRESS:PORT. The address is in hexadecimal words of four bytes, each in the machine's order.
func parseEndpoint(text string) (netip.AddrPort, error) {
	words, port, found := strings.Cut(text, ":")
	if !found || len(words) != 8 && len(words) != 32 {
		return netip.AddrPort{}, errSocket
	}
	address, err := hex.DecodeString(words)
	if err != nil {
		return netip.AddrPort{}, errSocket
	}
	for i := 0; i < len(address); i += 4 {
		word := binary.BigEndian.Uint32(address[i:])
		binary.NativeEndian.PutUint32(address[i:], word)
	}
	number, err := strconv.ParseUint(port, 16, 16)
	if err != nil {
		return netip.AddrPort{}, errSocket
	}
	ip, _ := netip.AddrFromSlice(address)
	return netip.AddrPortFrom(ip.Unmap(), uint16(number)), nil
}
