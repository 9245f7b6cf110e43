package dev.cleanroom.operator.telemetry;

import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Network;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Observation;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Outcome;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.RefusedName;
import dev.cleanroom.api.v1alpha1.Finding;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.api.v1alpha1.Severity;
import dev.cleanroom.api.v1alpha1.Stage;
import dev.cleanroom.api.v1alpha1.Verdict;
import dev.cleanroom.operator.containment.Flip;
import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Result;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.pod.GateReport;
import dev.cleanroom.operator.pod.PodState;
import dev.cleanroom.operator.record.JudgedRun;
import dev.cleanroom.operator.record.RunObservation;
import dev.cleanroom.operator.trust.ImageDecision;
import dev.cleanroom.operator.trust.registry.FailureCode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What /metrics serves once each kind of event that the operator counts has happened. */
final class ServedMetrics {
    private static final Pattern FAMILY = Pattern.compile("(?m)^# TYPE (\\w+) (\\w+)$");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"");

    private ServedMetrics() {}

    /**
     * A family of metrics.
     *
     * @param type as Prometheus names it: counter, gauge, summary or histogram
     * @param labels without the {@code le} of a histogram
     */
    record Metric(String name, String type, SortedSet<String> labels) {}

    static List<Metric> families() {
        String scrape = scrape();
        return FAMILY.matcher(scrape)
                .results()
                .map(found -> new Metric(found.group(1), found.group(2), labels(scrape, found.group(1))))
                .toList();
    }

    static String scrape() {
        var telemetry = new Telemetry();
        var pod = new ObjectKey(Resource.POD, "team-a", "payments-0-1");
        var incident = new ObjectKey(Resource.BUILD_INCIDENT, "team-a", "payments-0-1-5f0c2a11");
        var flip = new Flip(pod, "uid", PodState.ACTIVE, PodState.QUARANTINED, Optional.empty(), "test");
        var opened = new Write.Create(incident, new BuildIncident(), "PodQuarantined");
        telemetry.write(opened, new Result.Done(opened, null));
        telemetry.flip(flip, new Answer.Ok(null));
        telemetry.flip(flip, new Answer.Rejected(422, "Invalid", "a policy of the cluster refuses it"));
        telemetry.image(new ImageDecision.Unresolved(FailureCode.Unreachable.name(), "no connection"));
        telemetry.gate(new GateReport(Reasons.ENFORCED, List.of("IPv4"), 6, ""));
        telemetry.run(new RunObservation(
                        new Observation(Outcome.Complete, null, null),
                        Optional.of(new Network(
                                1,
                                List.of(new RefusedName("cdn.example.com", "build", 1, null, null)),
                                List.of(),
                                0,
                                null)),
                        Optional.empty())
                .judged(Optional.of(new JudgedRun(
                        Verdict.Open,
                        Optional.empty(),
                        List.of(new Finding(
                                "SameVersionOtherContent:npm:a@1:00", Severity.Critical, Stage.Inputs, null, "a")),
                        1,
                        Optional.empty(),
                        Optional.empty()))));
        telemetry.guardRail("ValidatingAdmissionPolicy", "evidence-stays.cleanroom.dev", true);
        telemetry.reconciled("environment", "error", Duration.ofMillis(1));
        return telemetry.scrape();
    }

    private static SortedSet<String> labels(String scrape, String family) {
        String samples = Pattern.compile("(?m)^" + family + "(?:_bucket|_sum|_count)?(?:\\{.*)? .*$")
                .matcher(scrape)
                .results()
                .map(MatchResult::group)
                .collect(Collectors.joining("\n"));
        return LABEL.matcher(samples)
                .results()
                .map(found -> found.group(1))
                .filter(label -> !label.equals("le"))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
