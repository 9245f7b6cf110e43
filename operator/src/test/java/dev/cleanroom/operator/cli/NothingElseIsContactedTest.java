package dev.cleanroom.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.cleanroom.operator.cli.OfflineRegistry.Form;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Verifying asks the registry and nobody else: shown in a network namespace from which every address has a route, and in
 * which the kernel counts, and refuses, each packet that is not between the verifier and that registry. Only the refusals themselves are let
 * through.
 */
@Tag("lab")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NothingElseIsContactedTest {
    /** All routes lead to the loopback: a packet to anywhere is made, and seen, and goes no further. */
    private static final String NETWORK =
            "ip link set lo up && ip route add default dev lo && ip -6 route add default dev lo && exec \"$@\"";

    private static final String COUNTING = """
            table inet watch {
              counter others {}
              chain output {
                type filter hook output priority 0; policy accept;
                ip daddr 127.0.0.1 tcp dport %1$s accept
                ip saddr 127.0.0.1 tcp sport %1$s accept
                icmp type destination-unreachable accept
                icmpv6 type destination-unreachable accept
                counter name others reject
              }
            }
            """;
    private static final Pattern PACKETS = Pattern.compile("packets (\\d+)");

    @TempDir
    static Path directory;

    private Process registry;
    private String address;

    /** How a process ended, and what it printed. */
    private record Ended(int exitCode, String output) {}

    @BeforeAll
    void start() throws IOException {
        Ended probe = end("", namespace("nft", "list", "ruleset"));
        if (probe.exitCode() != 0) {
            withoutNamespaces("no network namespace with nftables here: " + probe.output());
        }
        registry = new ProcessBuilder(namespace(java(OfflineRegistry.class, directory.toString())))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        // Not closed: the process would end with its output.
        BufferedReader lines = registry.inputReader(StandardCharsets.UTF_8);
        address = lines.readLine();
        String port = address.substring(address.indexOf(':') + 1);
        assertThat(inside(COUNTING.formatted(port), "nft", "-f", "-").exitCode())
                .isZero();
    }

    @AfterAll
    void stop() throws IOException, InterruptedException {
        if (registry != null) {
            registry.getOutputStream().close();
            registry.waitFor();
        }
    }

    /** A skip in CI would be a proof that nobody has. */
    private static void withoutNamespaces(String why) {
        if ("true".equals(System.getenv("CI"))) {
            fail(why);
        }
        System.err.println("skipped: NothingElseIsContactedTest: " + why);
        Assumptions.abort(why);
    }

    private static String[] namespace(String... command) {
        List<String> all = new ArrayList<>(List.of("unshare", "--map-root-user", "--net", "sh", "-c", NETWORK, "sh"));
        all.addAll(List.of(command));
        return all.toArray(String[]::new);
    }

    private static String[] java(Class<?> main, String... arguments) {
        List<String> all = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        all.addAll(List.of(arguments));
        return all.toArray(String[]::new);
    }

    private Ended inside(String input, String... command) {
        List<String> all = new ArrayList<>(List.of(
                "nsenter", "--preserve-credentials", "--user", "--net", "--target", String.valueOf(registry.pid())));
        all.addAll(List.of(command));
        return end(input, all.toArray(String[]::new));
    }

    private static Ended end(String input, String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            try (var stdin = process.outputWriter(StandardCharsets.UTF_8)) {
                stdin.write(input);
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Ended(process.waitFor(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private long packetsToOthers() {
        Matcher packets = PACKETS.matcher(
                inside("", "nft", "list", "counter", "inet", "watch", "others").output());
        assertThat(packets.find()).isTrue();
        return Long.parseLong(packets.group(1));
    }

    private Ended verify(String image, Form form) {
        return inside(
                "",
                java(
                        Main.class,
                        "verify",
                        image,
                        "--policy",
                        directory.resolve(form.word()).toString(),
                        "--registries",
                        directory.resolve("registries").toString()));
    }

    @ParameterizedTest
    @EnumSource
    void everyFormIsVerifiedAndNoPacketGoesElsewhere(Form form) {
        long before = packetsToOthers();
        Ended verified = verify(address + "/builders/maven:" + form.word(), form);
        assertThat(verified.output()).containsPattern("(?m)^Accepted  " + address + "/builders/maven@sha256:");
        assertThat(verified.exitCode()).isZero();
        assertThat(packetsToOthers() - before).isZero();
    }

    /** Else the zero above says nothing: a name that is looked up, an address that is not. */
    @ParameterizedTest
    @ValueSource(strings = {"registry.example.com", "[2001:db8::7]"})
    void whatGoesElsewhereIsCounted(String host) throws IOException {
        long before = packetsToOthers();
        Path policy = directory.resolve("elsewhere");
        Files.writeString(
                policy, Files.readString(directory.resolve(Form.KEY.word())).replace(address, host));
        Ended asked = inside("", java(Main.class, "verify", host + "/builders/maven:1", "--policy", policy.toString()));
        assertThat(asked.output()).containsPattern("(?m)^Unresolved  Unreachable$");
        assertThat(asked.exitCode()).isEqualTo(3);
        assertThat(packetsToOthers() - before).isPositive();
    }
}
