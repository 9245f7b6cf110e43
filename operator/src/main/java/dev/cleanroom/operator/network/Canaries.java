package dev.cleanroom.operator.network;

import dev.cleanroom.operator.pod.BuildPod;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The canaries that a gate connects to.
 *
 * @param namespace the namespace of the operator and its canaries
 * @param addresses the addresses of the ready canaries, of every family, sorted; empty when no canary is ready
 */
public record Canaries(String namespace, List<String> addresses) {
    /** The most addresses that a gate gets, because it tries each of them in every round. */
    static final int MOST_ADDRESSES = 16;

    /** An address becomes an argument of the gate, so it must not look like a flag. */
    private static final Pattern ADDRESS = Pattern.compile("[0-9A-Fa-f][0-9A-Fa-f:.]{1,44}");

    public Canaries {
        addresses = List.copyOf(addresses);
    }

    /** The command that lists all canaries. */
    public static String lookUp(String namespace) {
        return "kubectl get pods -o wide -n " + namespace + " -l app.kubernetes.io/component=canary";
    }

    public boolean unavailable() {
        return addresses.isEmpty();
    }

    /** Takes pods in the order of their names while all of their addresses fit, so that no pod loses a family. */
    public static Canaries of(String namespace, Collection<Pod> pods) {
        var addresses = new ArrayList<String>();
        pods.stream()
                .filter(Canaries::isReady)
                .sorted(Comparator.comparing(pod -> pod.getMetadata().getName()))
                .map(pod -> addressesOf(pod).toList())
                .forEach(own -> {
                    if (addresses.size() + own.size() <= MOST_ADDRESSES) {
                        addresses.addAll(own);
                    }
                });
        return new Canaries(namespace, addresses.stream().sorted().distinct().toList());
    }

    /** Whether two versions of one canary differ for a gate. */
    public static boolean differ(Pod before, Pod after) {
        return isReady(before) != isReady(after)
                || !addressesOf(before).toList().equals(addressesOf(after).toList());
    }

    private static boolean isReady(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() == null
                && pod.getStatus() != null
                && BuildPod.hasTrue(pod, "Ready")
                && addressesOf(pod).findAny().isPresent();
    }

    private static Stream<String> addressesOf(Pod pod) {
        return pod.getStatus() == null || pod.getStatus().getPodIPs() == null
                ? Stream.empty()
                : pod.getStatus().getPodIPs().stream()
                        .map(address -> address.getIp())
                        .filter(address ->
                                address != null && ADDRESS.matcher(address).matches());
    }
}
