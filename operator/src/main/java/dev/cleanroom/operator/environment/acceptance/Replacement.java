package dev.cleanroom.operator.environment.acceptance;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.OnExit;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.api.v1alpha1.Rebuild;
import dev.cleanroom.operator.classes.EffectiveResponse;
import dev.cleanroom.operator.environment.model.Incident;
import dev.cleanroom.operator.environment.model.Observed;
import dev.cleanroom.operator.pod.BuildPod;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Whether a clean pod may replace one under suspicion.
 *
 * <ol>
 *   <li>Automatic: at once, but not after more incidents than the class allows in its window, since an attack that
 *       returns with each rebuild would run forever.
 *   <li>Manual: when the incident is closed.
 *   <li>Never: not in this environment. An environment that is deleted and created again starts without its
 *       incidents.
 * </ol>
 * A held pod that has no incident yet counts as one with an open incident.
 *
 * @param waiting slots that get no pod now
 * @param limitReached set if there were more incidents than the class allows, so that no pod is replaced for now
 * @param opensAt when the oldest incident that counts leaves the window
 */
public record Replacement(
        Rebuild rebuild, Set<Integer> waiting, Optional<Obstacle> limitReached, Optional<Instant> opensAt) {

    public static Replacement of(Observed observed, Acceptance acceptance, Instant now) {
        if (!(acceptance instanceof Acceptance.Accepted accepted)) {
            return new Replacement(Rebuild.Automatic, Set.of(), Optional.empty(), Optional.empty());
        }
        BuildEnvironmentSpec spec = observed.environment().getSpec();
        Rebuild rebuild = EffectiveResponse.of(spec, accepted.limits()).rebuild();
        return rebuild == Rebuild.Automatic
                ? limited(observed, EffectiveResponse.limit(accepted.limits()), now)
                : new Replacement(rebuild, waiting(observed, rebuild), Optional.empty(), Optional.empty());
    }

    /** A task whose pod is not replaced has ended; the other pods of an agent continue. */
    public boolean ends(BuildEnvironmentSpec spec) {
        return spec.onExit() != OnExit.Replace && rebuild == Rebuild.Never && !waiting.isEmpty();
    }

    private static Set<Integer> waiting(Observed observed, Rebuild rebuild) {
        Set<Integer> waiting = new TreeSet<>();
        List<Incident> incidents = observed.owned().incidents();
        incidents.stream()
                .filter(incident -> rebuild == Rebuild.Never || !incident.closed())
                .forEach(incident -> waiting.add(incident.slot().slot()));
        heldWithoutIncident(observed).forEach(pod -> waiting.add(pod.id().slot()));
        return waiting;
    }

    /** The pod was quarantined a moment ago: its incident is about to be opened, or not in the cache yet. */
    private static Stream<BuildPod> heldWithoutIncident(Observed observed) {
        return observed.owned().pods().stream()
                .filter(BuildPod::held)
                .filter(pod -> !observed.owned()
                        .reported()
                        .contains(pod.id().precondition().uid()));
    }

    private static Replacement limited(Observed observed, EffectiveResponse.Limit limit, Instant now) {
        List<Instant> counted = Stream.concat(
                        heldWithoutIncident(observed).map(pod -> now),
                        observed.owned().incidents().stream().map(Incident::opened))
                .filter(opened -> opened.plus(limit.window()).isAfter(now))
                .sorted(Comparator.reverseOrder())
                .toList();
        if (counted.size() <= limit.incidents()) {
            return new Replacement(Rebuild.Automatic, Set.of(), Optional.empty(), Optional.empty());
        }
        Instant opensAt = counted.get(limit.incidents()).plus(limit.window());
        return new Replacement(
                Rebuild.Automatic,
                Set.of(),
                Optional.of(new Obstacle(
                        Reasons.REBUILD_LIMIT_REACHED,
                        "There were more than " + limit.incidents() + " incidents within "
                                + limit.window().toMinutes()
                                + " minutes, so pods are not replaced before " + opensAt
                                + ". See what each replacement ran into: kubectl get incident -n "
                                + observed.namespace()
                                + " -l " + CleanroomApi.ENVIRONMENT_LABEL + "=" + observed.name(),
                        true,
                        false)),
                Optional.of(opensAt));
    }
}
