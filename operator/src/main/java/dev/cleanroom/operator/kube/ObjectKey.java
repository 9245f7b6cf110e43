package dev.cleanroom.operator.kube;

import org.jspecify.annotations.Nullable;

/** One object's address: its kind, namespace (none for cluster-wide kinds) and name. */
public record ObjectKey(Resource resource, @Nullable String namespace, String name) {

    String path() {
        return resource.path(namespace) + "/" + name;
    }

    @Override
    public String toString() {
        return resource.kind() + " " + (namespace == null ? name : namespace + "/" + name);
    }
}
