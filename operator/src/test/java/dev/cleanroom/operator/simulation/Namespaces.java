package dev.cleanroom.operator.simulation;

import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.ObjectKey;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Which namespaces there are, and which are going: nothing is made in those. */
final class Namespaces {
    /** Name to whether it is being deleted. */
    private final Map<String, Boolean> terminating = new LinkedHashMap<>();

    private final Map<String, Instant> created = new LinkedHashMap<>();
    private final Clock clock;

    Namespaces(Clock clock) {
        this.clock = clock;
    }

    void create(String name) {
        if (terminating.putIfAbsent(name, false) == null) {
            created.put(name, clock.instant().truncatedTo(ChronoUnit.SECONDS));
        }
    }

    /** Empty for one that does not exist. */
    Optional<Instant> created(String name) {
        return Optional.ofNullable(created.get(name));
    }

    void delete(String name) {
        terminating.replace(name, true);
    }

    void finish(String name) {
        terminating.remove(name);
        created.remove(name);
    }

    boolean exists(String name) {
        return terminating.containsKey(name);
    }

    boolean isTerminating(String name) {
        return terminating.getOrDefault(name, false);
    }

    Optional<Answer> refuses(ObjectKey key) {
        if (key.namespace() == null) {
            return Optional.empty();
        }
        if (!exists(key.namespace())) {
            return Optional.of(new Answer.Rejected(404, "NotFound", "namespace " + key.namespace() + " not found"));
        }
        return isTerminating(key.namespace())
                ? Optional.of(new Answer.Rejected(
                        403,
                        "Forbidden",
                        "unable to create new content in namespace " + key.namespace()
                                + " because it is being terminated"))
                : Optional.empty();
    }
}
