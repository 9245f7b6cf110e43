package dev.cleanroom.operator.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.cleanroom.operator.lab.Repository;
import dev.cleanroom.operator.record.findings.Judge;
import dev.cleanroom.operator.record.findings.Judgement;
import dev.cleanroom.operator.record.findings.KnownGood;
import dev.cleanroom.operator.record.findings.RunFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each folder of {@code findings/golden} is a case: the lines of the observer about a good run ({@code baseline.jsonl}, absent
 * before a first run) and about the run that is judged ({@code run.jsonl}), and the judgement ({@code expected.json}). With {@code -Dcleanroom.generate=true} it writes the judgements.
 */
class FindingsGoldenTest {
    private static final Path FOLDER = Repository.root().resolve("operator/src/test/resources/findings/golden");
    private static final Set<String> FILES = Set.of("baseline.jsonl", "run.jsonl", "expected.json");
    private static final ObjectMapper JSON = JsonMapper.builder()
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
            .build();

    static List<String> cases() throws IOException {
        return names(FOLDER);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aRunIsJudged(String name) throws IOException {
        Path folder = FOLDER.resolve(name);
        assertThat(FILES).as("files of " + folder).containsAll(names(folder));
        Judgement judgement =
                Judge.judge(facts(folder.resolve("run.jsonl")), baseline(folder.resolve("baseline.jsonl")));
        String found = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(judgement) + "\n";
        Path expected = folder.resolve("expected.json");
        if (Boolean.getBoolean("cleanroom.generate")) {
            Files.writeString(expected, found);
        }
        assertThat(expected)
                .as("the judgement of %s; if it is right, write it with -Dcleanroom.generate=true", folder)
                .hasContent(found);
    }

    private static Optional<KnownGood> baseline(Path file) throws IOException {
        return Files.exists(file) ? Optional.of(new KnownGood("good", facts(file))) : Optional.empty();
    }

    private static RunFacts facts(Path file) throws IOException {
        return Corpus.facts(Files.readAllLines(file));
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().collect(Collectors.toList());
        }
    }
}
