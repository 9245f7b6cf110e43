package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.cleanroom.api.schema.ListKeys;
import dev.cleanroom.api.schema.Text;
import dev.cleanroom.api.schema.TextKind;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Who the pods are to others; the class says which audiences and annotations it allows. */
@JsonClassDescription("Who the pods are to other systems. The class must allow it.")
public record Identity(
        @JsonPropertyDescription(
                "Audiences of the projected tokens, a file each in /var/run/secrets/cleanroom; never the API server's own: its"
                        + " usual names are refused here, and what the operator's own token calls it by a condition."
                        + " The file is called as the audience is, if that is up to 200 letters, digits, '.', '_' or"
                        + " '-', not beginning with '.'. Else each run of other characters becomes '-', and '@' and the"
                        + " first 10 digits of the audience's SHA-256 follow: printf %s AUDIENCE | sha256sum.")
        @Required
        @Size(min = 1, max = 8) @ListKeys
        List<@Text(TextKind.AUDIENCE) String> audiences,

        @JsonPropertyDescription("Annotations of the environment's ServiceAccount, such as a cloud role to assume.")
        @Size(max = 32) @ValidationRule(value = Identity.NOT_OURS, message = Identity.NOT_OURS_MESSAGE)
        @Nullable Map<String, @Text(TextKind.SHORT) String> annotations) {
    static final String NOT_OURS = "self.all(k, !k.startsWith('cleanroom.dev/'))";
    static final String NOT_OURS_MESSAGE = "keys beginning with cleanroom.dev/ are kept for the operator: remove them";
}
