package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.cleanroom.api.schema.ListKeys;
import dev.cleanroom.api.schema.Text;
import dev.cleanroom.api.schema.TextKind;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A Secret or a ConfigMap as files. */
@JsonClassDescription("A Secret or a ConfigMap as files.")
public record FileSource(
        @JsonPropertyDescription("Name of the Secret or ConfigMap, in the namespace of the environment.")
        @Required
        @Text(TextKind.DNS_NAME)
        String name,

        @JsonPropertyDescription("Directory in which the files appear.") @Required @Text(TextKind.MOUNT_PATH)
        String mountPath,

        @JsonPropertyDescription(
                "Which keys, and with which paths; when absent or empty, all keys, each under" + " its own name.")
        @Size(max = 32) @ListKeys("path")
        @Nullable List<Item> items) {
    @JsonClassDescription("One key as a file.")
    public record Item(
            @JsonPropertyDescription("Key in the Secret or ConfigMap.") @Required @Text(TextKind.FILE_KEY)
            String key,

            @JsonPropertyDescription("Path of the file below mountPath.") @Required @Text(TextKind.RELATIVE_PATH)
            String path) {}
}
