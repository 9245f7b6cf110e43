package dev.cleanroom.operator.kube;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.io.IOException;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps only an object's name, namespace, uid and resourceVersion, and its labels and annotations under cleanroom.dev/, but
 * for what was requested of a pod: that is longer than all else together, and only the guard rail reads it.
 */
final class MetadataDeserializer<R extends HasMetadata> extends JsonDeserializer<R> {
    private static final String PREFIX = CleanroomApi.GROUP + "/";

    private final Class<R> type;
    private final Supplier<R> factory;

    MetadataDeserializer(Class<R> type, Supplier<R> factory) {
        this.type = type;
        this.factory = factory;
    }

    @Override
    public Class<R> handledType() {
        return type;
    }

    @Override
    public R deserialize(JsonParser parser, DeserializationContext context) throws IOException {
        JsonNode tree = parser.readValueAsTree();
        ObjectMeta read = parser.getCodec().treeToValue(tree.path("metadata"), ObjectMeta.class);
        ObjectMeta kept = new ObjectMeta();
        kept.setName(read.getName());
        kept.setNamespace(read.getNamespace());
        kept.setUid(read.getUid());
        kept.setResourceVersion(read.getResourceVersion());
        kept.setLabels(ours(read.getLabels()));
        kept.setAnnotations(ours(read.getAnnotations()));
        R object = factory.get();
        object.setMetadata(kept);
        return object;
    }

    private static Map<String, String> ours(@Nullable Map<String, String> all) {
        return all == null
                ? Map.of()
                : all.entrySet().stream()
                        .filter(entry -> entry.getKey().startsWith(PREFIX)
                                && !entry.getKey().equals(CleanroomApi.REQUESTED_ANNOTATION))
                        .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }
}
