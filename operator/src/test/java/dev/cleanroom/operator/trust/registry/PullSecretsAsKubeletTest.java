package dev.cleanroom.operator.trust.registry;

import static dev.cleanroom.operator.trust.registry.Asked.code;
import static dev.cleanroom.operator.trust.registry.Asked.found;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Which users are tried for an image, and in which order. The lab's {@code internal/kubelet} holds the member
 * {@code kubelet} of the same file to a kubelet's own code; where the operator tries others, {@code why} has the reason.
 */
class PullSecretsAsKubeletTest {
    static Stream<Arguments> cases() throws IOException {
        try (InputStream in = Objects.requireNonNull(
                PullSecretsAsKubeletTest.class.getResourceAsStream("/kubelet/pull-secrets.json"))) {
            return StreamSupport.stream(new ObjectMapper().readTree(in).spliterator(), false)
                    .map(row -> Arguments.arguments(row.path("about").asText(), row))
                    .toList()
                    .stream();
        }
    }

    private static RegistryAnswer<Credentials> read(JsonNode secrets) {
        List<PullSecrets.Source> sources = new ArrayList<>();
        for (JsonNode secret : secrets) {
            PullSecrets.Form.ofType(secret.path("type").asText())
                    .ifPresent(form -> sources.add(new PullSecrets.Source(
                            "pull", form, Content.bytes(secret.path("value").asText()))));
        }
        return PullSecrets.read(sources);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void theSameUsersAreTriedInTheSameOrder(String about, JsonNode row) {
        assertThat(row.has("why")).isEqualTo(row.has("cleanroom"));
        JsonNode expected = row.has("cleanroom") ? row.path("cleanroom") : row.path("kubelet");
        RegistryAnswer<Credentials> credentials = read(row.path("secrets"));
        if (expected.isTextual()) {
            assertThat(code(credentials)).isEqualTo(FailureCode.CredentialsMalformed);
            return;
        }
        Repository repository =
                found(ImageReference.parse(row.path("image").asText())).repository();

        assertThat(found(credentials).matching(repository.registry(), repository.path()))
                .extracting(Credential::username)
                .containsExactlyElementsOf(StreamSupport.stream(expected.spliterator(), false)
                        .map(JsonNode::asText)
                        .toList());
    }
}
