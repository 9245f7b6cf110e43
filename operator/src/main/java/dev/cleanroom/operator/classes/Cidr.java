package dev.cleanroom.operator.classes;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** An address range of either family (RFC 4632, RFC 4291 section 2.3). The CRD has checked the text. */
record Cidr(int bits, BigInteger network, int prefix) {

    static Cidr parse(String text) {
        int slash = text.indexOf('/');
        String address = text.substring(0, slash);
        if (!address.matches("[0-9A-Fa-f:.]+")) {
            throw new IllegalArgumentException("not an address: " + address);
        }
        try {
            // The text has only digits, dots and colons, so it is never a name that is looked up in DNS.
            byte[] bytes = InetAddress.getByName(address).getAddress();
            int bits = bytes.length * 8;
            int prefix = Integer.parseInt(text.substring(slash + 1));
            if (prefix < 0 || prefix > bits) {
                // Shifting by it would take memory.
                throw new IllegalArgumentException("not a prefix of " + bits + " bits: " + prefix);
            }
            return new Cidr(bits, new BigInteger(1, bytes), prefix);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("not an address: " + address, e);
        }
    }

    boolean contains(Cidr other) {
        int shift = bits - prefix;
        return bits == other.bits
                && other.prefix >= prefix
                && network.shiftRight(shift).equals(other.network.shiftRight(shift));
    }
}
