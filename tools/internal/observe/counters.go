package observe

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// counters are some of the kernel's for the pod's network. No process of the pod can reset them.
type counters struct {
	TCPSynRetrans   uint64 `json:"tcpSynRetrans"`
	TCPAttemptFails uint64 `json:"tcpAttemptFails"`
	UDPOutDatagrams uint64 `json:"udpOutDatagrams"`
}

var errCounter = errors.New("a counter of the kernel is missing")

// readCounters reads them in the folder, which is /proc.
func readCounters(folder string) (c counters, err error) {
	var udp6 uint64
	for _, each := range []struct {
		file, group, name string
		value             *uint64
	}{
		{"netstat", "TcpExt:", "TCPSynRetrans", &c.TCPSynRetrans},
		{"snmp", "Tcp:", "AttemptFails", &c.TCPAttemptFails},
		{"snmp", "Udp:", "OutDatagrams", &c.UDPOutDatagrams},
	} {
		content, err := os.ReadFile(filepath.Join(folder, "net", each.file))
		if err != nil {
			return counters{}, err
		}
		if *each.value, err = counter(string(content), each.group, each.name); err != nil {
			return counters{}, err
		}
	}
	// A kernel without IPv6 does not have this file.
	content, err := os.ReadFile(filepath.Join(folder, "net", "snmp6"))
	if err == nil {
		udp6, err = counter6(string(content), "Udp6OutDatagrams")
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return counters{}, err
	}
	c.UDPOutDatagrams += udp6
	return c, nil
}

// activeOpens is how many TCP connections the processes of the pod have begun.
func activeOpens(folder string) (uint64, error) {
	content, err := os.ReadFile(filepath.Join(folder, "net", "snmp"))
	if err != nil {
		return 0, err
	}
	return counter(string(content), "Tcp:", "ActiveOpens")
}

// counter reads one of a group that has two lines: the names, and the values in the same order.
func counter(content, group, name string) (uint64, error) {
	var names []string
	for line := range strings.Lines(content) {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0 || fields[0] != group:
		case names == nil:
			names = fields
		default:
			for i, each := range names[:min(len(names), len(fields))] {
				if each == name {
					return strconv.ParseUint(fields[i], 10, 64)
				}
			}
		}
	}
	return 0, errCounter
}

// counter6 reads a line of a name and a value.
func counter6(content, name string) (uint64, error) {
	for line := range strings.Lines(content) {
		if fields := strings.Fields(line); len(fields) == 2 && fields[0] == name {
			return strconv.ParseUint(fields[1], 10, 64)
		}
	}
	return 0, errCounter
}

// since returns the differences. Datagrams that the resolver received, sent and lost are not counted.
func (c counters) since(before counters, resolver uint64) counters {
	return counters{
		TCPSynRetrans:   less(c.TCPSynRetrans, before.TCPSynRetrans),
		TCPAttemptFails: less(c.TCPAttemptFails, before.TCPAttemptFails),
		UDPOutDatagrams: less(c.UDPOutDatagrams, before.UDPOutDatagrams+resolver),
	}
}

func less(a, b uint64) uint64 { return a - min(a, b) }
