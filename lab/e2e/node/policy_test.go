//go:build node

package node

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	v1 "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/yaml"

	"cleanroom.dev/lab/internal/labtest"
)

// probe is one attempt to connect.
type probe struct {
	from, to, network string
	port              int
	six               bool
}

// scene is four pods in two namespaces that talk to each other, the service `database` before db, and the node.
type scene struct {
	*lab
	addresses map[string][2]string // of each family, empty where there is none
	gateway   string               // the node's IPv6 address on its links to pods
}

var namespaceOf = map[string]string{"client": "build", "server": "build", "db": "data", "other": "data"}

func setScene(t *testing.T, l *lab) scene {
	t.Helper()
	s := scene{l, map[string][2]string{}, "fd00:10:244::1"}
	ctx := context.Background()
	for _, namespace := range []string{"build", "data"} {
		l.makeNamespace(t, namespace, map[string]string{"team": namespace})
	}
	service, err := l.client.CoreV1().Services("data").Create(ctx, &v1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: "database"},
		Spec: v1.ServiceSpec{
			Selector: map[string]string{"app": "db"}, Ports: []v1.ServicePort{{Port: 80, TargetPort: intstr.FromInt32(8080)}},
		},
	}, metav1.CreateOptions{})
	must(t, err)
	s.addresses["database"] = [2]string{service.Spec.ClusterIP, ""}
	s.addresses["node"] = [2]string{strings.TrimSuffix(l.registry, ":5000"), s.gateway}
	s.addresses["kubernetes"] = [2]string{"10.96.0.1", ""}
	for name, namespace := range namespaceOf {
		l.create(t, l.talker(namespace, name, map[string]string{"app": name}))
	}
	for name, namespace := range namespaceOf {
		s.addresses[name] = families(t, l.ready(t, &v1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace}}))
	}
	return s
}

func families(t testing.TB, pod *v1.Pod) (all [2]string) {
	t.Helper()
	if len(pod.Status.PodIPs) != 2 {
		t.Fatalf("%s has not an address of each family: %v", pod.Name, pod.Status.PodIPs)
	}
	return [2]string{pod.Status.PodIPs[0].IP, pod.Status.PodIPs[1].IP}
}

func (s scene) target(p probe) string {
	address := s.addresses[p.to][0]
	if p.six {
		address = s.addresses[p.to][1]
	}
	if p.network == "icmp" {
		return "icmp/" + address
	}
	return p.network + "/" + net.JoinHostPort(address, strconv.Itoa(p.port))
}

// probes are all that a case looks at: what client sends, what is sent to it, and a pair that no policy here concerns.
func probes() (all []probe) {
	each := func(from, to string) {
		for _, six := range []bool{false, true} {
			all = append(all, probe{from, to, "tcp", 8080, six}, probe{from, to, "tcp", 8443, six},
				probe{from, to, "udp", 8080, six}, probe{from, to, "icmp", 0, six})
		}
	}
	for _, pair := range [][2]string{
		{"client", "server"}, {"client", "db"}, {"client", "other"}, {"server", "client"}, {"db", "client"}, {"node", "client"}, {"server", "db"},
	} {
		each(pair[0], pair[1])
	}
	return append(all, probe{"client", "database", "tcp", 80, false}, probe{"client", "kubernetes", "tcp", 443, false},
		probe{"client", "node", "tcp", 5000, false}, probe{"client", "node", "tcp", 10250, true})
}

// reached says which probes got through: by any answer, also a refusal.
func (s scene) reached(t *testing.T, all []probe) map[probe]bool {
	t.Helper()
	from := map[string][]probe{}
	for _, p := range all {
		from[p.from] = append(from[p.from], p)
	}
	got := map[probe]bool{}
	var mu sync.Mutex
	var done sync.WaitGroup
	for name, probes := range from {
		done.Go(func() {
			var targets []string
			for _, p := range probes {
				targets = append(targets, s.target(p))
			}
			var results []string
			if name == "node" {
				results = s.tryFromNode(t, targets...)
			} else {
				results = s.try(t, namespaceOf[name], name, targets...)
			}
			mu.Lock()
			defer mu.Unlock()
			for i, p := range probes {
				got[p] = results[i] != "silent"
			}
		})
	}
	done.Wait()
	return got
}

