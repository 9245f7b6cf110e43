package dev.cleanroom.operator.trust.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class FailureCodesTest {
    /** Code, cause, remedy: none of them empty. */
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([A-Za-z]+)` \\| [^|]+ \\| [^|]+ \\|$");

    @Test
    void everyCodeIsExplainedAndNoOther() throws IOException {
        String page = Files.readString(Repository.root().resolve("docs/registry.md"));
        List<String> explained =
                ROW.matcher(page).results().map(row -> row.group(1)).toList();

        assertThat(explained)
                .containsExactlyElementsOf(Arrays.stream(FailureCode.values())
                        .map(FailureCode::name)
                        .toList());
    }
}
