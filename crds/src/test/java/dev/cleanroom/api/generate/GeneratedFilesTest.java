package dev.cleanroom.api.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import io.fabric8.kubernetes.client.CustomResource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * What is committed is what the types say. With {@code -Dcleanroom.generate=true} it writes the files instead.
 */
class GeneratedFilesTest {
    private static final Path ROOT = Path.of(System.getProperty("cleanroom.root"));
    private static final Path DEFINITIONS = ROOT.resolve("crds/generated");

    /** The chart holds copies: Helm reads nothing outside a chart, and Argo CD follows no link out of one. */
    private static final Path IN_CHART = ROOT.resolve("helm/cleanroom/files/crds");

    static final List<Class<? extends CustomResource<?, ?>>> KINDS = List.of(
            BuildEnvironment.class,
            BuildEnvironmentClass.class,
            TrustPolicy.class,
            BuildIncident.class,
            BuildRecord.class);

    @Test
    void committedFilesAreUpToDate() throws IOException {
        var files = generate();
        if (Boolean.getBoolean("cleanroom.generate")) {
            for (var file : files.entrySet()) {
                Files.createDirectories(file.getKey().getParent());
                Files.writeString(file.getKey(), file.getValue());
            }
            return;
        }
        for (var file : files.entrySet()) {
            assertThat(file.getKey()).as("run `make generate`").exists();
            assertThat(Files.readString(file.getKey()))
                    .as("%s is not what the types say: run `make generate`", ROOT.relativize(file.getKey()))
                    .isEqualTo(file.getValue());
        }
        for (Path directory : List.of(DEFINITIONS, IN_CHART)) {
            try (var committed = Files.list(directory)) {
                assertThat(committed).as("no file of a kind that is gone").allMatch(files::containsKey);
            }
        }
    }

    @Test
    void generatingTwiceGivesTheSameBytes() {
        assertThat(generate()).isEqualTo(generate());
    }

    private static Map<Path, String> generate() {
        var files = new TreeMap<Path, String>();
        for (var kind : KINDS) {
            for (Path directory : List.of(DEFINITIONS, IN_CHART)) {
                files.put(directory.resolve(CrdGenerator.fileName(kind)), CrdGenerator.file(kind));
            }
        }
        files.put(ROOT.resolve("docs/reference/api.md"), ReferencePage.of(KINDS));
        return files;
    }
}
