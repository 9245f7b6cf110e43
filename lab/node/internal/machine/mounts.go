package machine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// lab is the path of the lab's directory on the machine. It is short, because the path of a socket has at most 107 bytes.
const lab = "/run/lab"

func path(parts ...string) string { return filepath.Join(append([]string{lab}, parts...)...) }

type mount struct {
	source, target, kind string
	flags                uintptr
}

// mounts gives the machine a view of the file system in which a node writes only to the lab's directory and to memory, so that all of it
// is removed with the machine.
func mounts(o options) error {
	for _, folder := range []string{"lib", "log", "registry", "cni", "registries"} {
		if err := os.MkdirAll(filepath.Join(o.dir, "node", folder), 0o700); err != nil {
			return err
		}
	}
	// Read and opened before a mount can hide them.
	if err := os.CopyFS(filepath.Join(o.dir, "node", tools), os.DirFS(o.tools)); err != nil {
		return err
	}
	dir, err := os.Open(o.dir)
	if err != nil {
		return err
	}
	defer dir.Close()
	hosts := fmt.Sprintf("127.0.0.1 localhost\n%s %s\n", o.nodeAddress, o.node)
	if err := os.WriteFile(filepath.Join(o.dir, "node", "hosts"), []byte(hosts), 0o644); err != nil {
		return err
	}
	all := []mount{
		{"", "/", "", unix.MS_REC | unix.MS_PRIVATE},
		// Shared within the machine: kubelet, runtime and containers see each other's mounts.
		{"", "/", "", unix.MS_REC | unix.MS_SHARED},
		{"proc", "/proc", "proc", unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC},
		{"tmpfs", "/run", "tmpfs", unix.MS_NOSUID | unix.MS_NODEV},
		{fmt.Sprintf("/proc/self/fd/%d", dir.Fd()), lab, "", unix.MS_BIND},
		{path("node", "lib"), "/var/lib", "", unix.MS_BIND},
		{path("node", "log"), "/var/log", "", unix.MS_BIND},
		{path("node", "hosts"), "/etc/hosts", "", unix.MS_BIND},
	}
	for _, m := range all {
		if m.target == lab {
			if err := os.Mkdir(lab, 0o700); err != nil {
				return err
			}
		}
		if err := unix.Mount(m.source, m.target, m.kind, m.flags, ""); err != nil {
			return fmt.Errorf("cannot mount %s on %s: %w", m.source, m.target, err)
		}
	}
	if err := os.MkdirAll("/run/lock", 0o755); err != nil {
		return err
	}
	return errors.Join(keepTunables(), unix.Sethostname([]byte(o.node)))
}

// keepTunables mounts copies over the kernel's tunables, so that the kubelet does not change those of the host.
func keepTunables() error {
	for _, tunable := range []string{
		"vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops",
		"kernel/keys/root_maxkeys", "kernel/keys/root_maxbytes",
	} {
		kernels := filepath.Join("/proc/sys", tunable)
		value, err := os.ReadFile(kernels)
		if err != nil {
			return err
		}
		ours := filepath.Join("/run", strings.ReplaceAll(tunable, "/", "-"))
		if err := os.WriteFile(ours, value, 0o600); err != nil {
			return err
		}
		if err := unix.Mount(ours, kernels, "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("%s: %w", kernels, err)
		}
	}
	return nil
}
