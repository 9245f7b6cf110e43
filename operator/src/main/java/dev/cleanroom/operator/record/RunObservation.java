package dev.cleanroom.operator.record;

import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Network;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Observation;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Outcome;
import java.util.Optional;

/**
 * What is known of one ended run beside its pod: how much was observed, and what, and how it was judged.
 *
 * @param network what it asked the network for; empty if it was not observed
 * @param inputs what went into its build; empty if that was not observed
 * @param artifacts what its build made, as far as the environment names it
 * @param judged how it was judged; empty if it was not
 */
public record RunObservation(
        Observation observation,
        Optional<Network> network,
        Optional<RunInputs> inputs,
        RunArtifacts artifacts,
        Optional<JudgedRun> judged) {
    /** Before it is judged, without what its build made. */
    public RunObservation(Observation observation, Optional<Network> network, Optional<RunInputs> inputs) {
        this(observation, network, inputs, RunArtifacts.NONE, Optional.empty());
    }

    RunObservation with(RunArtifacts made) {
        return new RunObservation(observation, network, inputs, made, judged);
    }

    public RunObservation judged(Optional<JudgedRun> judgement) {
        return new RunObservation(observation, network, inputs, artifacts, judgement);
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
