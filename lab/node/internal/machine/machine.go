// Package machine is the real node's machine: a process with separate namespaces. It prepares them, starts the programs of
// a node, and ends when the first of these ends. The kernel then ends all the others and removes
// their mounts, interfaces and packet filters; the lab removes only their control groups.
package machine

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"
)

// Names of the processes. Each is also the argv[0] with which this binary re-executes itself.
const (
	Node      = "node"
	Registry  = "registry"
	Kubelet   = "kubelet"
	KubeProxy = "kube-proxy"
	Policies  = "network-policies"
	DNS       = "coredns"
	Storage   = "storage"
	// This program is Debian's, and not this binary.
	containerd = "containerd"
	// tools is a copy of the tools image's OCI layout.
	tools = "tools-image"
)

const (
	// hostNetworkFD is the host's network namespace. parentFD is the pipe that is closed when the lab's supervisor ends.
	parentFD      = 3
	hostNetworkFD = 4
	// RegistryPort is the port of the node's image registry, on the node's address.
	RegistryPort = 5000

	// policiesHealth answers once the first rules are enforced.
	policiesHealth = "127.0.0.1:10001"
	// dnsHealth answers at /ready once names are known.
	dnsHealth = "127.0.0.1:10002"
	// storageHealth answers once the storage class exists.
	storageHealth = "127.0.0.1:10003"

	kubeletRoot = "/var/lib/kubelet"

	startPatience = 2 * time.Minute
)

// options are the node's flags. The lab sets all of them.
type options struct {
	dir, node, machine, hostAddress, nodeAddress, server, tools string
	healthPort                                                  int
	// Settings of network policies: see the lab's README.
	established, policyLag, enforce string
}

func (o options) registry() string {
	return net.JoinHostPort(o.nodeAddress, strconv.Itoa(RegistryPort))
}

// Run runs the machine's first process:
//  1. it prepares its mounts, control group and network; from then on it is healthy, and the API server can start;
//  2. it starts the registry and the container runtime;
//  3. once the API server is ready, it starts network policies, DNS, storage, kubelet and services.
//
// It returns when one of them ends, which ends the machine.
func Run(args []string) error {
	var o options
	flags := flag.NewFlagSet(Node, flag.ExitOnError)
	flags.StringVar(&o.dir, "dir", "", "the lab's directory")
	flags.StringVar(&o.node, "node", "", "the node's name")
	flags.StringVar(&o.machine, "machine", "", "names the host's end of the link and the control group")
	flags.StringVar(&o.hostAddress, "host-address", "", "the host's address on the link")
	flags.StringVar(&o.nodeAddress, "node-address", "", "the node's address on the link")
	flags.StringVar(&o.server, "server", "", "the API server's URL")
	flags.StringVar(&o.tools, "tools", "", "an OCI layout of the tools image, outside of the machine")
	flags.IntVar(&o.healthPort, "health-port", 0, "")
	flags.StringVar(&o.established, "established", "keep", "")
	flags.StringVar(&o.policyLag, "policy-lag", "0s", "")
	flags.StringVar(&o.enforce, "enforce", "on", "")
	_ = flags.Parse(args)

	dieWithParent()
	for _, step := range []struct {
		what string
		do   func(options) error
	}{
		{"mounts", mounts}, {"control group", controlGroup}, {"network", network}, {"configuration", configure},
	} {
		if err := step.do(o); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	go serveHealth(o)

	started := newProcesses()
	failed := make(chan error, 1)
	go func() {
		if err := startAll(o, started); err != nil {
			failed <- err
		}
	}()
	go func() { failed <- started.firstEnd() }()
	return <-failed
}

func startAll(o options, all *processes) error {
	if err := all.start(Registry, self, "--address="+o.registry(), "--store="+path("node", "registry"), "--tools="+path("node", tools)); err != nil {
		return err
	}
	if err := all.start(containerd, containerd, "--config="+path("node", "containerd.toml")); err != nil {
		return err
	}
	if err := awaitAnswer("the registry", "http://"+o.registry()+"/v2/pause/manifests/1", http.DefaultClient); err != nil {
		return err
	}
	client, err := apiClient()
	if err != nil {
		return err
	}
	if err := awaitAnswer("the API server", o.server+"/readyz", client); err != nil {
		return err
	}
	if err := startPlugIns(o, all); err != nil {
		return err
	}
	if err := all.start(Kubelet, self,
		"--config="+path("node", "kubelet.yaml"), "--kubeconfig="+path("config", "kubelet.kubeconfig"),
		"--hostname-override="+o.node, "--node-ip="+o.nodeAddress, "--root-dir="+kubeletRoot); err != nil {
		return err
	}
	return all.start(KubeProxy, self, "--config="+path("node", "kube-proxy.yaml"), "--hostname-override="+o.node)
}

// startPlugIns returns when all of them answer, which is before the first pod starts.
func startPlugIns(o options, all *processes) error {
	kubeconfig := "--kubeconfig=" + path("config", "plug-ins.kubeconfig")
	type plugIn struct {
		name, url string
		args      []string
	}
	plugIns := []plugIn{
		{DNS, "http://" + dnsHealth + "/ready", []string{"-conf=" + path("node", "Corefile")}},
		{Storage, "http://" + storageHealth, []string{kubeconfig, "--health-address=" + storageHealth,
			"--node=" + o.node, "--folder=/var/lib/volumes", "--kubelet=" + kubeletRoot}},
	}
	if o.enforce == "on" {
		plugIns = append(plugIns, plugIn{Policies, "http://" + policiesHealth, []string{kubeconfig, "--health-address=" + policiesHealth,
			"--established=" + o.established, "--policy-lag=" + o.policyLag}})
	}
	for _, p := range plugIns {
		if err := all.start(p.name, self, p.args...); err != nil {
			return err
		}
	}
	for _, p := range plugIns {
		if err := awaitAnswer(p.name, p.url, http.DefaultClient); err != nil {
			return err
		}
	}
	return nil
}

// dieWithParent ends this process when the supervisor ends, because only the supervisor has the other end of the pipe. The kernel does
// the same.
func dieWithParent() {
	pipe := os.NewFile(parentFD, "parent")
	go func() {
		_, _ = pipe.Read(make([]byte, 1))
		os.Exit(1)
	}()
}

func serveHealth(o options) {
	address := net.JoinHostPort(o.nodeAddress, strconv.Itoa(o.healthPort))
	server := &http.Server{Addr: address, ReadHeaderTimeout: 10 * time.Second}
	// This process ends when any of the others ends, so an answer means that all run.
	server.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	fmt.Fprintln(os.Stderr, "health:", server.ListenAndServe())
	os.Exit(1)
}

func apiClient() (*http.Client, error) {
	pem, err := os.ReadFile(path("pki", "ca.crt"))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}, Timeout: 10 * time.Second}, nil
}

func awaitAnswer(what, url string, client *http.Client) error {
	ctx, cancel := context.WithTimeout(context.Background(), startPatience)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		response, err := client.Do(request)
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
			err = fmt.Errorf("%s", response.Status)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer: %w", what, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
