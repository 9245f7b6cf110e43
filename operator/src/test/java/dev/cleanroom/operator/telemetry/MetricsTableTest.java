package dev.cleanroom.operator.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Repository;
import dev.cleanroom.operator.telemetry.ServedMetrics.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** docs/operating.md lists every metric that the operator serves, and none that it does not. */
class MetricsTableTest {
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");

    @Test
    void theTableListsWhatTheOperatorServes() {
        assertThat(table()).containsExactlyInAnyOrderElementsOf(ServedMetrics.families());
    }

    /** A metric that is added to Telemetry has to be counted in ServedMetrics, or no test would miss it. */
    @Test
    void everyMetricOfTheSourceIsServedHere() throws IOException {
        String source = Files.readString(
                Repository.root().resolve("operator/src/main/java/dev/cleanroom/operator/telemetry/Telemetry.java"));
        List<String> named = Pattern.compile("\"(cleanroom_\\w+)\"")
                .matcher(source)
                .results()
                .map(found -> found.group(1))
                .toList();
        assertThat(named)
                .hasSizeGreaterThan(6)
                .allSatisfy(name -> assertThat(ServedMetrics.families())
                        .anySatisfy(metric -> assertThat(metric.name()).startsWith(name)));
    }

    private static List<Metric> table() {
        return OperatingPage.sections()
                .getOrDefault("metrics", "")
                .lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split("[|]"))
                .map(cells -> new Metric(codes(cells[1]).first(), cells[2].strip(), codes(cells[3])))
                .toList();
    }

    private static TreeSet<String> codes(String cell) {
        return CODE.matcher(cell)
                .results()
                .flatMap(found -> Arrays.stream(found.group(1).split(",")))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
