package machine

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"text/template"

	"golang.org/x/sys/unix"
)

//go:embed containerd.toml kubelet.yaml kube-proxy.yaml cni.json Corefile
var templates embed.FS

// Networks of pods; they exist on the machine alone.
const (
	podNetwork  = "10.244.0.0/24"
	podNetwork6 = "fd00:10:244::/64"
)

// examplesRegistry is what images are called by in the product's examples.
const examplesRegistry = "registry.example.com"

// configure writes the configuration of what the machine runs.
func configure(o options) error {
	mayRaise, err := mayRaisePriority()
	if err != nil {
		return err
	}
	store, err := snapshotter("/var/lib")
	if err != nil {
		return err
	}
	networks, routes := []string{podNetwork}, []string{"0.0.0.0/0"}
	if _, err := os.Stat("/proc/sys/net/ipv6"); err == nil {
		networks, routes = append(networks, podNetwork6), append(routes, "::/0")
	}
	values := map[string]any{
		"Registry": o.registry(), "Machine": o.machine, "Address": o.nodeAddress, "DNSHealth": dnsHealth,
		"MayRaisePriority": mayRaise, "Snapshotter": store,
		"PodNetwork": podNetwork, "PodNetworks": networks, "Routes": routes,
	}
	for name, target := range map[string]string{
		"containerd.toml": "containerd.toml", "kubelet.yaml": "kubelet.yaml", "kube-proxy.yaml": "kube-proxy.yaml",
		"cni.json": "cni/10-pods.conflist", "Corefile": "Corefile",
	} {
		parsed, err := template.ParseFS(templates, name)
		if err != nil {
			return err
		}
		var out bytes.Buffer
		if err := parsed.Execute(&out, values); err != nil {
			return err
		}
		if err := os.WriteFile(path("node", target), out.Bytes(), 0o600); err != nil {
			return err
		}
	}
	// The registry speaks plain HTTP, on this machine's own network, and stands in for the one of the examples.
	hosts := fmt.Sprintf("server = %q\n[host.%q]\n  capabilities = [\"pull\", \"resolve\"]\n", "http://"+o.registry(), "http://"+o.registry())
	for _, name := range []string{o.registry(), examplesRegistry} {
		folder := path("node", "registries", name)
		if err := errors.Join(os.Mkdir(folder, 0o700), os.WriteFile(filepath.Join(folder, "hosts.toml"), []byte(hosts), 0o600)); err != nil {
			return err
		}
	}
	// No resolver: the machine has no way out. An option, for without any line the runtime would hand pods the host's.
	return os.WriteFile(path("node", "resolv.conf"), []byte("options ndots:1\n"), 0o644)
}

// snapshotter is containerd's way to stack layers: an overlay, but copies on a file system that is an overlay already, as a container's is.
func snapshotter(folder string) (string, error) {
	var stat unix.Statfs_t
	if err := unix.Statfs(folder, &stat); err != nil {
		return "", err
	}
	if stat.Type == unix.OVERLAYFS_SUPER_MAGIC {
		return "native", nil
	}
	return "overlayfs", nil
}
