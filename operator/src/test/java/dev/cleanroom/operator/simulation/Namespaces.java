package dev.cleanroom.operator.simulation;

import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.ObjectKey;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Which namespaces there are, and which are going: nothing is made in those. */
final class Namespaces {
    /** Name to whether it is being deleted. */
    private final Map<String, Boolean> terminating = new LinkedHashMap<>();

    void create(String name) {
        terminating.putIfAbsent(name, false);
    }

    void delete(String name) {
        terminating.replace(name, true);
    }

    void finish(String name) {
        terminating.remove(name);
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
