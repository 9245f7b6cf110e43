package policy

import (
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"
)

func pod(namespace, name string, addresses ...string) *v1.Pod {
	p := &v1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, UID: types.UID(name), Labels: map[string]string{"app": name}}}
	for _, address := range addresses {
		p.Status.PodIPs = append(p.Status.PodIPs, v1.PodIP{IP: address})
	}
	return p
}

// state has two pods in each of the namespaces build and data, and some that count for nothing.
func state(t *testing.T, specs ...string) State {
	t.Helper()
	s := State{Pods: []*v1.Pod{
		pod("build", "client", "10.0.0.1", "fd00::1"), pod("build", "server", "10.0.0.2", "fd00::2"),
		pod("data", "db", "10.0.0.3"), pod("data", "other", "10.0.0.4"),
		pod("build", "unborn"), pod("build", "ended", "10.0.0.1"), pod("build", "host", "10.0.0.9"),
	}}
	s.Pods[5].Status.Phase = v1.PodFailed
	s.Pods[6].Spec.HostNetwork = true
	for _, name := range []string{"build", "data"} {
		s.Namespaces = append(s.Namespaces, &v1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"team": name}}})
	}
	for _, spec := range specs {
		p := &networking.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: "build"}}
		if err := yaml.UnmarshalStrict([]byte(spec), &p.Spec); err != nil {
			t.Fatal(err)
		}
		s.Policies = append(s.Policies, p)
	}
	return s
}

// rules are a chain's, nil if there is no such chain.
func rules(ruleset, chain string) []string {
	found := regexp.MustCompile(`(?s)\tchain ` + chain + ` \{\n(.*?)\t\}`).FindStringSubmatch(ruleset)
	if found == nil {
		return nil
	}
	all := []string{}
	for line := range strings.Lines(found[1]) {
		all = append(all, strings.TrimSpace(line))
	}
	return all
}