// expect waits until just the probes get through that are allowed.
func (s scene) expect(t *testing.T, allowed func(probe) bool) {
	t.Helper()
	labtest.Await(t, patience, "what policies allow", func() error {
		var wrong []string
		for p, reached := range s.reached(t, probes()) {
			if reached != allowed(p) {
				wrong = append(wrong, fmt.Sprintf("%s>%s reached: %t", p.from, s.target(p), reached))
			}
		}
		if len(wrong) > 0 {
			return fmt.Errorf("not as allowed:\n%s", strings.Join(slices.Sorted(slices.Values(wrong)), "\n"))
		}
		return nil
	})
}

// apply makes the policies, YAML documents of which each is a spec, in the namespace.
func (l *lab) apply(t testing.TB, namespace string, specs ...string) (remove func()) {
	t.Helper()
	policies := l.client.NetworkingV1().NetworkPolicies(namespace)
	for i, spec := range specs {
		policy := &networking.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Name: "policy-" + strconv.Itoa(i)}}
		must(t, yaml.UnmarshalStrict([]byte(spec), &policy.Spec))
		_, err := policies.Create(context.Background(), policy, metav1.CreateOptions{})
		must(t, err)
	}
	return func() {
		must(t, policies.DeleteCollection(context.Background(), metav1.DeleteOptions{}, metav1.ListOptions{}))
	}
}

