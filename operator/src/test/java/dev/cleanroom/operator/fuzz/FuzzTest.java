package dev.cleanroom.operator.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Repository;
import dev.cleanroom.operator.sample.Sample;
import dev.cleanroom.operator.sample.Sampled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Jazzer on each target, briefly and from a seed of this sample: {@code -Dfuzz.runs} inputs, {@code -Dfuzz.targets} of them;
 * or {@code -Dfuzz.seconds} each. An input takes no more than {@value #SECONDS_AN_INPUT} seconds and what a heap of {@value #HEAP} holds.
 */
@Tag("lab")
@Sampled
class FuzzTest {
    private static final String HEAP = "-Xmx256m";
    private static final int SECONDS_AN_INPUT = 10;
    private static final int MOST_BYTES = 16 << 10;
    private static final int AT_ONCE = 2;
    private static final int SECONDS = Integer.getInteger("fuzz.seconds", 0);
    /** Without an end where the time says when. */
    private static final int RUNS = Integer.getInteger(
            "fuzz.runs", SECONDS > 0 ? -1 : Sample.size("inputs that Jazzer makes for each parser", 1_000, 50_000));

    private static final int MINUTES_TO_END = 5;

    /** They watch calls that no parser makes, and take twice as long to load as the parsers to run. */
    private static final String DETECTORS = Stream.of(
                    "Deserialization",
                    "ExpressionLanguageInjection",
                    "FilePathTraversal",
                    "LdapInjection",
                    "NamingContextLookup",
                    "OsCommandInjection",
                    "ReflectiveCall",
                    "RegexInjection",
                    "RegexRoadblocks",
                    "ScriptEngineInjection",
                    "ServerSideRequestForgery",
                    "SqlInjection",
                    "TemplateInjection",
                    "UnsafeSanitizer",
                    "XPathInjection",
                    "XmlParserSsrfGuidance")
            .map(name -> "com.code_intelligence.jazzer.sanitizers." + name)
            .collect(Collectors.joining(":"));

    private record Ended(FuzzTarget target, int code, String output) {}

    @Test
    void findsNothing() throws Exception {
        List<String> named = List.of(System.getProperty("fuzz.targets", "").split(","));
        List<Callable<Ended>> runs = FuzzTarget.all().stream()
                .filter(target -> named.contains("") || named.contains(target.name()))
                .<Callable<Ended>>map(target -> () -> run(target))
                .toList();
        List<Ended> all = new ArrayList<>();
        try (var two = Executors.newFixedThreadPool(AT_ONCE)) {
            for (Future<Ended> run : two.invokeAll(runs)) {
                all.add(run.get());
            }
        }
        assertThat(all).isNotEmpty().allSatisfy(ended -> {
            assertThat(ended.code())
                    .as("%s: %s", ended.target(), ended.output())
                    .isZero();
            // That it has run at all.
            assertThat(ended.output()).containsPattern("Done [0-9]+ runs");
        });
    }

    private static Ended run(FuzzTarget target) throws IOException, InterruptedException {
        Path home = Files.createDirectories(Repository.root().resolve("operator/target/fuzz/" + target.name()));
        Path corpus = Files.createDirectories(home.resolve("corpus"));
        Path log = home.resolve("log");
        Process jazzer = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        HEAP,
                        "-XX:+UseSerialGC",
                        // A short run is over before the second compiler pays.
                        SECONDS > 0 || Sample.isAll() ? "-XX:+TieredCompilation" : "-XX:TieredStopAtLevel=1",
                        "-XX:+EnableDynamicAgentLoading",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "com.code_intelligence.jazzer.Jazzer",
                        "--target_class=" + Fuzzing.class.getName(),
                        "--target_args=" + target.name() + " " + corpus,
                        "--instrumentation_includes=dev.cleanroom.operator.trust.**",
                        "--disabled_hooks=" + DETECTORS,
                        "--reproducer_path=" + home,
                        "-artifact_prefix=" + home + "/",
                        "-runs=" + RUNS,
                        "-max_total_time=" + SECONDS,
                        "-max_len=" + MOST_BYTES,
                        "-timeout=" + SECONDS_AN_INPUT,
                        "-seed=" + Sample.number(),
                        corpus.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .directory(home.toFile())
                .start();
        try {
            boolean ended = jazzer.waitFor(SECONDS + TimeUnit.MINUTES.toSeconds(MINUTES_TO_END), TimeUnit.SECONDS);
            return new Ended(target, ended ? jazzer.exitValue() : -1, Files.readString(log));
        } finally {
            jazzer.destroyForcibly();
        }
    }
}