func TestWhatAPolicyAllows(t *testing.T) {
	egress := func(rules string) string {
		return `{podSelector: {matchLabels: {app: client}}, policyTypes: [Egress], egress: [` + rules + `]}`
	}
	ingress := func(rules string) string {
		return `{podSelector: {matchLabels: {app: client}}, policyTypes: [Ingress], ingress: [` + rules + `]}`
	}
	cases := map[string]struct {
		specs           []string
		egress, ingress []string
	}{
		"no policy":          {},
		"a policy of others": {specs: []string{`{podSelector: {matchLabels: {app: server}}, policyTypes: [Ingress, Egress]}`}},
		"deny all":           {specs: []string{`{podSelector: {}, policyTypes: [Ingress, Egress]}`}, egress: []string{"drop"}, ingress: []string{"drop"}},
		"deny egress":        {specs: []string{egress("")}, egress: []string{"drop"}},
		"deny ingress":       {specs: []string{ingress("")}, ingress: []string{"drop"}},
		"allow all":          {specs: []string{egress("{}")}, egress: []string{"return", "drop"}},
		"policies add up": {
			specs:  []string{egress("{ports: [{port: 80}]}"), egress("{ports: [{port: 80}, {port: 443}]}")},
			egress: []string{"meta l4proto tcp ct reply proto-src 443 return", "meta l4proto tcp ct reply proto-src 80 return", "drop"},
		},
		"pods, by each port": {
			specs: []string{egress("{to: [{podSelector: {matchLabels: {app: server}}}], ports: [{port: 80}, {protocol: UDP, port: 53, endPort: 60}]}")},
			egress: []string{
				"ct reply ip saddr 10.0.0.2 meta l4proto tcp ct reply proto-src 80 return",
				"ct reply ip saddr 10.0.0.2 meta l4proto udp ct reply proto-src 53-60 return",
				"ct reply ip6 saddr fd00::2 meta l4proto tcp ct reply proto-src 80 return",
				"ct reply ip6 saddr fd00::2 meta l4proto udp ct reply proto-src 53-60 return", "drop",
			},
		},
		"a namespace's": {
			specs:   []string{ingress("{from: [{namespaceSelector: {matchLabels: {team: data}}}]}")},
			ingress: []string{"ct original ip saddr 10.0.0.3 return", "ct original ip saddr 10.0.0.4 return", "drop"},
		},
		"some of a namespace's": {
			specs:   []string{ingress("{from: [{namespaceSelector: {matchExpressions: [{key: team, operator: In, values: [data]}]}, podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [db]}]}}]}")},
			ingress: []string{"ct original ip saddr 10.0.0.4 return", "drop"},
		},
		"pods that count for nothing": {specs: []string{egress("{to: [{podSelector: {matchExpressions: [{key: app, operator: In, values: [unborn, ended, host]}]}}]}")}, egress: []string{"drop"}},
		"blocks": {
			specs: []string{egress(`{to: [{ipBlock: {cidr: 10.1.2.3/8, except: [10.1.0.0/16, 10.2.0.0/16]}}, {ipBlock: {cidr: "fd00::/8"}}]}`)},
			egress: []string{
				"ct reply ip saddr 10.0.0.0/8 ct reply ip saddr != 10.1.0.0/16 ct reply ip saddr != 10.2.0.0/16 return",
				"ct reply ip6 saddr fd00::/8 return", "drop",
			},
		},
		"everything of a family": {
			specs:  []string{egress(`{to: [{ipBlock: {cidr: 0.0.0.0/0}}, {ipBlock: {cidr: "::/0", except: ["fd00::/8"]}}]}`)},
			egress: []string{"meta nfproto ipv4 return", "meta nfproto ipv6 ct reply ip6 saddr != fd00::/8 return", "drop"},
		},
		"a protocol": {specs: []string{egress("{ports: [{protocol: UDP}]}")}, egress: []string{"meta l4proto udp return", "drop"}},
		"what is not understood": {
			specs: []string{egress(`{ports: [{port: http}]}, {to: [{ipBlock: {cidr: here}}, {ipBlock: {cidr: 10.0.0.0/8, except: ["::/0"]}}, {ipBlock: {cidr: 0.0.0.0/0, except: [0.0.0.0/0]}},
				{podSelector: {matchExpressions: [{key: app, operator: Like, values: [client]}]}}]}`)},
			egress: []string{"drop"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			set := Ruleset(state(t, c.specs...), true)
			if got := rules(set, "egress-client"); !slices.Equal(got, c.egress) {
				t.Errorf("egress: %q", got)
			}
			if got := rules(set, "ingress-client"); !slices.Equal(got, c.ingress) {
				t.Errorf("ingress: %q", got)
			}
			understood(t, set)
		})
	}
}

func TestOnlyIsolatedPodsOfTheNetworkMeetTheirChain(t *testing.T) {
	set := Ruleset(state(t, `{podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [server]}]}, policyTypes: [Egress]}`), true)
	want := []string{"ct original ip saddr 10.0.0.1 jump egress-client", "ct original ip6 saddr fd00::1 jump egress-client"}
	if got := rules(set, "egress"); !slices.Equal(got, want) {
		t.Errorf("egress: %q", got)
	}
	if got := rules(set, "ingress"); len(got) != 0 {
		t.Errorf("ingress: %q", got)
	}
}

func TestTwoPodsOfOneAddressMeetBothChains(t *testing.T) {
	s := state(t, `{podSelector: {}, policyTypes: [Ingress]}`)
	s.Pods = []*v1.Pod{pod("build", "a", "10.0.0.1"), pod("build", "b", "10.0.0.1")}
	set := Ruleset(s, true)
	if got := rules(set, "ingress"); len(got) != 2 {
		t.Errorf("ingress: %q", got)
	}
	understood(t, set)
}

