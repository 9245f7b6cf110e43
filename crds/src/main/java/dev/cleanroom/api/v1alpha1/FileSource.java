package dev.cleanroom.api.v1alpha1;

import java.util.List;

/** A Secret or a ConfigMap as files. */
public record FileSource(String name, String mountPath, List<Item> items) {
    public record Item(String key, String path) {}
}
