package observe

import (
	"testing"

	"cleanroom.dev/tools/internal/proctest"
)

// counting is a folder like /proc whose counters have these values.
func counting(t *testing.T) proctest.Folder {
	t.Helper()
	p := proctest.New(t, 7)
	p.Write(t, "TcpExt: SyncookiesSent TCPSynRetrans\nTcpExt: 1 30\nIpExt: TCPSynRetrans\nIpExt: 9\n", "net", "netstat")
	p.Write(t, "Tcp: RtoMin AttemptFails\nTcp: 1 20\nUdp: InDatagrams OutDatagrams\nUdp: 1 10\nUdpLite: InDatagrams OutDatagrams\nUdpLite: 1 9\n", "net", "snmp")
	p.Write(t, "Udp6InDatagrams 9\nUdp6OutDatagrams                \t5\n", "net", "snmp6")
	return p
}

func TestCountersAreRead(t *testing.T) {
	p := counting(t)
	if got, err := readCounters(string(p)); err != nil || got != (counters{30, 20, 15}) {
		t.Errorf("%+v, %v", got, err)
	}
	p.Remove(t, "net", "snmp6")
	if got, err := readCounters(string(p)); err != nil || got != (counters{30, 20, 10}) {
		t.Errorf("without IPv6: %+v, %v", got, err)
	}
}

func TestCountersThatCannotBeReadAreAnError(t *testing.T) {
	for name, change := range map[string]func(proctest.Folder){
		"no file":            func(p proctest.Folder) { p.Remove(t, "net", "netstat") },
		"a folder":           func(p proctest.Folder) { p.MakeFolder(t, "net", "snmp6") },
		"no group":           func(p proctest.Folder) { p.Write(t, "Ip: X\nIp: 1\n", "net", "snmp") },
		"no name":            func(p proctest.Folder) { p.Write(t, "TcpExt: X\nTcpExt: 1\n", "net", "netstat") },
		"fewer values":       func(p proctest.Folder) { p.Write(t, "TcpExt: X TCPSynRetrans\nTcpExt: 1\n", "net", "netstat") },
		"no number":          func(p proctest.Folder) { p.Write(t, "TcpExt: TCPSynRetrans\nTcpExt: x\n", "net", "netstat") },
		"no number for IPv6": func(p proctest.Folder) { p.Write(t, "Udp6OutDatagrams x\n", "net", "snmp6") },
		"no name for IPv6":   func(p proctest.Folder) { p.Write(t, "\n", "net", "snmp6") },
	} {
		t.Run(name, func(t *testing.T) {
			p := counting(t)
			change(p)
			if got, err := readCounters(string(p)); err == nil {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestDatagramsOfTheResolverAreNotCounted(t *testing.T) {
	got := counters{30, 20, 15}.since(counters{1, 2, 3}, 4)
	if got != (counters{29, 18, 8}) {
		t.Errorf("%+v", got)
	}
	if got := (counters{}).since(counters{}, 4); got != (counters{}) {
		t.Errorf("%+v", got)
	}
}
