package dev.cleanroom.operator.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleanroom.operator.lab.LabCluster;
import dev.cleanroom.operator.lab.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/** What the API server itself wrote down about the operator's writes: {@code lab writes} of its user. */
final class AuditLog {
    private static final String USER =
            "system:serviceaccount:" + LabCluster.OPERATOR_NAMESPACE + ":" + LabCluster.OPERATOR_ACCOUNT;
    private static final Duration QUIET = Duration.ofSeconds(8);

    /**
     * So many writes of one object, or of one kind.
     *
     * @param resource as {@code RESOURCE.GROUP/SUBRESOURCE}
     * @param name empty when counted by kind
     * @param verb empty when counted by object
     * @param code class of the answers, as {@code 4xx}; empty when counted by object
     */
    record Count(String namespace, String resource, String name, String verb, String code, int count) {
        boolean isLease() {
            return resource.startsWith("leases.");
        }

        boolean isRefused() {
            return !code.startsWith("2");
        }
    }

    private final Optional<Path> lab;

    AuditLog(Optional<Path> lab) {
        this.lab = lab;
    }

    List<Count> byObject(Instant since) {
        return count("object", since);
    }

    /** By kind, verb and class of answer. */
    List<Count> byKind(Instant since) {
        return count("agent", since);
    }

    /** Waits until the operator has written nothing, the Lease apart, for a while. */
    void awaitQuiet(Instant since) {
        long[] last = {-1, System.nanoTime()};
        Awaitility.await("the operator to write nothing")
                .atMost(Duration.ofMinutes(5))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> {
                    int now = total(byKind(since));
                    if (now != last[0]) {
                        last[0] = now;
                        last[1] = System.nanoTime();
                    }
                    return System.nanoTime() - last[1] > QUIET.toNanos();
                });
    }

    /** All but the Lease. */
    static int total(List<Count> counts) {
        return counts.stream()
                .filter(count -> !count.isLease())
                .mapToInt(Count::count)
                .sum();
    }

    static int leases(List<Count> counts) {
        return counts.stream().filter(Count::isLease).mapToInt(Count::count).sum();
    }

    /** All that was not stored, the Lease apart. */
    static int refused(List<Count> byKind) {
        return total(byKind.stream().filter(Count::isRefused).toList());
    }

    /** What was refused, by kind; empty when nothing was. */
    static String refusals(List<Count> byKind) {
        return byKind.stream()
                .filter(count -> count.isRefused() && !count.isLease())
                .map(count -> "%d %s of %s: %s".formatted(count.count(), count.verb(), count.resource(), count.code()))
                .collect(Collectors.joining(", "));
    }

    private List<Count> count(String by, Instant since) {
        Path directory = lab.orElseThrow(() -> new IllegalStateException("only a lab of our own keeps an audit log"));
        try {
            Process process = new ProcessBuilder(
                            Repository.labBinary().toString(),
                            "writes",
                            "--dir",
                            directory.toString(),
                            "--user",
                            USER,
                            "--since",
                            since.toString(),
                            "--by",
                            by,
                            "-o",
                            "json")
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            JsonNode rows = new ObjectMapper().readTree(process.getInputStream());
            List<Count> counts = new ArrayList<>();
            rows.forEach(row -> counts.add(new Count(
                    row.path("namespace").asText(),
                    row.path("resource").asText(),
                    row.path("name").asText(),
                    row.path("verb").asText(),
                    row.path("code").asText(),
                    row.path("count").asInt())));
            return counts;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
