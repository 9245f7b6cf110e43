package dev.cleanroom.operator.trust.registry;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;

/**
 * Which addresses no reference may lead to: a reference is a tenant's text, and this machine can reach what the tenant
 * cannot. Refused are loopback, link-local (the metadata service of most clouds among them), unspecified and multicast
 * addresses, the metadata addresses that are none of these, and IPv6 addresses that carry a refused IPv4 address.
 * Private ranges are not: registries stand there.
 *
 * <p>What is checked is what a name resolves to, before each connection is asked for. The client resolves it again. Both
 * answers come from the JVM's cache, which keeps one for 30 s, so a name that changes its mind (DNS rebinding) must hit
 * the moment at which an entry ends. What it then gains is one GET without credentials to an address of its choice, if
 * that speaks plain HTTP where this is allowed for the name, or has a certificate for the name.
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

    /** 0.0.0.0/8 is "this network" (RFC 1122, section 3.2.1.3): some systems take it for their own. */
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
