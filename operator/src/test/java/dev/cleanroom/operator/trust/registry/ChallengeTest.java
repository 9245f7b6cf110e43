package dev.cleanroom.operator.trust.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChallengeTest {
    private static List<Challenge> read(String... headers) {
        return Challenge.read(List.of(headers));
    }

    @Test
    void parametersMayStandInAnyOrderWithAnySpaces() {
        assertThat(
                        read(
                                "Bearer scope=\"repository:a:pull,push\" , SERVICE = lab,realm=\"https://t.example.com/token\""))
                .containsExactly(new Challenge(
                        "bearer",
                        Map.of(
                                "realm",
                                "https://t.example.com/token",
                                "service",
                                "lab",
                                "scope",
                                "repository:a:pull,push")));
    }

    @Test
    void severalChallengesStandInOneHeaderOrMany() {
        List<Challenge> two =
                List.of(new Challenge("basic", Map.of("realm", "a")), new Challenge("bearer", Map.of("realm", "b")));

        assertThat(read("Basic realm=\"a\", Bearer realm=\"b\"")).isEqualTo(two);
        assertThat(read("Basic realm=\"a\"", "Bearer realm=\"b\"")).isEqualTo(two);
    }

    @Test
    void firstOfTwoEqualParametersCounts() {
        assertThat(read("Bearer realm=a, realm=b")).containsExactly(new Challenge("bearer", Map.of("realm", "a")));
    }

    @Test
    void quotedPairsAreTakenApart() {
        assertThat(read("Basic realm=\"a\\\"b\\\\c\""))
                .containsExactly(new Challenge("basic", Map.of("realm", "a\"b\\c")));
    }

    @Test
    void whatBreaksTheGrammarIsLeftOut() {
        assertThat(read("realm=a")).isEmpty();
        assertThat(read("")).isEmpty();
        assertThat(read("=")).isEmpty();
        assertThat(read("Basic realm=\"a")).containsExactly(new Challenge("basic", Map.of()));
        assertThat(read("Basic", "realm=\"a\"")).containsExactly(new Challenge("basic", Map.of()));
    }

    @Test
    void longHeadersAreNoTrouble() {
        assertThat(read("Bearer realm=\"" + "\\\\".repeat(100_000) + "\"")).hasSize(1);
        assertThat(read("a ".repeat(100_000))).hasSize(100_000);
    }
}
