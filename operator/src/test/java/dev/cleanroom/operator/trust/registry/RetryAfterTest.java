package dev.cleanroom.operator.trust.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryAfterTest {

    @ParameterizedTest
    @CsvSource({
        "0, PT0S",
        "7, PT7S",
        "' 7 ', PT7S",
        "999999999, PT10M",
        "'Tue, 24 Nov 2026 12:01:00 GMT', PT1M",
        "'Tue, 24 Nov 2026 11:00:00 GMT', PT0S",
        "'Thu, 24 Nov 2050 12:00:00 GMT', PT10M"
    })
    void isReadWithinItsBounds(String value, Duration expected) {
        assertThat(RetryAfter.read(value, new FakeClock())).contains(expected);
    }

    @Test
    void whatIsNeitherSecondsNorADateIsNothing() {
        for (String value : new String[] {"", "-1", "1.5", "soon", "99999999999999999999", "Tue, 99 Nov 2026"}) {
            assertThat(RetryAfter.read(value, new FakeClock())).isEmpty();
        }
    }
}
