package dev.cleanroom.operator.environment.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Each directory of {@code golden/environment} is one case: from what its {@code in-*.yaml} say was observed, exactly the
 * plans of its {@code out-plan.yaml} are wanted, round by round, until nothing is. With {@code -Dcleanroom.generate=true} it
 * writes those files instead.
 */
class GoldenTest {
    private static final Path CASES =
            Path.of(System.getProperty("cleanroom.root"), "operator/src/test/resources/golden/environment");

    @TestFactory
    Stream<DynamicTest> everyCase() throws IOException {
        List<Path> cases = list(CASES);
        assertThat(cases).hasSizeGreaterThan(12).allMatch(Files::isDirectory, "is the directory of a case");
        return cases.stream()
                .map(folder -> DynamicTest.dynamicTest(folder.getFileName().toString(), () -> check(folder)));
    }

    private static void check(Path folder) throws IOException {
        GoldenCase golden = new GoldenCase(folder);
        String plans = golden.plans();
        Path out = folder.resolve("out-plan.yaml");
        if (Boolean.getBoolean("cleanroom.generate")) {
            Files.writeString(out, plans);
        }
        assertThat(out).content().isEqualTo(plans);
        assertThat(list(folder).stream().map(Path::getFileName).map(Path::toString))
                .as("files that the case uses")
                .containsExactlyInAnyOrderElementsOf(golden.files());
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> found = Files.list(folder)) {
            return found.sorted().toList();
        }
    }
}
