package dev.cleanroom.operator.lab;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The chart {@code helm/cleanroom}, rendered and linted by the Helm in the lab's binary. */
public final class Chart {
    public static final String RELEASE = "cleanroom";

    /** Where this API is served, the API server turns an annotation into a state. */
    public static final String MUTATING_POLICIES = "admissionregistration.k8s.io/v1/MutatingAdmissionPolicy";

    /** Where this API is served, the definitions exist, so that the default class is an ordinary object. */
    public static final String CLASSES = "cleanroom.dev/v1alpha1/BuildEnvironmentClass";

    public static final List<String> ALL_APIS = List.of(MUTATING_POLICIES, CLASSES);

    /** @param exitCode 0 when Helm was content; @param output its standard output and error */
    public record Outcome(int exitCode, String output) {}

    private Chart() {}

    public static Path directory() {
        return Repository.root().resolve("helm/cleanroom");
    }

    /** The YAML that Helm would install in a cluster that serves these further APIs. */
    public static String render(List<String> apiVersions, String... flags) {
        List<String> command =
                new ArrayList<>(List.of("template", RELEASE, directory().toString()));
        command.addAll(List.of("--namespace", LabCluster.OPERATOR_NAMESPACE));
        apiVersions.forEach(version -> command.addAll(List.of("--api-versions", version)));
        command.addAll(List.of(flags));
        Outcome outcome = helm(command);
        if (outcome.exitCode() != 0) {
            throw new IllegalStateException("helm template: " + outcome.output());
        }
        return outcome.output();
    }

    /** The same, each object as this client reads it. */
    public static List<HasMetadata> objects(KubernetesClient client, List<String> apiVersions, String... flags) {
        return objects(client, render(apiVersions, flags));
    }

    public static List<HasMetadata> objects(KubernetesClient client, String yaml) {
        return client.load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
                .items();
    }

    /** Runs {@code lab helm}; commands that need a cluster begin with {@code --dir}, and the lab's directory. */
    public static Outcome helm(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(Repository.labBinary().toString(), "helm"));
        command.addAll(arguments);
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Outcome(process.waitFor(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while helm ran", e);
        }
    }
}
