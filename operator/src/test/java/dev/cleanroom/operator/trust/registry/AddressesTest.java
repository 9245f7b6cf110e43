package dev.cleanroom.operator.trust.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.255.255.254",
                "0.0.0.0",
                "0.1.2.3",
                "169.254.169.254",
                "169.254.0.1",
                "100.100.100.200",
                "168.63.129.16",
                "192.0.0.192",
                "224.0.0.1",
                "::1",
                "::",
                "fe80::1",
                "ff02::1",
                "fd00:ec2::254",
                "fd20:ce::254",
                "::ffff:127.0.0.1",
                "::ffff:169.254.169.254",
                "::127.0.0.1",
                "64:ff9b::169.254.169.254",
                "64:ff9b::7f00:1",
                "2002:7f00:1::",
                "2002:a9fe:a9fe::1"
            })
    void isRefused(String address) {
        assertThat(Addresses.refused(InetAddress.ofLiteral(address))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.1",
                "172.16.0.1",
                "192.168.1.1",
                "100.64.0.1",
                "192.0.2.1",
                "fd00::1",
                "2001:db8::1",
                "64:ff9b::192.0.2.1",
                "2002:c000:201::1"
            })
    void isNotRefused(String address) {
        assertThat(Addresses.refused(InetAddress.ofLiteral(address))).isFalse();
    }
}
