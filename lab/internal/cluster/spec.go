package cluster

import (
	"fmt"
	"net"
	"strconv"

	"cleanroom.dev/lab/internal/layout"
)

// Names of the components. Each is also the argv[0] with which the lab's binary re-executes itself.
const (
	Etcd              = "etcd"
	APIServer         = "kube-apiserver"
	ControllerManager = "kube-controller-manager"
	Scheduler         = "kube-scheduler"
	Nodes             = "simulated-nodes"
	// Node is the real node's first process, which starts the others.
	Node = "node"
)

// spec is how a component is started, and how its health is checked.
type spec struct {
	name   string
	port   int
	health string
	args   []string
	// machine is set for a process that gets separate namespaces and a separate binary.
	machine *machine
}

// ports are the ports of all components for one start. Each was free when it was chosen.
type ports struct {
	// address is the API server's address: loopback, or with a real node one that pods can reach.
	address string
	// node is the real node's address; empty without a real node.
	node string

	etcdClient, etcdPeer, apiServer, controllerManager, scheduler, nodes, logs int
}

func choosePorts() (ports, error) {
	free, err := freePorts(7)
	if err != nil {
		return ports{}, err
	}
	return ports{loopback, "", free[0], free[1], free[2], free[3], free[4], free[5], free[6]}, nil
}

const loopback = "127.0.0.1"

func (p ports) server() string {
	return "https://" + net.JoinHostPort(p.address, strconv.Itoa(p.apiServer))
}

func local(port int) string { return "https://" + net.JoinHostPort(loopback, strconv.Itoa(port)) }

func etcdSpec(dir layout.Dir, p ports) spec {
	client, peer := local(p.etcdClient), local(p.etcdPeer)
	return spec{name: Etcd, port: p.etcdClient, health: client + "/health", args: []string{
		"--name=lab",
		"--data-dir=" + dir.Etcd(),
		// A lab keeps nothing. With an fsync for every write, benchmarks would measure the disk.
		"--unsafe-no-fsync",
		"--listen-client-urls=" + client, "--advertise-client-urls=" + client,
		"--listen-peer-urls=" + peer, "--initial-advertise-peer-urls=" + peer, "--initial-cluster=lab=" + peer,
		"--trusted-ca-file=" + dir.PKIFile("etcd-ca.crt"), "--client-cert-auth",
		"--cert-file=" + dir.PKIFile("etcd.crt"), "--key-file=" + dir.PKIFile("etcd.key"),
		"--peer-trusted-ca-file=" + dir.PKIFile("etcd-ca.crt"), "--peer-client-cert-auth",
		"--peer-cert-file=" + dir.PKIFile("etcd.crt"), "--peer-key-file=" + dir.PKIFile("etcd.key"),
		"--quota-backend-bytes=8589934592",
		"--auto-compaction-mode=periodic", "--auto-compaction-retention=5m",
		"--log-level=warn",
	}}
}

