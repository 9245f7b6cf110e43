package dev.cleanroom.operator.record;

import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Network;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Observation;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Outcome;
import java.util.Optional;

/**
 * What is known of one ended run beside its pod: how much was observed, and what.
 *
 * @param network what it asked the network for; empty if it was not observed
 * @param inputs what went into its build; empty if that was not observed
 * @param judged how it was judged; empty if it was not
 */
public record RunObservation(
        Observation observation, Optional<Network> network, Optional<RunInputs> inputs, Optional<JudgedRun> judged) {
    /** Before it is judged. */
    public RunObservation(Observation observation, Optional<Network> network, Optional<RunInputs> inputs) {
        this(observation, network, inputs, Optional.empty());
    }

    public RunObservation judged(Optional<JudgedRun> judged) {
        return new RunObservation(observation, network, inputs, judged);
    }

    static RunObservation complete(Network network, Optional<RunInputs> inputs) {
        return new RunObservation(new Observation(Outcome.Complete, null, null), Optional.of(network), inputs);
    }

    static RunObservation partial(String reason, String message, Network network, Optional<RunInputs> inputs) {
        return new RunObservation(new Observation(Outcome.Partial, reason, message), Optional.of(network), inputs);
    }

    static RunObservation unobserved(String reason, String message) {
        return new RunObservation(
                new Observation(Outcome.Unobserved, reason, message), Optional.empty(), Optional.empty());
    }

    /** The pod's log was not waited for. */
    public static RunObservation ofEndingPod() {
        return unobserved(
                ObservationReasons.POD_ENDING,
                "the pod was being deleted, or ran longer than spec.maxLifetime, so its observer's log was not waited for");
    }
}
