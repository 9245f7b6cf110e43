// Package policy enforces NetworkPolicies on the node with packet filters. It is only part of the lab.
package policy

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// State is the input of the rules.
type State struct {
	Policies   []*networking.NetworkPolicy
	Pods       []*v1.Pod
	Namespaces []*v1.Namespace
}

// The ends of a connection, from connection tracking. They are the same for packets in both directions, and the destination is the one
// behind a service's address. Rules match these instead of packets, so that they need not handle replies.
const (
	source          = "ct original"
	destination     = "ct reply"
	destinationPort = "ct reply proto-src"
)

// Ruleset returns the whole table for `nft -f`, which replaces the table before in one transaction:
//  1. each isolated pod has a chain for each isolated direction, which returns what a policy allows and drops the rest;
//  2. forwarded packets pass the chain of their source for egress, then the chain of their destination for ingress;
//  3. packets to the node pass only the first of these; packets from the node itself, such as probes, pass none.
//
// With keepEstablished, only the first packet of a connection is filtered; without it, every packet is.
func Ruleset(state State, keepEstablished bool) string {
	established := ""
	if keepEstablished {
		established = "ct state established,related accept\n\t\t"
	}
	chains, egress, ingress := "", "", ""
	pods := slices.Clone(state.Pods)
	slices.SortFunc(pods, func(a, b *v1.Pod) int { return strings.Compare(string(a.UID), string(b.UID)) })
	for _, pod := range pods {
		if !onNetwork(pod) {
			continue
		}
		if permits, isolated := state.permits(pod, networking.PolicyTypeEgress); isolated {
			name := "egress-" + string(pod.UID)
			chains += chain(name, permits)
			egress += jumps(pod, source, name)
		}
		if permits, isolated := state.permits(pod, networking.PolicyTypeIngress); isolated {
			name := "ingress-" + string(pod.UID)
			chains += chain(name, permits)
			ingress += jumps(pod, destination, name)
		}
	}
	return fmt.Sprintf(table, chains, egress, ingress, established, established)
}

// table takes the chains of pods, the jumps for egress and ingress, and the rules for established connections. No policy covers packets
// that a pod sends to its node from a link-local address, so only untracked ones pass: neighbour discovery.
const table = `add table inet policies
delete table inet policies
table inet policies {
%s	chain egress {
%s	}
	chain ingress {
%s	}
	chain forward {
		type filter hook forward priority filter; policy accept;
		ct state invalid,untracked drop
		%sjump egress
		jump ingress
	}
	chain input {
		type filter hook input priority filter; policy accept;
		iifname "veth*" ct state invalid drop
		iifname "veth*" ip6 saddr fe80::/10 ct state != untracked drop
		%sjump egress
	}
}
`

func chain(name string, permits []string) string {
	text := "\tchain " + name + " {\n"
	for _, permit := range permits {
		text += "\t\t" + strings.TrimLeft(permit+" return\n", " ")
	}
	return text + "\t\tdrop\n\t}\n"
}

// jumps are rules and not elements of a map, because two pods can have the same address for a moment, and then both chains apply.
func jumps(pod *v1.Pod, end, chain string) string {
	text := ""
	for _, address := range addresses(pod) {
		text += fmt.Sprintf("\t\t%s %s saddr %s jump %s\n", end, family(address), address, chain)
	}
	return text
}

// onNetwork reports whether a pod has its own address: pods on the node's network have the node's, and another pod may have the address
// of a pod that has ended.
func onNetwork(pod *v1.Pod) bool {
	return !pod.Spec.HostNetwork && pod.Status.Phase != v1.PodSucceeded && pod.Status.Phase != v1.PodFailed
}

func addresses(pod *v1.Pod) []netip.Addr {
	var all []netip.Addr
	for _, ip := range pod.Status.PodIPs {
		if address, err := netip.ParseAddr(ip.IP); err == nil {
			all = append(all, address)
		}
	}
	return all
}

func family(address netip.Addr) string {
	if address.Is4() {
		return "ip"
	}
	return "ip6"
}

