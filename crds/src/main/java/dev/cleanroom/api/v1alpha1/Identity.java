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

/** How other systems know the pods. The class says which audiences and annotations it allows. */
@JsonClassDescription("How other systems know the pods. The class must allow it.")
public record Identity(
        @JsonPropertyDescription(
                "Audiences of the projected tokens, each a file in /var/run/secrets/cleanroom. The API server's"
                        + " own audience is never allowed: its usual names are refused when the object is written,"
                        + " and the audiences of the operator's own token are reported by a condition. The file"
                        + " has the name of the audience if that is up to 200 letters, digits, '.', '_' or '-',"
                        + " not beginning with '.'. Otherwise each run of other characters becomes '-', and '@'"
                        + " and the first 10 digits of the audience's SHA-256 follow: printf %s AUDIENCE |"
                        + " sha256sum.")
        @Required
        @Size(min = 1, max = 8) @ListKeys
        List<@Text(TextKind.AUDIENCE) String> audiences,

        @JsonPropertyDescription("Annotations of the environment's ServiceAccount, such as a cloud role to assume.")
        @Size(max = 32) @ValidationRule(value = Identity.NOT_OURS, message = Identity.NOT_OURS_MESSAGE)
        @Nullable Map<String, @Text(TextKind.SHORT) String> annotations,

        @JsonPropertyDescription(
                "Which steps get the tokens: Prepare, the prepare steps; Build, the build. When absent, all of them.")
        @Size(min = 1, max = 2) @ListKeys
        @Nullable List<Phase> phases) {
    static final String NOT_OURS = "self.all(k, !k.startsWith('cleanroom.dev/'))";
    static final String NOT_OURS_MESSAGE =
            "keys beginning with cleanroom.dev/ are reserved for the operator:" + " remove them";
}
