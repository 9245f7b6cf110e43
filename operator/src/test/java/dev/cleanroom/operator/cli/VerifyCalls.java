package dev.cleanroom.operator.cli;

import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleanroom.operator.lab.ClosedPort;
import dev.cleanroom.operator.lab.LabRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Calls of the command against real registries with images that a real client signed; files are named by one word. */
@Tag("lab")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class VerifyCalls {
    private static final String POLICY = """
            apiVersion: cleanroom.dev/v1alpha1
            kind: TrustPolicy
            metadata: {name: %s}
            spec:
            """;

    Path directory;
    LabRegistry lab;
    final ClosedPort closed = new ClosedPort();
    LabRegistry withAccount;
    String builders;

    /** What a call printed, and how it ended. */
    record Called(int exitCode, List<String> out, String err) {
        JsonNode json() throws IOException {
            return new ObjectMapper().readTree(String.join("\n", out));
        }
    }

    @BeforeAll
    void start(@TempDir Path shared) throws IOException {
        directory = shared;
        lab = LabRegistry.start("--builders", directory.resolve("keys").toString());
        withAccount = LabRegistry.start(
                "--basic-auth", "--builders", directory.resolve("account").toString());
        file(
                "registries",
                "\"%s\": {plainHttp: true, anyAddress: true}\n"
                        .repeat(3)
                        .formatted(lab.address(), withAccount.address(), closed.host()));
        builders = policy("builders", lab);
        file("builders", builders + keys("keys"));
    }

    @AfterAll
    void stop() throws IOException {
        lab.close();
        withAccount.close();
        closed.close();
    }

    Path file(String name) {
        return directory.resolve(name);
    }

    String path(String name) {
        return file(name).toString();
    }

    void file(String name, String content) throws IOException {
        Files.writeString(file(name), content);
    }

    /** About the builders of a registry, with a key that is in the ConfigMap {@code keys}. */
    static String policy(String name, LabRegistry registry, String... more) {
        return policy(name, registry.address(), more);
    }

    static String policy(String name, String host, String... more) {
        return POLICY.formatted(name)
                + """
                  images: ["%s/builders/**"]
                  authorities: [{name: release, key: {configMapRef: {name: keys, key: cosign.pub}}}]
                """.formatted(host)
                + String.join("\n", more).indent(2);
    }

    String keys(String folder) throws IOException {
        return """
                ---
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: keys, namespace: cleanroom-system}
                data:
                  cosign.pub: |
                """ + Files.readString(file(folder).resolve("cosign.pub")).indent(4);
    }

    Called run(String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        int exitCode = new CommandLine(new VerifyCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
        return new Called(exitCode, out.toString().lines().toList(), err.toString());
    }

    /** @param image below the signed registry's builders, or a whole reference */
    Called verify(String image, String policies, String... more) {
        String reference = image.contains("/") ? image : lab.address() + "/builders/" + image;
        List<String> arguments = new ArrayList<>(List.of(reference, "--registries", path("registries")));
        arguments.addAll(List.of("--policy", path(policies)));
        arguments.addAll(List.of(more));
        return run(arguments.toArray(String[]::new));
    }
}