// permits returns the matches of what policies allow the pod in one direction, and whether any policy isolates it in that direction.
func (s State) permits(pod *v1.Pod, way networking.PolicyType) (permits []string, isolated bool) {
	for _, policy := range s.Policies {
		if policy.Namespace != pod.Namespace || !slices.Contains(policy.Spec.PolicyTypes, way) || !selects(&policy.Spec.PodSelector, pod.Labels) {
			continue
		}
		isolated = true
		if way == networking.PolicyTypeEgress {
			for _, rule := range policy.Spec.Egress {
				permits = append(permits, s.matches(policy.Namespace, destination, rule.To, rule.Ports)...)
			}
			continue
		}
		for _, rule := range policy.Spec.Ingress {
			permits = append(permits, s.matches(policy.Namespace, source, rule.From, rule.Ports)...)
		}
	}
	slices.Sort(permits)
	return slices.Compact(permits), isolated
}

// matches returns the matches of a rule: each of its peers, at that end of the connection, with each of its ports. A rule without peers
// or ports allows all of them; one that is not supported allows nothing.
func (s State) matches(namespace, end string, peers []networking.NetworkPolicyPeer, ports []networking.NetworkPolicyPort) []string {
	ofPeers, ofPorts := []string{""}, []string{""}
	if len(peers) > 0 {
		ofPeers = nil
	}
	for _, peer := range peers {
		if peer.IPBlock != nil {
			ofPeers = append(ofPeers, blockMatch(end, peer.IPBlock)...)
		} else {
			ofPeers = append(ofPeers, s.podMatches(namespace, end, peer)...)
		}
	}
	if len(ports) > 0 {
		ofPorts = nil
	}
	for _, port := range ports {
		ofPorts = append(ofPorts, portMatch(port)...)
	}
	var all []string
	for _, peer := range ofPeers {
		for _, port := range ofPorts {
			all = append(all, strings.TrimSpace(peer+" "+port))
		}
	}
	return all
}

func (s State) podMatches(namespace, end string, peer networking.NetworkPolicyPeer) []string {
	from := map[string]bool{namespace: peer.NamespaceSelector == nil}
	if peer.NamespaceSelector != nil {
		for _, n := range s.Namespaces {
			from[n.Name] = selects(peer.NamespaceSelector, n.Labels)
		}
	}
	var all []string
	for _, pod := range s.Pods {
		if from[pod.Namespace] && onNetwork(pod) && (peer.PodSelector == nil || selects(peer.PodSelector, pod.Labels)) {
			for _, address := range addresses(pod) {
				all = append(all, fmt.Sprintf("%s %s saddr %s", end, family(address), address))
			}
		}
	}
	return all
}

func blockMatch(end string, block *networking.IPBlock) []string {
	prefix, err := netip.ParsePrefix(block.CIDR)
	if err != nil {
		return nil
	}
	of := family(prefix.Addr())
	match := fmt.Sprintf("%s %s saddr %s", end, of, prefix.Masked())
	if prefix.Bits() == 0 {
		// nft drops a prefix of length 0, and with it the address family.
		match = map[string]string{"ip": "meta nfproto ipv4", "ip6": "meta nfproto ipv6"}[of]
	}
	for _, text := range block.Except {
		except, err := netip.ParsePrefix(text)
		if err != nil || family(except.Addr()) != of || except.Bits() == 0 {
			return nil
		}
		match += fmt.Sprintf(" %s %s saddr != %s", end, of, except.Masked())
	}
	return []string{match}
}

// portMatch supports only port numbers, not names.
func portMatch(port networking.NetworkPolicyPort) []string {
	protocol := v1.ProtocolTCP
	if port.Protocol != nil {
		protocol = *port.Protocol
	}
	match := "meta l4proto " + strings.ToLower(string(protocol))
	if port.Port == nil {
		return []string{match}
	}
	first := port.Port.IntValue()
	if first == 0 {
		return nil
	}
	match += fmt.Sprintf(" %s %d", destinationPort, first)
	if port.EndPort != nil {
		match += fmt.Sprintf("-%d", *port.EndPort)
	}
	return []string{match}
}

func selects(selector *metav1.LabelSelector, of map[string]string) bool {
	parsed, err := metav1.LabelSelectorAsSelector(selector)
	return err == nil && parsed.Matches(labels.Set(of))
}
