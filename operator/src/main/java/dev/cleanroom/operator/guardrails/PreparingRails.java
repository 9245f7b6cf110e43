package dev.cleanroom.operator.guardrails;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether the guard rails that know the state preparing are in force. During an upgrade, those of an older chart may
 * still be stored: they would refuse a kubelet's status of such a pod and take the pod for evidence, and nothing would
 * keep others from starting its build or entering it.
 */
final class PreparingRails {
    /** The guard rails that treat a preparing pod differently from the other states. */
    static final Set<String> NAMES = Set.of(
            "state-moves-forward.cleanroom.dev",
            "build-pods-are-ours.cleanroom.dev",
            "evidence-stays.cleanroom.dev",
            "no-deletion-by-force.cleanroom.dev",
            "preparing-pods-are-not-entered.cleanroom.dev",
            "quarantine.cleanroom.dev");

    /** Measured: an API server applies a stored policy up to 350 ms later. */
    static final Duration APPLIED_WITHIN = Duration.ofSeconds(1);

    private volatile @Nullable Comparison last;

    /**
     * @param faulty the names of those that are not in force as the chart has them, sorted
     * @param since when a comparison found the same first
     */
    private record Comparison(List<String> faulty, Instant since) {}

    void seen(List<GuardRails.RailState> states, Instant now) {
        List<String> faulty = states.stream()
                .filter(rail -> NAMES.contains(rail.name()) && rail.fault().isPresent())
                .map(GuardRails.RailState::name)
                .distinct()
                .sorted()
                .toList();
        Comparison before = last;
        last = before != null && before.faulty().equals(faulty) ? before : new Comparison(faulty, now);
    }

    /** A sentence for the message of a condition; empty if all are in force. */
    Optional<String> notReady(Instant now) {
        Comparison seen = last;
        if (seen == null) {
            return Optional.of("The operator has not read the guard rails yet and reads them within seconds");
        }
        if (!seen.faulty().isEmpty()) {
            return Optional.of("Guard rails that know the state preparing are not in force as this version's chart has"
                    + " them: " + String.join(", ", seen.faulty())
                    + ". An upgrade replaces them within seconds; otherwise cleanroom check prints the command that"
                    + " restores them");
        }
        return now.isBefore(seen.since().plus(APPLIED_WITHIN))
                ? Optional.of("The guard rails have just been stored, and the API server applies them within a second")
                : Optional.empty();
    }
}
