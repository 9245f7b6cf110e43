package dev.cleanroom.operator.telemetry;

import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Observation;
import dev.cleanroom.api.v1alpha1.Finding;
import dev.cleanroom.operator.containment.Flip;
import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.plan.Result;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.pod.GateReport;
import dev.cleanroom.operator.record.RunObservation;
import dev.cleanroom.operator.trust.ImageDecision;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operator's metrics. Labels are kinds, verbs and codes, and never names of objects, so their number is bounded.
 */
public final class Telemetry {
    private static final Logger log = LoggerFactory.getLogger(Telemetry.class);

    /** Buckets for the plug-in's lag: real plug-ins took 69 to 114 ms, and the gate gives up after 30 s. */
    private static final Duration[] LAGS = IntStream.of(10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000)
            .mapToObj(Duration::ofMillis)
            .toArray(Duration[]::new);

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Map<String, AtomicInteger> guardRails = new ConcurrentHashMap<>();
    private final AtomicBoolean firstReconcile = new AtomicBoolean();

    public String scrape() {
        return registry.scrape();
    }

    /** Records a write that was tried, and its result. */
    public void write(Write write, Result result) {
        registry.counter(
                        "cleanroom_writes",
                        "kind",
                        write.target().resource().kind(),
                        "verb",
                        verb(write),
                        "result",
                        result.getClass().getSimpleName())
                .increment();
        WriteLog.log(result);
    }

    /** Records an attempt of the hot path that was answered. */
    public void flip(Flip flip, Answer answer) {
        switch (answer) {
            case Answer.Ok ok -> {
                registry.counter("cleanroom_containments", "state", flip.to().label())
                        .increment();
                log.warn(
                        "Moved {} to {} (requested by: {})",
                        flip.pod(),
                        flip.to().label(),
                        flip.by());
            }
            case Answer.Rejected rejected
            when rejected.notFound() || rejected.moved() ->
                log.debug("Did not move {}: it is deleted, or its state has changed already", flip.pod());
            case Answer.Rejected rejected ->
                registry.counter(
                                "cleanroom_containments_refused",
                                "state",
                                flip.to().label(),
                                "code",
                                String.valueOf(rejected.code()))
                        .increment();
        }
    }

    /** Records a decision on an image for which a registry was asked. */
    public void image(ImageDecision decision) {
        String outcome = decision.getClass().getSimpleName();
        String code = switch (decision) {
            case ImageDecision.Accepted accepted -> "";
            case ImageDecision.Rejected rejected -> rejected.code();
            case ImageDecision.Unresolved unresolved -> unresolved.code();
        };
        registry.counter("cleanroom_image_decisions", "outcome", outcome, "code", code)
                .increment();
        log.info("Image {} {}: {}", outcome, code, decision);
    }

    /** Records the end of a gate that this process watched. Every replica watches all gates. */
    public void gate(GateReport report) {
        registry.counter("cleanroom_gates", "outcome", report.outcome()).increment();
        if (report.enforced()) {
            Timer.builder("cleanroom_gate_lag")
                    .description("From a gate's start until the network policies were in force")
                    .serviceLevelObjectives(LAGS)
                    .register(registry)
                    .record(Duration.ofMillis(report.lagMillis()));
        }
    }

    /** Records what was observed of a run, when its log was read. */
    public void run(RunObservation run) {
        Observation observation = run.observation();
        registry.counter(
                        "cleanroom_observed_runs",
                        "outcome",
                        observation.outcome().name(),
                        "reason",
                        observation.reason() == null ? "" : observation.reason())
                .increment();
        run.network().ifPresent(network -> {
            denied("name", network.refusedNames());
            denied("address", network.unansweredConnections());
        });
        run.judged().ifPresent(judged -> judged.findings().forEach(this::finding));
    }

    /** A key begins with its indicator, of which there are a few. */
    private void finding(Finding finding) {
        String indicator = finding.key().substring(0, Math.max(0, finding.key().indexOf(':')));
        registry.counter("cleanroom_findings", "indicator", indicator, "severity", String.valueOf(finding.severity()))
                .increment();
    }

    private void denied(String what, @Nullable List<?> entries) {
        if (entries != null && !entries.isEmpty()) {
            registry.counter("cleanroom_denied_connections", "what", what).increment(entries.size());
        }
    }

    /** Records whether a guard rail is in force as the chart has it. */
    public void guardRail(String kind, String name, boolean inForce) {
        guardRails
                .computeIfAbsent(
                        kind + "/" + name,
                        key -> registry.gauge(
                                "cleanroom_guard_rail_in_force",
                                Tags.of("kind", kind, "rail", name),
                                new AtomicInteger()))
                .set(inForce ? 1 : 0);
    }

    public void reconciled(String controller, String outcome, Duration took) {
        Timer.builder("cleanroom_reconcile")
                .tags("controller", controller, "outcome", outcome)
                .register(registry)
                .record(took);
        if (firstReconcile.compareAndSet(false, true)) {
            log.info(
                    "first reconcile {} ms after the process started",
                    sinceProcessStart().toMillis());
        }
    }

    private static Duration sinceProcessStart() {
        return ProcessHandle.current()
                .info()
                .startInstant()
                .map(start -> Duration.between(start, Instant.now()))
                .orElse(Duration.ZERO);
    }

    static String verb(Write write) {
        return switch (write) {
            case Write.Create create -> "create";
            case Write.Apply apply -> "apply";
            case Write.Patch patch -> "patch";
            case Write.TestedPatch patch -> "patch";
            case Write.Confirm confirm -> "confirm";
            case Write.Delete delete -> "delete";
            case Write.ApplyStatus status -> "apply-status";
        };
    }
}
