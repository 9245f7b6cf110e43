package cluster

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"cleanroom.dev/lab/internal/layout"
)

const (
	// NodeName is the real node's name, in the API and on its own machine.
	NodeName = "real"
	// nodeHealthPort is always free, because the node has a separate network namespace.
	nodeHealthPort = 10000
	// gonePatience is how long the kernel may take to remove the resources of processes that have ended.
	gonePatience = 30 * time.Second
)

// linkNetworks has the networks between the host and a real node, a /30 each: benchmarking addresses (RFC 2544), which are not routed.
var linkNetworks = netip.MustParsePrefix("198.18.0.0/15")

// RealNode says how a real node is run.
type RealNode struct {
	// Binary is the kubelet, and also all other processes of the node.
	Binary string
	// Tools is an OCI layout of the tools image.
	Tools    string
	Policies Policies
}

// Policies is how a real node enforces network policies. `lab up` and the node's processes have the same flags for it.
type Policies struct {
	// Established is what happens to connections that a changed policy no longer allows: keep or cut.
	Established string
	// Lag is how long a pod's traffic passes after its address is known.
	Lag time.Duration
	// Enforce is on or off.
	Enforce string
}

// Flags returns these settings as command line flags.
func (p Policies) Flags() []string {
	return []string{"--established=" + p.Established, "--policy-lag=" + p.Lag.String(), "--enforce=" + p.Enforce}
}

// machine is a process's namespaces on Linux: for processes, mounts, network, host name and IPC.
// All of them end with the process.
type machine struct {
	binary string
	// hostNetwork is the namespace to which the machine's link leads.
	hostNetwork *os.File
}

// machineName names the host's end of the link and the control group. It depends only on the lab's directory, so the next start
// finds what a killed lab left.
func machineName(dir layout.Dir) string {
	sum := sha256.Sum256([]byte(dir))
	return "lab" + hex.EncodeToString(sum[:4])
}

// chooseLink returns the host's and the node's address in a /30 that no interface of the host uses.
func chooseLink(dir layout.Dir) (host, node string, err error) {
	taken, err := net.InterfaceAddrs()
	if err != nil {
		return "", "", err
	}
	sum := sha256.Sum256([]byte(dir))
	const links = 1 << (30 - 15)
	first := binary.BigEndian.Uint16(sum[:2]) % links
	base := binary.BigEndian.Uint32(linkNetworks.Addr().AsSlice())
	for i := range uint32(links) {
		var network [4]byte
		binary.BigEndian.PutUint32(network[:], base+(uint32(first)+i)%links*4)
		prefix := netip.PrefixFrom(netip.AddrFrom4(network), 30)
		if free(prefix, taken) {
			host := prefix.Addr().Next()
			return host.String(), host.Next().String(), nil
		}
	}
	return "", "", fmt.Errorf("all networks in %s are in use", linkNetworks)
}

func free(prefix netip.Prefix, taken []net.Addr) bool {
	for _, address := range taken {
		other, err := netip.ParsePrefix(address.String())
		if err == nil && other.Masked().Overlaps(prefix) {
			return false
		}
	}
	return true
}

func realNodeSpec(dir layout.Dir, p ports, node RealNode) (spec, error) {
	network, err := os.Open("/proc/self/ns/net")
	if err != nil {
		return spec{}, fmt.Errorf("a real node requires Linux: %w", err)
	}
	health := fmt.Sprintf("http://%s/healthz", net.JoinHostPort(p.node, strconv.Itoa(nodeHealthPort)))
	args := []string{
		"--dir=" + string(dir),
		"--node=" + NodeName,
		"--machine=" + machineName(dir),
		"--host-address=" + p.address,
		"--node-address=" + p.node,
		"--health-port=" + strconv.Itoa(nodeHealthPort),
		"--server=" + p.server(),
		"--tools=" + node.Tools,
	}
	args = append(args, node.Policies.Flags()...)
	return spec{
		name: Node, port: nodeHealthPort, health: health, args: args,
		machine: &machine{node.Binary, network},
	}, nil
}

// awaitMachineGone returns when nothing of a real node that has ended is left on the host. The kernel removes its interface
// shortly after its last process; this function removes its control groups.
func awaitMachineGone(dir layout.Dir) error {
	name := machineName(dir)
	for deadline := time.Now().Add(gonePatience); ; time.Sleep(20 * time.Millisecond) {
		err := errors.Join(interfaceGone(name), removeControlGroups(name))
		if err == nil || time.Now().After(deadline) {
			return err
		}
	}
}

func interfaceGone(name string) error {
	if _, err := net.InterfaceByName(name); err == nil {
		return fmt.Errorf("the interface %s still exists", name)
	}
	return nil
}

// removeControlGroups removes the node's group from every hierarchy, of version 1 or 2.
func removeControlGroups(name string) error {
	var errs []error
	for _, pattern := range []string{"/sys/fs/cgroup/", "/sys/fs/cgroup/*/"} {
		roots, err := filepath.Glob(pattern + name)
		errs = append(errs, err)
		for _, root := range roots {
			errs = append(errs, removeControlGroup(root))
		}
	}
	return errors.Join(errs...)
}

// removeControlGroup removes the groups below it first. The kernel removes their files with them.
func removeControlGroup(group string) error {
	below, err := os.ReadDir(group)
	if errors.Is(err, os.ErrNotExist) {
		// Two names can stand for one hierarchy (cpu and cpu,cpuacct).
		return nil
	}
	errs := []error{err}
	for _, entry := range below {
		if entry.IsDir() {
			errs = append(errs, removeControlGroup(filepath.Join(group, entry.Name())))
		}
	}
	if err := os.Remove(group); err != nil && !errors.Is(err, os.ErrNotExist) {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
