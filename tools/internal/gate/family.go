package gate

import (
	"net"
	"net/netip"
	"slices"
)

// family is IPv4 or IPv6, as Kubernetes names them.
type family string

const (
	ipv4 family = "IPv4"
	ipv6 family = "IPv6"
)

func familyOf(address netip.Addr) family {
	if address.Is4() {
		return ipv4
	}
	return ipv6
}

// podFamilies returns the families in which the pod has an address that others could reach.
func podFamilies() ([]family, error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	var all []net.Addr
	for _, each := range interfaces {
		if each.Flags&net.FlagLoopback != 0 {
			continue
		}
		addresses, err := each.Addrs()
		if err != nil {
			return nil, err
		}
		all = append(all, addresses...)
	}
	return familiesOf(all), nil
}

func familiesOf(addresses []net.Addr) []family {
	var found []family
	for _, each := range addresses {
		prefix, err := netip.ParsePrefix(each.String())
		if err != nil || !prefix.Addr().IsGlobalUnicast() {
			continue
		}
		if f := familyOf(prefix.Addr().Unmap()); !slices.Contains(found, f) {
			found = append(found, f)
		}
	}
	slices.Sort(found)
	return found
}
