package dev.cleanroom.operator.simulation;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.kube.Resource;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The launchers in the build containers of pods with phases. Each starts its build when it reaches the beacon, and neither
 * the fetch beacon nor the canary; from the silence of the fetch beacon on, it waits for the rest of that no longer than
 * {@link #DEADLINE}. It does not wait for a quiet time, which would only make less possible.
 */
final class Launchers {
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private final World world;
    private final NetworkPlugin plugin;
    private final WaitsFor waitsFor;
    private final Map<String, Instant> silentSince = new HashMap<>();
    private final Set<String> begun = new LinkedHashSet<>();

    enum Step {
        WAITS,
        BEGINS,
        GIVES_UP
    }

    /** What a launcher waits for: all but {@link #ALL} are faults. */
    enum WaitsFor {
        ALL,
        SILENCE_OF_THE_FETCH_BEACON,
        NOTHING
    }

    Launchers(World world, NetworkPlugin plugin, WaitsFor waitsFor) {
        this.world = world;
        this.plugin = plugin;
        this.waitsFor = waitsFor;
    }

    /** One look of the launcher of a pod whose build container runs, and whose build has not begun. */
    Step look(Version pod) {
        boolean fetch = plugin.reachesCanary(pod, CleanroomApi.FETCH_BEACON_PORT);
        boolean starts = switch (waitsFor) {
            case ALL ->
                plugin.reachesCanary(pod, CleanroomApi.BEACON_PORT)
                        && !fetch
                        && !plugin.reachesCanary(pod, CleanroomApi.CANARY_PORT);
            case SILENCE_OF_THE_FETCH_BEACON -> !fetch;
            case NOTHING -> true;
        };
        if (starts) {
            begun.add(pod.uid());
            return Step.BEGINS;
        }
        if (fetch) {
            silentSince.remove(pod.uid());
            return Step.WAITS;
        }
        silentSince.putIfAbsent(pod.uid(), world.now());
        return world.now().isBefore(deadline(pod)) ? Step.WAITS : Step.GIVES_UP;
    }

    String outcome(Version pod) {
        return plugin.reachesCanary(pod, CleanroomApi.CANARY_PORT) ? "PolicyNotEnforced" : "GateUnreachable";
    }

    private Instant deadline(Version pod) {
        return silentSince.get(pod.uid()).plus(DEADLINE);
    }

    /** Whether instructions of the build were run: in a pod without phases from the start of its container on. */
    boolean hasBegun(Version pod) {
        return !pod.isClosedForItsBuild() || begun.contains(pod.uid());
    }

    /** The pods with phases in which a build runs. */
    List<Version> building() {
        return world.server().all(Resource.POD).stream()
                .filter(pod -> begun.contains(pod.uid()) && !pod.hasEnded())
                .toList();
    }

    /** When the next one gives up. */
    Optional<Instant> nextDeadline() {
        return world.server().all(Resource.POD).stream()
                .filter(pod -> !begun.contains(pod.uid()) && !pod.hasEnded() && silentSince.containsKey(pod.uid()))
                .map(this::deadline)
                .min(Instant::compareTo);
    }
}
