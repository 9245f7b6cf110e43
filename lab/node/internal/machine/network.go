package machine

import (
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// network links the machine to the host by a pair of interfaces and a default route to the host, which forwards nothing.
func network(o options) error {
	host, err := netlink.NewHandleAt(netns.NsHandle(hostNetworkFD))
	if err != nil {
		return err
	}
	defer host.Close()
	here, err := netlink.NewHandle()
	if err != nil {
		return err
	}
	defer here.Close()
	link := &netlink.Veth{
		LinkAttrs: netlink.LinkAttrs{Name: "eth0"}, PeerName: o.machine, PeerNamespace: netlink.NsFd(hostNetworkFD),
	}
	if err := here.LinkAdd(link); err != nil {
		return fmt.Errorf("cannot create a pair of interfaces: %w", err)
	}
	if err := errors.Join(bringUp(here, "lo", ""), bringUp(here, "eth0", o.nodeAddress), bringUp(host, o.machine, o.hostAddress)); err != nil {
		return err
	}
	if err := here.RouteAdd(&netlink.Route{Gw: net.ParseIP(o.hostAddress)}); err != nil {
		return fmt.Errorf("cannot add the default route: %w", err)
	}
	for _, forwarding := range []string{"ipv4/ip_forward", "ipv6/conf/all/forwarding"} {
		err := os.WriteFile("/proc/sys/net/"+forwarding, []byte("1"), 0)
		// A kernel without IPv6 does not have this file.
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

func bringUp(at *netlink.Handle, name, address string) error {
	link, err := at.LinkByName(name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if address != "" {
		network := &net.IPNet{IP: net.ParseIP(address), Mask: net.CIDRMask(30, 32)}
		if err := at.AddrAdd(link, &netlink.Addr{IPNet: network}); err != nil {
			return fmt.Errorf("cannot set the address of %s: %w", name, err)
		}
	}
	if err := at.LinkSetUp(link); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
