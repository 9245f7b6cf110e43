package dev.cleanroom.operator.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Repository;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ObservationReasonsTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(?:Partial|Unobserved)` \\| `(\\w+)` \\|");

    @Test
    void theReferenceExplainsEachReasonAndNoOther() throws IOException {
        String page = Files.readString(Repository.root().resolve("docs/reference/api.md"));
        assertThat(ROW.matcher(page).results().map(row -> row.group(1)))
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(ObservationReasons.class.getDeclaredFields())
                        .filter(field -> Modifier.isPublic(field.getModifiers()))
                        .map(ObservationReasonsTest::value)
                        .toList());
    }

    private static String value(Field reason) {
        try {
            return (String) reason.get(null);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }
}
