package cluster

import (
	_ "embed"
	"encoding/base64"
	"fmt"
	"maps"
	"os"

	"cleanroom.dev/lab/internal/layout"
	"cleanroom.dev/lab/internal/pki"
)

//go:embed audit-policy.yaml
var auditPolicy []byte

const schedulerConfig = `apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
leaderElection:
  leaderElect: false
clientConnection:
  kubeconfig: %q
  qps: 400
  burst: 800
`

// identities get a kubeconfig in config/. The API server's bootstrap roles are bound to these names.
var identities = map[string]pki.Leaf{
	"admin":           {User: "lab-admin", Groups: []string{"system:masters"}},
	ControllerManager: {User: "system:kube-controller-manager"},
	Scheduler:         {User: "system:kube-scheduler"},
	// One client writes for every simulated node. By its name, its writes can be distinguished in the audit log. By its group,
	// admission policies recognise kubelets.
	Nodes: {User: "lab:simulated-nodes", Groups: []string{"system:masters", "system:nodes"}},
}

// nodeIdentities are the identities of a real node.
var nodeIdentities = map[string]pki.Leaf{
	"kubelet":    {User: "system:node:" + NodeName, Groups: []string{"system:nodes"}},
	"kube-proxy": {User: "system:kube-proxy"},
	// The other processes of the node read objects that no single bootstrap role covers.
	"plug-ins": {User: "lab:plug-ins", Groups: []string{"system:masters"}},
}

func (p ports) identities() map[string]pki.Leaf {
	if p.node == "" {
		return identities
	}
	all := maps.Clone(identities)
	maps.Copy(all, nodeIdentities)
	return all
}

// setUp writes certificates, keys, kubeconfigs and configuration files.
func setUp(dir layout.Dir, p ports, audit bool) error {
	for _, folder := range []string{dir.PKI(), dir.Logs(), dir.VolumePlugins(), dir.Etcd()} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
	}
	if err := certificates(dir, p); err != nil {
		return fmt.Errorf("certificates: %w", err)
	}
	for name := range p.identities() {
		path := dir.Config(name + ".kubeconfig")
		if name == "admin" {
			path = dir.Kubeconfig()
		}
		config, err := certificateKubeconfig(dir, p.server(), name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(path, config, 0o600); err != nil {
			return err
		}
	}
	if audit {
		if err := os.WriteFile(dir.Config("audit-policy.yaml"), auditPolicy, 0o600); err != nil {
			return err
		}
	}
	scheduler := fmt.Sprintf(schedulerConfig, dir.Config(Scheduler+".kubeconfig"))
	return os.WriteFile(dir.Config("scheduler.yaml"), []byte(scheduler), 0o600)
}

func certificates(dir layout.Dir, p ports) error {
	loopback := []string{loopback, "localhost"}
	// The authorities are separate, because a certificate for etcd or the front proxy must not be valid for the API server.
	authorities := map[string]map[string]pki.Leaf{
		"ca": {
			"serving": {User: "kube-apiserver", Hosts: append(loopback, "::1", p.address, "10.96.0.1", "kubernetes", "kubernetes.default",
				"kubernetes.default.svc", "kubernetes.default.svc.cluster.local")},
			"kubelet-client": {User: "kube-apiserver-kubelet-client", Groups: []string{"system:masters"}},
		},
		"etcd-ca":        {"etcd": {User: "etcd", Hosts: loopback}},
		"front-proxy-ca": {"front-proxy-client": {User: "front-proxy-client"}},
	}
	if p.node != "" {
		authorities["ca"]["kubelet-serving"] = pki.Leaf{User: "system:node:" + NodeName, Hosts: []string{NodeName, p.node}}
	}
	for name, leaf := range p.identities() {
		authorities["ca"][name] = leaf
	}
	for authority, leaves := range authorities {
		ca, err := pki.NewCA(dir.PKI(), authority)
		if err != nil {
			return err
		}
		for name, leaf := range leaves {
			if err := ca.Issue(name, leaf); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return pki.SigningKey(dir.PKI(), "service-accounts")
}

// kubeconfigTemplate takes the server, the CA in base64, and the lines of the user.
const kubeconfigTemplate = `apiVersion: v1
kind: Config
clusters:
- name: lab
  cluster:
    server: %s
    certificate-authority-data: %s
users:
- name: lab
  user:
%s
contexts:
- name: lab
  context:
    cluster: lab
    user: lab
current-context: lab
`

func certificateKubeconfig(dir layout.Dir, server, name string) ([]byte, error) {
	data := make([]string, 3)
	for i, file := range []string{"ca.crt", name + ".crt", name + ".key"} {
		content, err := os.ReadFile(dir.PKIFile(file))
		if err != nil {
			return nil, err
		}
		data[i] = base64.StdEncoding.EncodeToString(content)
	}
	user := fmt.Sprintf("    client-certificate-data: %s\n    client-key-data: %s", data[1], data[2])
	return fmt.Appendf(nil, kubeconfigTemplate, server, data[0], user), nil
}

// TokenKubeconfig returns a kubeconfig with a bearer token.
func TokenKubeconfig(dir layout.Dir, server, token string) ([]byte, error) {
	ca, err := os.ReadFile(dir.PKIFile("ca.crt"))
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, kubeconfigTemplate, server, base64.StdEncoding.EncodeToString(ca), "    token: "+token), nil
}