// apiServerSpec leaves the limits on requests in flight, and priority and fairness, at their defaults: benchmarks
// should use a server like those of users.
func apiServerSpec(dir layout.Dir, p ports, audit bool) spec {
	args := []string{
		"--etcd-servers=" + local(p.etcdClient), "--etcd-cafile=" + dir.PKIFile("etcd-ca.crt"),
		"--etcd-certfile=" + dir.PKIFile("etcd.crt"), "--etcd-keyfile=" + dir.PKIFile("etcd.key"),
		"--bind-address=" + p.address, "--advertise-address=" + p.address, port(p.apiServer),
		// Only a real node itself can resolve its name. Simulated nodes have one more address, where their logs are served.
		"--kubelet-preferred-address-types=ExternalIP,InternalIP",
		"--tls-cert-file=" + dir.PKIFile("serving.crt"), "--tls-private-key-file=" + dir.PKIFile("serving.key"),
		"--client-ca-file=" + dir.PKIFile("ca.crt"),
		"--kubelet-client-certificate=" + dir.PKIFile("kubelet-client.crt"),
		"--kubelet-client-key=" + dir.PKIFile("kubelet-client.key"),
		"--requestheader-client-ca-file=" + dir.PKIFile("front-proxy-ca.crt"),
		"--requestheader-allowed-names=front-proxy-client",
		"--requestheader-username-headers=X-Remote-User",
		"--requestheader-group-headers=X-Remote-Group",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--proxy-client-cert-file=" + dir.PKIFile("front-proxy-client.crt"),
		"--proxy-client-key-file=" + dir.PKIFile("front-proxy-client.key"),
		"--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction",
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=" + dir.PKIFile("service-accounts.pub"),
		"--service-account-signing-key-file=" + dir.PKIFile("service-accounts.key"),
		"--service-cluster-ip-range=10.96.0.0/16",
		"--allow-privileged=true",
	}
	if p.address == loopback {
		// A loopback address is not a valid endpoint of the service `kubernetes`, and simulated pods connect to nothing anyway.
		args = append(args, "--endpoint-reconciler-type=none")
	}
	if audit {
		args = append(args,
			"--audit-policy-file="+dir.Config("audit-policy.yaml"), "--audit-log-path="+dir.AuditLog(),
			"--audit-log-format=json", "--audit-log-maxsize=1024",
			// Written before the response, so that a count after a request includes the request.
			"--audit-log-mode=blocking")
	}
	return spec{name: APIServer, port: p.apiServer, health: p.server() + "/readyz", args: args}
}

func controllerManagerSpec(dir layout.Dir, p ports) spec {
	kubeconfig := dir.Config(ControllerManager + ".kubeconfig")
	return spec{name: ControllerManager, port: p.controllerManager, health: local(p.controllerManager) + "/healthz", args: []string{
		"--kubeconfig=" + kubeconfig, "--authentication-kubeconfig=" + kubeconfig, "--authorization-kubeconfig=" + kubeconfig,
		"--bind-address=127.0.0.1", port(p.controllerManager),
		"--tls-cert-file=" + dir.PKIFile("serving.crt"), "--tls-private-key-file=" + dir.PKIFile("serving.key"),
		"--leader-elect=false",
		"--use-service-account-credentials",
		"--service-account-private-key-file=" + dir.PKIFile("service-accounts.key"),
		"--root-ca-file=" + dir.PKIFile("ca.crt"),
		"--cluster-signing-cert-file=" + dir.PKIFile("ca.crt"), "--cluster-signing-key-file=" + dir.PKIFile("ca.key"),
		// The default of 20 a second would slow down the garbage collection of thousands of objects.
		"--kube-api-qps=200", "--kube-api-burst=400",
		// The controller manager creates this folder. The default is outside of the lab's directory.
		"--flex-volume-plugin-dir=" + dir.VolumePlugins(),
	}}
}

func schedulerSpec(dir layout.Dir, p ports) spec {
	kubeconfig := dir.Config(Scheduler + ".kubeconfig")
	return spec{name: Scheduler, port: p.scheduler, health: local(p.scheduler) + "/readyz", args: []string{
		"--config=" + dir.Config("scheduler.yaml"),
		"--authentication-kubeconfig=" + kubeconfig, "--authorization-kubeconfig=" + kubeconfig,
		"--bind-address=127.0.0.1", port(p.scheduler),
		"--tls-cert-file=" + dir.PKIFile("serving.crt"), "--tls-private-key-file=" + dir.PKIFile("serving.key"),
	}}
}

func nodesSpec(dir layout.Dir, p ports, nodes int) spec {
	return spec{name: Nodes, port: p.nodes, health: fmt.Sprintf("http://127.0.0.1:%d/healthz", p.nodes), args: []string{
		"--kubeconfig=" + dir.Config(Nodes+".kubeconfig"),
		"--nodes=" + strconv.Itoa(nodes),
		"--health-port=" + strconv.Itoa(p.nodes),
		"--log-port=" + strconv.Itoa(p.logs), "--client-ca-file=" + dir.PKIFile("ca.crt"),
		"--tls-cert-file=" + dir.PKIFile("serving.crt"), "--tls-private-key-file=" + dir.PKIFile("serving.key"),
	}}
}

func port(n int) string { return "--secure-port=" + strconv.Itoa(n) }
