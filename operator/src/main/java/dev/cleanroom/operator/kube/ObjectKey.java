package dev.cleanroom.operator.kube;

import org.jspecify.annotations.Nullable;

/** The address of one object: its kind, namespace (null for cluster-scoped kinds) and name. */
public record ObjectKey(Resource resource, @Nullable String namespace, String name) {

    String path() {
        return resource.path(namespace) + "/" + name;
    }

    @Override
    public String toString() {
        return resource.kind() + " " + (namespace == null ? name : namespace + "/" + name);
    }
}
