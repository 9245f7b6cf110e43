package dev.cleanroom.operator.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Repository;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A part that fails or does not run is not hidden by the scripts that run all parts. */
class ScriptsTest {
    @TempDir
    Path directory;

    private record Outcome(int exitCode, String output) {}

    private Outcome bash(String script) throws IOException, InterruptedException {
        var builder = new ProcessBuilder("bash", "-c", script);
        builder.directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().put("PATH", directory.resolve("bin") + ":" + System.getenv("PATH"));
        builder.environment().put("MAKE", "true");
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), output);
    }

    private Outcome parts(String work) throws IOException, InterruptedException {
        return bash("set -euo pipefail; . " + Repository.root().resolve("scripts/parts") + "; " + work);
    }

    private Path file(String name, String content) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    private void program(String name, String script) throws IOException {
        Path file = file(name, "#!/usr/bin/env bash\n" + script + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    /** Its last line has escape codes and no end, as Maven writes it. */
    @Test
    void aPartThatFailsEndsEverything() throws Exception {
        program("bin/mvn", """
                echo '[INFO] --- surefire:3 (default-test) @ operator ---'
                printf '[ERROR] it failed\\033[0m'
                exit 1""");
        Outcome followed = parts("begin compile; follow mvn; run next echo reached");
        assertThat(followed.exitCode()).isEqualTo(1);
        assertThat(followed.output())
                .contains("[ERROR] it failed", "  maven: unit tests: FAILED\n", "  compile\n", "  in all")
                .doesNotContain("reached");

        Outcome run = parts("run first false; run next echo reached");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.output()).contains("first: FAILED").doesNotContain("reached");
    }

    @Test
    void whereAllPartsSucceedTheTableAndTheSamplesHaveThem() throws Exception {
        program("bin/mvn", "echo 'sample: seeds: 3 of 9'; echo '[INFO] --- jar:3 (default-jar) @ operator ---'");
        Outcome all = parts("run first true; follow mvn; begin last; echo \"kept: $samples\"");
        assertThat(all.exitCode()).isZero();
        assertThat(all.output())
                .contains("kept: sample: seeds: 3 of 9", "  first\n", "  maven: compile", "  last\n")
                .doesNotContain("FAILED");
    }

    @Test
    void proofsAreWrittenOnlyIfGateAndPhasesWereTestedOnARealNode() throws Exception {
        for (String script : List.of("scripts/parts", "scripts/prove")) {
            file(script, Files.readString(Repository.root().resolve(script)));
        }
        file("operator/src/test/java/SeedsTest.java", "@Sampled");
        Path proofs = file("docs/proofs.md", "before");
        program("bin/mvn", """
                mkdir -p operator/target/surefire-reports
                echo '<testsuite name="SeedsTest" time="1.5" tests="2" skipped="0" failures="0">' \\
                    >operator/target/surefire-reports/TEST-a.SeedsTest.xml
                echo 'sample: seeds: 9 of 9'""");

        program("bin/git", "[ \"$(cat docs/proofs.md)\" = before ] && echo 1a2b3c4 || echo 1a2b3c4-dirty");

        String gate = "echo 'sample: builds behind the gate, Test: 100 of 100'";
        String phases = "echo 'sample: builds after the fetch, Test: 50 of 50'";
        Map<String, String> incomplete = Map.of(
                "echo '== real node: NOT TESTED: no root'",
                "builds behind the gate",
                gate,
                "builds after the fetch",
                phases,
                "builds behind the gate");
        for (Map.Entry<String, String> run : incomplete.entrySet()) {
            program("scripts/test-node", run.getKey());
            Outcome untested = bash("bash scripts/prove");
            assertThat(untested.exitCode()).isEqualTo(1);
            assertThat(untested.output())
                    .contains(
                            "not tested on a real node: " + run.getValue(),
                            "real node: the gate, and builds with phases: FAILED");
            assertThat(proofs).hasContent("before");
        }

        program("scripts/test-node", gate + "\n" + phases);
        Outcome tested = bash("bash scripts/prove");
        assertThat(tested.exitCode()).as(tested.output()).isZero();
        assertThat(proofs)
                .content()
                .contains(
                        "- What: commit 1a2b3c4\n",
                        "| builds behind the gate, Test | 100 |",
                        "| builds after the fetch, Test | 50 |",
                        "| seeds | 9 |",
                        "| SeedsTest | 2 | 1 |");
    }
}