func TestPolicies(t *testing.T) {
	t.Parallel()
	s := setScene(t, keeps.up(t))
	all := func(probe) bool { return true }
	outward := func(p probe) bool { return p.from == "client" }
	inward := func(p probe) bool { return p.to == "client" && p.from != "node" }
	s.expect(t, all)

	// Of what a case says, the way that its policies isolate: the rest gets through.
	cases := map[string]struct {
		namespace string
		isolated  func(probe) bool
		allowed   func(probe) bool
		specs     []string
	}{
		"deny all": {
			isolated: func(p probe) bool { return outward(p) || inward(p) },
			specs:    []string{`{podSelector: {matchLabels: {app: client}}, policyTypes: [Ingress, Egress]}`},
		},
		"deny egress":  {isolated: outward, specs: []string{`{podSelector: {matchLabels: {app: client}}, policyTypes: [Egress]}`}},
		"deny ingress": {isolated: inward, specs: []string{`{podSelector: {matchLabels: {app: client}}, policyTypes: [Ingress]}`}},
		"another namespace's policy": {
			namespace: "data", isolated: func(probe) bool { return false },
			specs: []string{`{podSelector: {matchLabels: {app: client}}, policyTypes: [Ingress, Egress]}`},
		},
		"allow all egress, a second policy": {
			isolated: outward, allowed: all,
			specs: []string{`{podSelector: {}, policyTypes: [Egress], egress: [{}]}`, `{podSelector: {matchLabels: {app: client}}, policyTypes: [Egress]}`},
		},
		"pods of the namespace, a port, no protocol": {
			isolated: outward, allowed: func(p probe) bool { return p.to == "server" && p.network == "tcp" && p.port == 8080 },
			specs: []string{`{podSelector: {matchLabels: {app: client}}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}], ports: [{port: 8080}]}]}`},
		},
		"a namespace's pods, by a range of UDP ports": {
			isolated: outward, allowed: func(p probe) bool { return namespaceOf[p.to] == "data" && p.network == "udp" },
			specs: []string{`{podSelector: {matchLabels: {app: client}}, policyTypes: [Egress], egress: [{
				to: [{namespaceSelector: {matchLabels: {team: data}}}], ports: [{protocol: UDP, port: 8000, endPort: 8100}]}]}`},
		},
		"a pod of a namespace, its service too": {
			isolated: outward, allowed: func(p probe) bool { return p.to == "db" || p.to == "database" },
			specs: []string{`{podSelector: {matchLabels: {app: client}}, policyTypes: [Egress], egress: [{
				to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: data}}, podSelector: {matchLabels: {app: db}}}]}]}`},
		},
		"expressions, two rules": {
			isolated: outward,
			allowed: func(p probe) bool {
				return p.to == "other" || p.to == "server" && p.network == "tcp"
			},
			specs: []string{`{podSelector: {matchExpressions: [{key: app, operator: In, values: [client, none]}]}, policyTypes: [Egress], egress: [
				{to: [{namespaceSelector: {matchExpressions: [{key: team, operator: Exists}]}, podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [client, server, db]}]}}]},
				{to: [{podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [client]}]}}], ports: [{protocol: TCP}]}]}`},
		},
		"a block of IPv4 addresses but one": {
			isolated: outward, allowed: func(p probe) bool { return !p.six && (p.to == "server" || p.to == "other") },
			specs: []string{`{podSelector: {matchLabels: {app: client}}, policyTypes: [Egress], egress: [{
				to: [{ipBlock: {cidr: 10.244.0.0/24, except: [` + s.addresses["db"][0] + `/32]}}]}]}`},
		},
		"all IPv6 addresses but a block": {
			isolated: outward, allowed: func(p probe) bool { return p.six && p.to != "node" },
			specs: []string{`{podSelector: {matchLabels: {app: client}}, policyTypes: [Egress], egress: [{
				to: [{ipBlock: {cidr: "::/0", except: ["` + s.gateway + `/128"]}}]}]}`},
		},
		"all IPv4 addresses": {
			isolated: outward, allowed: func(p probe) bool { return !p.six },
			specs: []string{`{podSelector: {matchLabels: {app: client}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}`},
		},
		"a port anywhere": {
			isolated: outward, allowed: func(p probe) bool { return p.port == 8443 || p.to == "kubernetes" },
			specs: []string{`{podSelector: {matchLabels: {app: client}}, policyTypes: [Egress], egress: [{ports: [{port: 8443}, {port: ` + s.serverPort(t) + `}]}]}`},
		},
		"ingress from a pod of a namespace": {
			isolated: inward, allowed: func(p probe) bool { return p.from == "db" && p.network == "tcp" && p.port == 8080 },
			specs: []string{`{podSelector: {matchLabels: {app: client}}, policyTypes: [Ingress], ingress: [{
				from: [{namespaceSelector: {matchLabels: {team: data}}, podSelector: {matchLabels: {app: db}}}], ports: [{port: 8080}]}]}`},
		},
		"ingress from a block of each family": {
			isolated: inward, allowed: func(p probe) bool { return p.from == "server" && !p.six || p.from == "db" && p.six },
			specs: []string{`{podSelector: {matchLabels: {app: client}}, policyTypes: [Ingress], ingress: [{
				from: [{ipBlock: {cidr: ` + s.addresses["server"][0] + `/32}}, {ipBlock: {cidr: "` + s.addresses["db"][1] + `/128"}}]}]}`},
		},
	}
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		t.Run(name, func(t *testing.T) {
			c := cases[name]
			if c.namespace == "" {
				c.namespace = "build"
			}
			remove := s.apply(t, c.namespace, c.specs...)
			defer remove()
			s.expect(t, func(p probe) bool { return !c.isolated(p) || c.allowed != nil && c.allowed(p) })
		})
	}
	// Removed policies leave nothing.
	s.expect(t, all)
	t.Run("names", s.names)
}

// serverPort is the API server's own, behind the service `kubernetes`.
func (s scene) serverPort(t *testing.T) string {
	t.Helper()
	slices, err := s.client.DiscoveryV1().EndpointSlices("default").Get(context.Background(), "kubernetes", metav1.GetOptions{})
	must(t, err)
	return strconv.Itoa(int(*slices.Ports[0].Port))
}
