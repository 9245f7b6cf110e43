package dev.cleanroom.operator.simulation;

import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Optional;

/** Hands every request on: a fault changes one of them. */
class ApiWrapper implements Api {
    private final Api api;

    ApiWrapper(Api api) {
        this.api = api;
    }

    @Override
    public Answer create(ObjectKey key, HasMetadata object) {
        return api.create(key, object);
    }

    @Override
    public Answer apply(ObjectKey key, HasMetadata object) {
        return api.apply(key, object);
    }

    @Override
    public Answer jsonPatch(ObjectKey key, List<Operation> operations) {
        return api.jsonPatch(key, operations);
    }

    @Override
    public Answer applyStatus(ObjectKey key, HasMetadata fresh) {
        return api.applyStatus(key, fresh);
    }

    @Override
    public Answer delete(ObjectKey key, String uid, String resourceVersion) {
        return api.delete(key, uid, resourceVersion);
    }

    @Override
    public Answer get(ObjectKey key) {
        return api.get(key);
    }

    @Override
    public <T extends HasMetadata> Optional<List<T>> list(
            Resource resource, String namespace, String labelSelector, Class<T> type) {
        return api.list(resource, namespace, labelSelector, type);
    }

    @Override
    public boolean anyExists(Resource resource, String namespace, String labelSelector) {
        return api.anyExists(resource, namespace, labelSelector);
    }
}
