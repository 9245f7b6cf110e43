package dev.cleanroom.operator.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleanroom.api.schema.Durations;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
    /** Everything that the schema lets through: the parts in any order, more than once. */
    @ParameterizedTest
    @CsvSource({"4h, PT4H", "90m, PT90M", "1h30m, PT1H30M", "30m1h, PT1H30M", "1h1h, PT2H", "1s2m3h, PT3H2M1S"})
    void readsWhatTheSchemaAllows(String text, Duration duration) {
        assertThat(Durations.parse(text)).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "soon", "4", "h", "-4h", "4h ", "4d", "1h1h1h1h", "PT4H"})
    void refusesWhatItDoesNot(String text) {
        assertThatThrownBy(() -> Durations.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
