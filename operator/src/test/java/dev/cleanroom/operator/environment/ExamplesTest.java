package dev.cleanroom.operator.environment;

import static dev.cleanroom.operator.lab.BuildPodAssert.assertThatPod;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the README tells a newcomer to apply, as it is, in namespaces that enforce Pod Security {@code restricted}. */
@LabTest
class ExamplesTest {

    @Test
    void everyExampleIsAdmittedAndBecomesReady(Lab lab) {
        // Created, not applied: for one of them the API server chooses the name.
        List<HasMetadata> resources = Stream.of("examples", "examples/per-build")
                .flatMap(folder -> yaml(folder).stream())
                .flatMap(file -> load(lab, file).stream())
                // The lab has it already: every test's images are verified by it.
                .filter(resource -> !resource.getKind().equals("TrustPolicy"))
                .sorted(Comparator.comparing(resource -> resource instanceof Namespace ? 0 : 1))
                .map(resource -> lab.admin().resource(resource).create())
                .toList();
        lab.onClose(() -> resources.stream()
                .filter(Namespace.class::isInstance)
                .forEach(namespace -> lab.admin().resource(namespace).delete()));
        lab.operator(lab.operatorKubeconfig(), "--leader-elect=false");
        List<HasMetadata> examples = resources.stream()
                .filter(resource -> resource.getKind().equals("BuildEnvironment"))
                .toList();
        assertThat(examples).isNotEmpty();
        for (HasMetadata example : examples) {
            Environments environments = lab.environments(example.getMetadata().getNamespace());
            environments.awaitCondition(example.getMetadata().getName(), "Ready", "True", "Running");
            environments
                    .pods(example.getMetadata().getName())
                    .forEach(pod -> assertThatPod(pod).isHardened());
        }
    }

    private static List<Path> yaml(String folder) {
        try (var files = Files.list(Path.of(System.getProperty("cleanroom.root"), folder))) {
            return files.filter(file -> file.toString().endsWith(".yaml")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<HasMetadata> load(Lab lab, Path file) {
        try (var in = Files.newInputStream(file)) {
            return lab.admin().load(in).items();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
