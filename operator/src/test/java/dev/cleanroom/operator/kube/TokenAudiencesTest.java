package dev.cleanroom.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenAudiencesTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{\"aud\": [\"a\", \"b\"], \"iss\": \"c\"}; a b c",
                "{\"aud\": \"a\", \"iss\": \"a\"}; a",
                "{\"aud\": [1], \"iss\": {}}; ''",
                "{\"sub\": \"a\"}; ''"
            })
    void audiencesAndIssuerAreRead(String claims, String expected) {
        assertThat(String.join(" ", TokenAudiences.of("e30." + base64(claims) + ".c2ln")))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "secret", "a.b.c", "a.!!!.c", "..", "a.W10.c"})
    void aTokenThatIsNoJwtTellsNothing(@Nullable String token) {
        assertThat(TokenAudiences.of(token)).isEmpty();
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
