package dev.cleanroom.operator.check;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whether an operator runs: replicas of its Deployment, or, wherever the process is, a Lease that is being renewed. */
final class OperatorCheck {
    private static final String WHAT = "operator";
    private static final String UNSEEN =
            "; one that runs with --leader-elect=false holds no Lease and cannot be seen from here";

    private OperatorCheck() {}

    static Finding of(Read<Deployment> deployment, Read<Lease> lease, Instant now, Target target) {
        int available = deployment instanceof Read.Found<Deployment>(Deployment found) ? available(found) : 0;
        if (available > 0) {
            return Finding.ok(WHAT + ": replicas of its Deployment that are available: " + available);
        }
        Optional<LeaseSpec> held = lease instanceof Read.Found<Lease>(Lease found) ? held(found) : Optional.empty();
        if (held.isPresent() && age(held.get(), now).compareTo(term(held.get())) <= 0) {
            return Finding.ok(WHAT + ": " + held.get().getHolderIdentity() + " leads and renews its Lease");
        }
        String denied = Stream.of(deployment, lease)
                .filter(Read.Denied.class::isInstance)
                .map(read -> ((Read.Denied<?>) read).right())
                .collect(Collectors.joining(" and you may not "));
        String seen = Stream.of(told(deployment), told(lease, held, now))
                .flatMap(Optional::stream)
                .collect(Collectors.joining(", and "));
        return denied.isEmpty()
                ? Finding.missing(WHAT, seen + UNSEEN, remedy(deployment, target))
                : Finding.note(
                        WHAT, "not known whether it runs: you may not " + denied + (seen.isEmpty() ? "" : "; " + seen));
    }

    private static int available(Deployment deployment) {
        return deployment.getStatus() == null || deployment.getStatus().getAvailableReplicas() == null
                ? 0
                : deployment.getStatus().getAvailableReplicas();
    }

    private static int wanted(Deployment deployment) {
        return deployment.getSpec() == null || deployment.getSpec().getReplicas() == null
                ? 1
                : deployment.getSpec().getReplicas();
    }

    private static Optional<LeaseSpec> held(Lease lease) {
        return Optional.ofNullable(lease.getSpec())
                .filter(spec -> spec.getHolderIdentity() != null
                        && !spec.getHolderIdentity().isEmpty()
                        && spec.getRenewTime() != null
                        && spec.getLeaseDurationSeconds() != null);
    }

    private static Duration term(LeaseSpec lease) {
        return Duration.ofSeconds(lease.getLeaseDurationSeconds());
    }

    private static Duration age(LeaseSpec lease, Instant now) {
        return Duration.between(lease.getRenewTime().toInstant(), now);
    }

    private static Optional<String> told(Read<Deployment> deployment) {
        return switch (deployment) {
            case Read.Denied<Deployment> _ -> Optional.empty();
            case Read.Absent<Deployment> _ -> Optional.of("it has no Deployment");
            case Read.Found<Deployment>(Deployment found) ->
                Optional.of(
                        wanted(found) == 0
                                ? "its Deployment wants no replica"
                                : "none of its " + wanted(found) + " replicas is available");
        };
    }

    private static Optional<String> told(Read<Lease> lease, Optional<LeaseSpec> held, Instant now) {
        return switch (lease) {
            case Read.Denied<Lease> _ -> Optional.empty();
            case Read.Absent<Lease> _ -> Optional.of("there is no Lease, so none has led yet");
            case Read.Found<Lease> _ ->
                Optional.of(held.map(spec -> "the Lease was renewed last at " + spec.getRenewTime() + ", "
                                + age(spec, now).toSeconds() + " s ago by this machine's clock")
                        .orElse("nobody holds the Lease"));
        };
    }

    private static String remedy(Read<Deployment> deployment, Target target) {
        if (!(deployment instanceof Read.Found<Deployment>(Deployment found))) {
            return target.install();
        }
        return wanted(found) == 0
                ? target.start()
                : "kubectl describe pods -n " + target.operatorNamespace()
                        + " -l app.kubernetes.io/name=cleanroom,app.kubernetes.io/component=operator";
    }
}
