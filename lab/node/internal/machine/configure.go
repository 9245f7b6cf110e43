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

// The networks of pods, which exist only on this machine.
const (
	podNetwork  = "10.244.0.0/24"
	podNetwork6 = "fd00:10:244::/64"
)

// examplesRegistry is the registry's name in Cleanroom's examples.
const examplesRegistry = "registry.example.com"

// configure writes the configuration of the machine's programs.
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
	// The registry uses plain HTTP, on this machine's own network, and serves the images of the examples' registry.
	hosts := fmt.Sprintf("server = %q\n[host.%q]\n  capabilities = [\"pull\", \"resolve\"]\n", "http://"+o.registry(), "http://"+o.registry())
	for _, name := range []string{o.registry(), examplesRegistry} {
		folder := path("node", "registries", name)
		if err := errors.Join(os.Mkdir(folder, 0o700), os.WriteFile(filepath.Join(folder, "hosts.toml"), []byte(hosts), 0o600)); err != nil {
			return err
		}
	}
	// There is no resolver, because the machine has no route to the outside. The file has an option, because with an empty one the runtime
	// would give pods the host's.
	return os.WriteFile(path("node", "resolv.conf"), []byte("options ndots:1\n"), 0o644)
}

// snapshotter is how containerd stacks layers: as an overlay, or as copies if the file system is an overlay already, as in a container.
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
