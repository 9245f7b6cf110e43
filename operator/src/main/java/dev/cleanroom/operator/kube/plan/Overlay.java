package dev.cleanroom.operator.kube.plan;

import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Lays the answers of one run over the contents of the caches, so that a decision never waits until a watch delivers
 * the run's own writes.
 */
public final class Overlay {
    private final Map<ObjectKey, Optional<HasMetadata>> known = new LinkedHashMap<>();
    private final Map<ObjectKey, Result> failed = new LinkedHashMap<>();

    public void add(List<Result> results) {
        for (Result result : results) {
            switch (result) {
                case Result.Done done -> known.put(done.write().target(), Optional.ofNullable(done.stored()));
                case Result.NameTaken taken -> {
                    known.put(taken.write().target(), Optional.of(taken.occupant()));
                    failed.put(taken.write().target(), taken);
                }
                case Result.Refused refused -> failed.put(refused.write().target(), refused);
                case Result.Conflict conflict -> failed.put(conflict.write().target(), conflict);
                case Result.Untold untold -> {}
                case Result.Outdated outdated -> failed.put(outdated.write().target(), outdated);
            }
        }
    }

    /** This run's answer if it has one, otherwise the cached object. */
    public <T extends HasMetadata> Optional<T> lookUp(ObjectKey key, Class<T> type, Optional<T> cached) {
        Optional<HasMetadata> answered = known.get(key);
        return answered == null ? cached : answered.filter(type::isInstance).map(type::cast);
    }

    /** The cached objects of a kind, in which this run's answers replace older versions. */
    public <T extends HasMetadata> Collection<T> layOver(Resource resource, Class<T> type, Collection<T> cached) {
        Map<ObjectKey, T> merged = new LinkedHashMap<>();
        for (T object : cached) {
            merged.put(key(resource, object), object);
        }
        known.forEach((key, answered) -> {
            if (key.resource() == resource) {
                merged.remove(key);
                answered.filter(type::isInstance).map(type::cast).ifPresent(object -> merged.put(key, object));
            }
        });
        return merged.values();
    }

    /** The results of this run's writes that failed. */
    public Collection<Result> failures() {
        return failed.values();
    }

    private static ObjectKey key(Resource resource, HasMetadata object) {
        return new ObjectKey(
                resource,
                object.getMetadata().getNamespace(),
                object.getMetadata().getName());
    }
}
