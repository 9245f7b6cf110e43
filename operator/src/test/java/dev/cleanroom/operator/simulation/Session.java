package dev.cleanroom.operator.simulation;

import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Optional;

/** The project's Api as one user of the model. */
record Session(ApiServer server, User user) implements Api {

    @Override
    public Answer create(ObjectKey key, HasMetadata object) {
        return server.create(user, key, object);
    }

    @Override
    public Answer apply(ObjectKey key, HasMetadata object) {
        return server.apply(user, key, object);
    }

    @Override
    public Answer jsonPatch(ObjectKey key, List<Operation> operations) {
        return server.patch(user, key, operations);
    }

    @Override
    public Answer applyStatus(ObjectKey key, HasMetadata fresh) {
        return server.applyStatus(user, key, fresh);
    }

    @Override
    public Answer delete(ObjectKey key, String uid, String resourceVersion) {
        return server.delete(user, key, uid, resourceVersion);
    }

    @Override
    public Answer get(ObjectKey key) {
        return server.get(user, key);
    }

    /** Snapshots are not served by the model's cluster. */
    @Override
    public <T extends HasMetadata> Optional<List<T>> list(
            Resource resource, String namespace, String labelSelector, Class<T> type) {
        if (resource == Resource.VOLUME_SNAPSHOT_CLASS) {
            return Optional.empty();
        }
        return Optional.of(server.all(resource).stream()
                .filter(it -> matches(it, namespace, labelSelector))
                .map(it -> it.as(type))
                .toList());
    }

    @Override
    public boolean anyExists(Resource resource, String namespace, String labelSelector) {
        return server.all(resource).stream().anyMatch(it -> matches(it, namespace, labelSelector));
    }

    /** Selectors as the product writes them: none, a key, or a key and its value. */
    private static boolean matches(Version version, String namespace, String selector) {
        if (namespace != null && !namespace.equals(version.key().namespace())) {
            return false;
        }
        int equals = selector.indexOf('=');
        if (selector.isEmpty()) {
            return true;
        }
        return equals < 0
                ? version.at("/metadata/labels").has(selector)
                : version.label(selector.substring(0, equals)).equals(selector.substring(equals + 1));
    }
}
