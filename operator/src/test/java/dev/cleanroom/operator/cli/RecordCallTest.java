package dev.cleanroom.operator.cli;

import static dev.cleanroom.operator.cli.RecordCalls.call;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.cli.RecordCalls.Called;
import dev.cleanroom.operator.lab.ClosedPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the commands about records say where there is no cluster to look at. Their 1 is an answer, so a mistake is 2. */
class RecordCallTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "show",
                "show Payments",
                "show a;b",
                "show ../pods",
                "show a -n Team",
                "show a -n a/b",
                "show a b",
                "show a -A",
                "diff",
                "diff a B",
                "diff a b c",
                "find",
                "find -A",
                "find a -A -n team",
                "sbom",
                "sbom a/b",
                "sbom a -n",
                "unknown"
            })
    void aWrongCallEndsWithTwo(String arguments) {
        Called called = call(arguments.split(" "));
        assertThat(called.exitCode()).isEqualTo(2);
        assertThat(called.out()).isEmpty();
        assertThat(called.err())
                .isNotEmpty()
                .noneMatch(line -> line.startsWith("\tat ") || line.startsWith("the API server at "));
    }

    @Test
    void aTextToFindIsNeitherBlankNorEndless() {
        assertThat(call("find", " ").err()).first().isEqualTo("TEXT must have 1 to 1000 characters");
        assertThat(call("find", "x".repeat(1_001)).exitCode()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"show a", "diff a b", "diff a", "find a", "find a -A", "sbom a"})
    void aServerThatIsNotThereIsNamed(String arguments, @TempDir Path directory) throws IOException {
        try (ClosedPort port = new ClosedPort()) {
            Path kubeconfig = Files.writeString(directory.resolve("kubeconfig"), """
                    apiVersion: v1
                    kind: Config
                    current-context: c
                    contexts: [{name: c, context: {cluster: c, user: c}}]
                    users: [{name: c, user: {token: none}}]
                    clusters: [{name: c, cluster: {server: "https://%s"}}]
                    """.formatted(port.host()));
            Called called = call((arguments + " --kubeconfig " + kubeconfig).split(" "));
            assertThat(called.exitCode()).isEqualTo(2);
            assertThat(called.out()).isEmpty();
            assertThat(called.err())
                    .singleElement()
                    .asString()
                    .startsWith("the API server at https://" + port.host() + "/ cannot be used: no connection");
        }
    }
}
