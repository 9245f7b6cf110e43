package dev.cleanroom.operator.environment.model;

import dev.cleanroom.api.v1alpha1.Phase;
import dev.cleanroom.operator.kube.plan.Write.Precondition;
import dev.cleanroom.operator.pod.BuildPod;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The objects that carry the environment's label: its own, and those that are left from a former environment of its
 * name.
 *
 * @param egressPolicies the policies that open its pods, by the phase in which they do
 * @param incidents about its own pods
 * @param reported uids of the pods that have an incident, including those of a former environment
 * @param refusals why held pods have no incident, in the API server's words, by the pod's name
 * @param records of its own runs
 */
public record Owned(
        List<BuildPod> pods,
        Map<Phase, Stored> egressPolicies,
        Optional<Stored> account,
        List<Incident> incidents,
        Set<String> reported,
        Map<String, String> refusals,
        RunRecords records) {
    public Owned {
        pods = List.copyOf(pods);
        egressPolicies = Map.copyOf(egressPolicies);
        incidents = List.copyOf(incidents);
        reported = Set.copyOf(reported);
        refusals = Map.copyOf(refusals);
    }

    public Optional<Stored> egressPolicy(Phase phase) {
        return Optional.ofNullable(egressPolicies.get(phase));
    }

    /** Whether a pod takes its slot: it has not ended, or its end is not counted yet because its log is being read. */
    public boolean occupies(BuildPod pod) {
        return !pod.finished() || records.awaits(pod);
    }

    /** Whether a held pod has no incident yet. No event reports that the API server refuses one. */
    public boolean awaitsIncident() {
        return pods.stream()
                .anyMatch(pod ->
                        pod.held() && !reported.contains(pod.id().precondition().uid()));
    }

    /** The pods under suspicion that have tokens of the account that is stored now. */
    public List<BuildPod> exposing() {
        Optional<String> stored = account.map(current -> current.precondition().uid());
        return pods.stream()
                .filter(BuildPod::held)
                .filter(pod -> stored.isPresent() && pod.origin().accountUid().equals(stored))
                .toList();
    }

    /** uids of the pods that are or were under suspicion: the images of what replaces them are verified afresh (I5). */
    public Set<String> suspects() {
        return Stream.concat(
                        pods.stream()
                                .filter(BuildPod::held)
                                .map(pod -> pod.id().precondition().uid()),
                        reported.stream())
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * A policy or an account as the caches have it.
     *
     * @param hash of the fields that matter: the policy's spec, the account's annotations and token switch
     * @param labelled whether it has a label of Cleanroom's; without one, somebody else created it under the name
     */
    public record Stored(
            Precondition precondition, @Nullable String ownerUid, String hash, boolean terminating, boolean labelled) {}
}
