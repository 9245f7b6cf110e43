package cluster

import (
	"fmt"
	"strconv"

	"cleanroom.dev/lab/internal/layout"
)

// Names of the components; each is also the argv[0] under which the lab's binary re-executes itself.
const (
	Etcd              = "etcd"
	APIServer         = "kube-apiserver"
	ControllerManager = "kube-controller-manager"
	Scheduler         = "kube-scheduler"
	Nodes             = "simulated-nodes"
)

// spec is how a component is started and asked for its health.
type spec struct {
	name   string
	port   int
	health string
	args   []string
}

// ports of one start; every port of every component is chosen free.
type ports struct {
	etcdClient, etcdPeer, apiServer, controllerManager, scheduler, nodes int
}

func choosePorts() (ports, error) {
	free, err := freePorts(6)
	if err != nil {
		return ports{}, err
	}
	return ports{free[0], free[1], free[2], free[3], free[4], free[5]}, nil
}

func (p ports) server() string { return local(p.apiServer) }

func local(port int) string { return "https://127.0.0.1:" + strconv.Itoa(port) }

func etcdSpec(dir layout.Dir, p ports) spec {
	client, peer := local(p.etcdClient), local(p.etcdPeer)
	return spec{Etcd, p.etcdClient, client + "/health", []string{
		"--name=lab",
		"--data-dir=" + dir.Etcd(),
		// A lab keeps nothing: an fsync for every write would measure the disk.
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

// apiServerSpec leaves the limits on requests in flight and priority and fairness at their defaults: benchmarks
// should meet the server that users have.
func apiServerSpec(dir layout.Dir, p ports, audit bool) spec {
	args := []string{
		"--etcd-servers=" + local(p.etcdClient), "--etcd-cafile=" + dir.PKIFile("etcd-ca.crt"),
		"--etcd-certfile=" + dir.PKIFile("etcd.crt"), "--etcd-keyfile=" + dir.PKIFile("etcd.key"),
		"--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", port(p.apiServer),
		// A loopback address is no valid endpoint of the service `kubernetes`; simulated pods call nobody anyway.
		"--endpoint-reconciler-type=none",
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
	if audit {
		args = append(args,
			"--audit-policy-file="+dir.Config("audit-policy.yaml"), "--audit-log-path="+dir.AuditLog(),
			"--audit-log-format=json", "--audit-log-maxsize=1024",
			// Written before the reply, so that a count taken after a request holds it.
			"--audit-log-mode=blocking")
	}
	return spec{APIServer, p.apiServer, p.server() + "/readyz", args}
}

func controllerManagerSpec(dir layout.Dir, p ports) spec {
	kubeconfig := dir.Config(ControllerManager + ".kubeconfig")
	return spec{ControllerManager, p.controllerManager, local(p.controllerManager) + "/healthz", []string{
		"--kubeconfig=" + kubeconfig, "--authentication-kubeconfig=" + kubeconfig, "--authorization-kubeconfig=" + kubeconfig,
		"--bind-address=127.0.0.1", port(p.controllerManager),
		"--tls-cert-file=" + dir.PKIFile("serving.crt"), "--tls-private-key-file=" + dir.PKIFile("serving.key"),
		"--leader-elect=false",
		"--use-service-account-credentials",
		"--service-account-private-key-file=" + dir.PKIFile("service-accounts.key"),
		"--root-ca-file=" + dir.PKIFile("ca.crt"),
		"--cluster-signing-cert-file=" + dir.PKIFile("ca.crt"), "--cluster-signing-key-file=" + dir.PKIFile("ca.key"),
		// The default of 20 a second would pace the garbage collection of thousands of objects.
		"--kube-api-qps=200", "--kube-api-burst=400",
	}}
}

func schedulerSpec(dir layout.Dir, p ports) spec {
	kubeconfig := dir.Config(Scheduler + ".kubeconfig")
	return spec{Scheduler, p.scheduler, local(p.scheduler) + "/readyz", []string{
		"--config=" + dir.Config("scheduler.yaml"),
		"--authentication-kubeconfig=" + kubeconfig, "--authorization-kubeconfig=" + kubeconfig,
		"--bind-address=127.0.0.1", port(p.scheduler),
		"--tls-cert-file=" + dir.PKIFile("serving.crt"), "--tls-private-key-file=" + dir.PKIFile("serving.key"),
	}}
}

func nodesSpec(dir layout.Dir, p ports, nodes int) spec {
	return spec{Nodes, p.nodes, fmt.Sprintf("http://127.0.0.1:%d/healthz", p.nodes), []string{
		"--kubeconfig=" + dir.Config(Nodes+".kubeconfig"),
		"--nodes=" + strconv.Itoa(nodes),
		"--health-port=" + strconv.Itoa(p.nodes),
	}}
}

func port(n int) string { return "--secure-port=" + strconv.Itoa(n) }
