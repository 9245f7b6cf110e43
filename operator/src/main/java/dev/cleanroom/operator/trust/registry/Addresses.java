package dev.cleanroom.operator.trust.registry;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;

/**
 * Decides to which addresses a reference must not lead. A tenant writes the reference, and the operator can reach
 * addresses that the tenant cannot. Refused are loopback, link-local (which includes the metadata service of most
 * clouds), unspecified and multicast addresses, other metadata addresses, and IPv6 addresses that contain a refused
 * IPv4 address. Private ranges are allowed, because registries use them.
 *
 * <p>The addresses of a name are checked before each connection. The client resolves the name again. Both answers come
 * from the JVM's cache, which keeps one for 30 s, so a name whose address changes (DNS rebinding) must do so at the
 * moment at which an entry expires. An attacker then gains one GET without credentials to an address of choice, if
 * plain HTTP is allowed for the name, or if the address has a certificate for the name.
 */
final class Addresses {
    private static final List<InetAddress> METADATA = List.of(
            literal("100.100.100.200"), // Alibaba Cloud
            literal("168.63.129.16"), // Azure
            literal("192.0.0.192"), // Oracle Cloud, first generation
            literal("fd00:ec2::254"), // AWS
            literal("fd20:ce::254")); // Google Cloud

    /** RFC 6052: the well-known prefix of NAT64, then the IPv4 address. */
    private static final byte[] NAT64 = {0, 0x64, (byte) 0xff, (byte) 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};

    /** RFC 4291, section 2.5.5.1: IPv4-compatible addresses. */
    private static final byte[] COMPATIBLE = new byte[12];

    /** RFC 3056: 6to4, the IPv4 address in the next four bytes. */
    private static final byte[] SIX_TO_FOUR = {0x20, 0x02};

    private Addresses() {}

    static boolean refused(InetAddress address) {
        return address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isAnyLocalAddress()
                || address.isMulticastAddress()
                || METADATA.contains(address)
                || startsWithZero(address.getAddress())
                || carriesRefused(address.getAddress());
    }

    /** 0.0.0.0/8 is "this network" (RFC 1122, section 3.2.1.3): some systems treat it as loopback. */
    private static boolean startsWithZero(byte[] address) {
        return address.length == 4 && address[0] == 0;
    }

    private static boolean carriesRefused(byte[] address) {
        if (address.length != 16) {
            return false;
        }
        if (startsWith(address, SIX_TO_FOUR)) {
            return refused(ipv4(address, SIX_TO_FOUR.length));
        }
        return (startsWith(address, NAT64) || startsWith(address, COMPATIBLE)) && refused(ipv4(address, NAT64.length));
    }

    private static boolean startsWith(byte[] address, byte[] prefix) {
        return Arrays.equals(address, 0, prefix.length, prefix, 0, prefix.length);
    }

    private static InetAddress ipv4(byte[] address, int from) {
        try {
            return InetAddress.getByAddress(Arrays.copyOfRange(address, from, from + 4));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }

    private static InetAddress literal(String text) {
        return InetAddress.ofLiteral(text);
    }
}
