package dev.cleanroom.operator.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.containment.Flip;
import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Result;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.lab.Chart;
import dev.cleanroom.operator.pod.PodState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The chart's dashboard asks for what the operator serves. */
class DashboardTest {
    @Test
    void everyMetricOfTheDashboardIsServed() throws IOException {
        var telemetry = new Telemetry();
        var pod = new ObjectKey(Resource.POD, "team-a", "payments-0-1");
        var write = new Write.Delete(pod, new Write.Precondition("uid", "1"), "AttemptCounted");
        telemetry.write(write, new Result.Conflict(write));
        telemetry.reconciled("environment", "done", Duration.ofMillis(1));
        telemetry.guardRail("ValidatingAdmissionPolicy", "evidence-stays", true);
        telemetry.flip(
                new Flip(pod, "uid", PodState.ACTIVE, PodState.QUARANTINED, Optional.empty(), "test"),
                new Answer.Ok(null));
        String dashboard = Files.readString(Chart.directory().resolve("files/dashboard.json"), StandardCharsets.UTF_8);
        assertThat(Pattern.compile("cleanroom_\\w+")
                        .matcher(dashboard)
                        .results()
                        .map(MatchResult::group))
                .hasSizeGreaterThan(3)
                .allSatisfy(metric -> assertThat(telemetry.scrape()).contains("\n" + metric + "{"));
    }
}