func TestEstablishedConnectionsAreAskedForOnlyWhenCut(t *testing.T) {
	const passes = "ct state established,related accept"
	for _, chain := range []string{"forward", "input"} {
		if got := rules(Ruleset(State{}, true), chain); !slices.Contains(got, passes) {
			t.Errorf("keep, %s: %q", chain, got)
		}
		if got := rules(Ruleset(State{}, false), chain); slices.Contains(got, passes) {
			t.Errorf("cut, %s: %q", chain, got)
		}
	}
}

// understood has nft read the rules, where there is one and the right to.
func understood(t *testing.T, ruleset string) {
	t.Helper()
	check := exec.Command("unshare", "--net", "nft", "--check", "--file", "-")
	if exec.Command("unshare", "--net", "nft", "list", "tables").Run() != nil {
		t.Log("not read by nft: there is none here, or no right to")
		return
	}
	check.Stdin = strings.NewReader(ruleset)
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("nft: %v\n%s\n%s", err, out, ruleset)
	}
}

func TestAPodsRulesComeAfterTheLag(t *testing.T) {
	start := time.Unix(0, 0)
	a := arrivals{lag: time.Minute}
	first, second := pod("build", "first", "10.0.0.1"), pod("build", "second")
	steps := []struct {
		after   time.Duration
		do      func()
		settled string
		next    time.Duration
	}{
		{0, func() {}, "", time.Minute},
		{20 * time.Second, func() { second.Status.PodIPs = []v1.PodIP{{IP: "10.0.0.2"}} }, "", 40 * time.Second},
		{59 * time.Second, func() {}, "", time.Second},
		{60 * time.Second, func() {}, "first", 20 * time.Second},
		{70 * time.Second, func() { first.Status.PodIPs[0].IP = "10.0.0.3" }, "", 10 * time.Second},
		{80 * time.Second, func() {}, "second", 50 * time.Second},
		{130 * time.Second, func() {}, "first second", 0},
	}
	for _, step := range steps {
		step.do()
		settled, next := a.settled([]*v1.Pod{first, second}, start.Add(step.after))
		var names []string
		for _, p := range settled {
			names = append(names, p.Name)
		}
		if got := strings.Join(names, " "); got != step.settled || next != step.next {
			t.Errorf("after %s: %q, next in %s", step.after, got, next)
		}
	}
	if settled, next := (&arrivals{}).settled([]*v1.Pod{first}, start); len(settled) != 1 || next != 0 {
		t.Errorf("without a lag: %d, next in %s", len(settled), next)
	}
}

func TestAPodsLabelsChangeAfterTheLag(t *testing.T) {
	start := time.Unix(0, 0)
	a := arrivals{lag: time.Minute}
	changing := pod("build", "changing", "10.0.0.1")
	become := func(state string) func() {
		return func() {
			changed := changing.DeepCopy()
			changed.Labels = map[string]string{"state": state}
			changing = changed
		}
	}
	steps := []struct {
		after time.Duration
		do    func()
		state string
		next  time.Duration
	}{
		{0, become("preparing"), "", time.Minute},
		{60 * time.Second, func() {}, "preparing", 0},
		{100 * time.Second, become("active"), "preparing", time.Minute},
		{130 * time.Second, become("quarantined"), "preparing", 30 * time.Second},
		{160 * time.Second, func() {}, "active", 30 * time.Second},
		{190 * time.Second, func() {}, "quarantined", 0},
	}
	for _, step := range steps {
		step.do()
		settled, next := a.settled([]*v1.Pod{changing}, start.Add(step.after))
		state := ""
		if len(settled) == 1 {
			state = settled[0].Labels["state"]
		}
		if state != step.state || next != step.next {
			t.Errorf("after %s: %q, next in %s", step.after, state, next)
		}
	}
	become("none")()
	if settled, next := (&arrivals{}).settled([]*v1.Pod{changing}, start); settled[0].Labels["state"] != "none" || next != 0 {
		t.Errorf("without a lag: %v, next in %s", settled[0].Labels, next)
	}
}
