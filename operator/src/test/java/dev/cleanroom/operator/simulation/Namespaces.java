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

    private final Map<String, String> uids = new LinkedHashMap<>();
    private int made;

    void create(String name) {
        if (terminating.putIfAbsent(name, false) == null) {
            uids.put(name, name + "-" + ++made);
        }
    }

    /** One that is made again under its name has another. */
    Optional<String> uid(String name) {
        return Optional.ofNullable(uids.get(name));
    }

    void delete(String name) {
        terminating.replace(name, true);
    }

    void finish(String name) {
        terminating.remove(name);
        uids.remove(name);
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
