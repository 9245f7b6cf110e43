package dev.cleanroom.operator.incident.model;

import dev.cleanroom.operator.kube.ObjectKey;
import java.util.Collection;
import java.util.List;

/**
 * The environments that use an image, which its denial stops. A tenant reads this in the incident, so environments
 * of other namespaces are only counted.
 *
 * @param named some of the incident's own namespace, sorted
 * @param own how many there are in that namespace
 * @param others how many there are in all others
 */
public record StoppedBuilds(List<String> named, int own, int others) {
    static final int MOST_NAMED = 10;

    public StoppedBuilds {
        named = List.copyOf(named);
    }

    public static StoppedBuilds of(Collection<ObjectKey> environments, String namespace) {
        List<String> own = environments.stream()
                .filter(environment -> namespace.equals(environment.namespace()))
                .map(ObjectKey::name)
                .sorted()
                .toList();
        return new StoppedBuilds(
                own.subList(0, Math.min(own.size(), MOST_NAMED)), own.size(), environments.size() - own.size());
    }

    /** For a message: {@code stops 2 environments of this namespace (agents, web) and 7 of other namespaces}. */
    public String message() {
        return "stops " + own + (own == 1 ? " environment" : " environments") + " of this namespace"
                + (named.isEmpty()
                        ? ""
                        : " (" + String.join(", ", named) + (own > named.size() ? ", and others" : "") + ")")
                + " and " + others + " of other namespaces";
    }
}
