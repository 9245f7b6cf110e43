package dev.cleanroom.operator.check;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Checks whether an operator runs: replicas of its Deployment are available, or a process anywhere renews the Lease.
 */
final class OperatorCheck {
    private static final String WHAT = "operator";
    private static final String UNSEEN =
            "; an operator outside the cluster with --leader-elect=false has no Lease and cannot be detected";

    private OperatorCheck() {}

    static Finding of(Lookup<Deployment> deployment, Lookup<Lease> lease, Instant now, Target target) {
        int available = deployment instanceof Lookup.Found<Deployment>(Deployment found) ? available(found) : 0;
        if (available > 0) {
            return Finding.ok(WHAT + ": available replicas of its Deployment: " + available);
        }
        Optional<LeaseSpec> held = lease instanceof Lookup.Found<Lease>(Lease found) ? held(found) : Optional.empty();
        if (held.isPresent() && age(held.get(), now).negated().compareTo(term(held.get())) > 0) {
            return Finding.note(WHAT, inTheFuture(held.get(), now), watchLease(target));
        }
        if (held.isPresent() && age(held.get(), now).compareTo(term(held.get())) <= 0) {
            return Finding.ok(WHAT + ": " + held.get().getHolderIdentity() + " leads and renews its Lease");
        }
        String denied = Stream.of(deployment, lease)
                .filter(Lookup.Denied.class::isInstance)
                .map(read -> ((Lookup.Denied<?>) read).right())
                .collect(Collectors.joining(" and you may not "));
        String seen = Stream.of(described(deployment), described(lease, held, now))
                .flatMap(Optional::stream)
                .collect(Collectors.joining(", and "));
        return denied.isEmpty()
                ? Finding.missing(WHAT, seen + UNSEEN, remedy(deployment, target))
                : Finding.note(
                        WHAT,
                        "it is not known whether it runs, because you may not " + denied
                                + (seen.isEmpty() ? "" : "; " + seen));
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

    private static Optional<String> described(Lookup<Deployment> deployment) {
        return switch (deployment) {
            case Lookup.Denied<Deployment> _ -> Optional.empty();
            case Lookup.Absent<Deployment> _ -> Optional.of("its Deployment does not exist");
            case Lookup.Found<Deployment>(Deployment found) ->
                Optional.of(
                        wanted(found) == 0
                                ? "its Deployment has spec.replicas 0"
                                : "none of its " + wanted(found) + " replicas is available");
        };
    }

    private static Optional<String> described(Lookup<Lease> lease, Optional<LeaseSpec> held, Instant now) {
        return switch (lease) {
            case Lookup.Denied<Lease> _ -> Optional.empty();
            case Lookup.Absent<Lease> _ ->
                Optional.of("its Lease does not exist, so no operator has been the leader yet");
            case Lookup.Found<Lease> _ ->
                Optional.of(held.map(spec -> "its Lease was last renewed at " + spec.getRenewTime() + ", "
                                + age(spec, now).toSeconds() + " s ago by this machine's clock")
                        .orElse("no process holds its Lease"));
        };
    }

    private static String inTheFuture(LeaseSpec lease, Instant now) {
        return "it is not known whether it runs, because " + lease.getHolderIdentity() + " renewed its Lease at "
                + lease.getRenewTime() + ", " + age(lease, now).negated().toSeconds()
                + " s in the future by this machine's clock, so one of the two clocks is wrong; a leader that runs renews"
                + " it again within " + term(lease).toSeconds() + " s";
    }

    private static String watchLease(Target target) {
        return "kubectl get lease " + target.operatorName() + " -n " + target.operatorNamespace()
                + " -o jsonpath='{.spec.renewTime}{\"\\n\"}' --watch";
    }

    private static String remedy(Lookup<Deployment> deployment, Target target) {
        if (!(deployment instanceof Lookup.Found<Deployment>(Deployment found))) {
            return target.install();
        }
        return wanted(found) == 0
                ? target.start()
                : "kubectl describe pods -n " + target.operatorNamespace()
                        + " -l app.kubernetes.io/name=cleanroom,app.kubernetes.io/component=operator";
    }
}
