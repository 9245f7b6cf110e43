package dev.cleanroom.operator.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.kube.Resource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The network plug-in: what a pod can reach follows what is stored, later, and one policy of one pod at a time, in any
 * order. Only pods with phases are of interest.
 */
final class NetworkPlugin {
    /** What is in force, by uids: the egress rules of a policy for a pod that it selected. */
    private final Map<Applied, List<JsonNode>> inForce = new LinkedHashMap<>();

    private final World world;
    private final boolean fetchBeaconIsApart;

    private record Applied(String pod, String policy, String part) {}

    private record Update(String what, Runnable apply) {}

    NetworkPlugin(World world, boolean fetchBeaconIsApart) {
        this.world = world;
        this.fetchBeaconIsApart = fetchBeaconIsApart;
    }

    boolean step(Random random) {
        List<Update> updates = updates();
        return !updates.isEmpty() && did(updates.get(random.nextInt(updates.size())));
    }

    /** Whether a connection to the port of a canary gets through. */
    boolean reachesCanary(Version pod, int port) {
        return reaches(
                pod,
                rule -> rule.path("ports")
                        .valueStream()
                        .anyMatch(allowed -> allowed.path("port").asInt() == port));
    }

    boolean reaches(Version pod, String cidr) {
        return reaches(
                pod,
                rule -> rule.path("to")
                        .valueStream()
                        .anyMatch(peer -> peer.at("/ipBlock/cidr").asText().equals(cidr)));
    }

    /** A pod that no policy selects is open, as everywhere in Kubernetes. */
    private boolean reaches(Version pod, Predicate<JsonNode> rule) {
        List<List<JsonNode>> policies = inForce.entrySet().stream()
                .filter(entry -> entry.getKey().pod().equals(pod.uid()))
                .map(Map.Entry::getValue)
                .toList();
        return policies.isEmpty()
                || policies.stream().anyMatch(rules -> rules.stream().anyMatch(rule));
    }

    private List<Update> updates() {
        List<Update> updates = new ArrayList<>();
        Set<Applied> gone = new LinkedHashSet<>(inForce.keySet());
        for (Version pod : world.server().all(Resource.POD)) {
            if (!pod.isClosedForItsBuild()) {
                continue;
            }
            for (Version policy : world.server().all(Resource.NETWORK_POLICY)) {
                if (pod.key().namespace().equals(policy.key().namespace()) && PodSelector.selects(policy, pod)) {
                    parts(policy).forEach((part, rules) -> {
                        Applied applied = new Applied(pod.uid(), policy.uid(), part);
                        gone.remove(applied);
                        if (!rules.equals(inForce.get(applied))) {
                            updates.add(
                                    new Update(policy.key() + " for " + pod.key(), () -> inForce.put(applied, rules)));
                        }
                    });
                }
            }
        }
        gone.forEach(it -> updates.add(new Update("no longer " + it, () -> inForce.remove(it))));
        return updates;
    }

    /** A policy is applied as a whole, but for the fault that makes two of one. */
    private Map<String, List<JsonNode>> parts(Version policy) {
        Map<String, List<JsonNode>> parts = policy.at("/spec/egress")
                .valueStream()
                .collect(Collectors.groupingBy(
                        rule -> fetchBeaconIsApart && allows(rule, CleanroomApi.FETCH_BEACON_PORT) ? "beacon" : "all",
                        LinkedHashMap::new,
                        Collectors.toList()));
        parts.putIfAbsent("all", List.of());
        return parts;
    }

    private static boolean allows(JsonNode rule, int port) {
        return rule.path("ports")
                .valueStream()
                .anyMatch(allowed -> allowed.path("port").asInt() == port);
    }

    private boolean did(Update update) {
        update.apply().run();
        world.trace("PLUG-IN applies " + update.what());
        return true;
    }
}
