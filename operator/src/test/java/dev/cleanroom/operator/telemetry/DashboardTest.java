package dev.cleanroom.operator.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Chart;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The chart's dashboard asks for what the operator serves. */
class DashboardTest {
    @Test
    void everyMetricOfTheDashboardIsServed() throws IOException {
        String dashboard = Files.readString(Chart.directory().resolve("files/dashboard.json"), StandardCharsets.UTF_8);
        assertThat(Pattern.compile("cleanroom_\\w+")
                        .matcher(dashboard)
                        .results()
                        .map(MatchResult::group))
                .hasSizeGreaterThan(3)
                .allSatisfy(metric -> assertThat(ServedMetrics.scrape()).contains("\n" + metric + "{"));
    }
}
