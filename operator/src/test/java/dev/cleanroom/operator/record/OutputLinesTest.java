package dev.cleanroom.operator.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildRecordObserved;
import dev.cleanroom.api.v1alpha1.BuildRecordOutputs;
import dev.cleanroom.api.v1alpha1.BuildRecordOutputs.ChangedInput;
import dev.cleanroom.api.v1alpha1.BuildRecordOutputs.NewFile;
import dev.cleanroom.api.v1alpha1.BuildRecordOutputs.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The outputs of an observer's log. */
class OutputLinesTest {
    private static final String FETCH = "{\"step\":\"fetch\",\"started\":\"2026-11-30T16:00:00Z\"}";
    private static final String INPUTS = "{\"inputs\":\"Complete\",\"sha256\":\"ab\",\"files\":12}";
    private static final String BUILD = "{\"step\":\"build\",\"started\":\"2026-11-30T16:00:01Z\"}";
    private static final String SOURCE = "{\"output\":\"src/Main.java\",\"change\":\"Changed\"}";
    private static final String NEW = """
            {"new":"dist/x.sh","size":12,"type":"file","executable":true,"native":true}""";
    private static final String END = """
            {"outputs":"Complete","added":120,"changed":1,"removed":0,"millis":340}""";

    @Test
    void whatTheBuildChangedIsRead() {
        assertThat(
                        read(
                                FETCH,
                                INPUTS,
                                BUILD,
                                SOURCE,
                                END,
                                NEW,
                                "{\"new\":\"dist/current\",\"size\":3,\"type\":\"link\",\"executable\":false,\"native\":false}"))
                .contains(new BuildRecordOutputs(
                        Outcome.Complete,
                        null,
                        120,
                        1,
                        0,
                        340,
                        List.of(new ChangedInput("src/Main.java", "Changed")),
                        List.of(
                                new NewFile("dist/x.sh", 12L, "file", true, true),
                                new NewFile("dist/current", 3L, "link", null, null))));
    }

    /** A build may write more than an observer reads: that is no fault of the report. */
    @Test
    void aReadingThatEndedAtALimitIsPartialAndTheReportIsComplete() {
        TestLog log =
                TestLog.of(FETCH, INPUTS, BUILD, END.replace("Complete\"", "Partial\",\"reason\":\"TooManyFiles\""));
        RunObservation run = ObserverLog.read(log.bytes(), log.digest(), Optional.empty());
        assertThat(run.observation().outcome()).isEqualTo(BuildRecordObserved.Outcome.Complete);
        assertThat(run.inputs().flatMap(RunInputs::outputs)).hasValueSatisfying(outputs -> {
            assertThat(outputs.outcome()).isEqualTo(Outcome.Partial);
            assertThat(outputs.reason()).isEqualTo("TooManyFiles");
        });
    }

    @Test
    void withoutItsLastLineNothingIsKnown() {
        assertThat(read(FETCH, INPUTS, BUILD, SOURCE)).isEmpty();
        assertThat(read(BUILD, SOURCE, END)).as("without inputs").isEmpty();
    }

    @Test
    void theListIsBounded() {
        List<String> lines = new ArrayList<>(List.of(FETCH, INPUTS, BUILD, SOURCE, SOURCE));
        IntStream.range(0, 100).forEach(n -> lines.add(SOURCE.replace("Main", "Main" + n)));
        IntStream.range(0, 300).forEach(n -> lines.add(NEW.replace("x.sh", "x" + n / 2 + ".sh")));
        IntStream.range(0, 300).forEach(n -> lines.add(NEW.replace("x.sh", "y" + n + ".sh")));
        lines.add(END);
        assertThat(read(lines.toArray(String[]::new))).hasValueSatisfying(outputs -> {
            assertThat(outputs.changedInputs()).hasSize(OutputLines.MOST_LISTED).doesNotHaveDuplicates();
            assertThat(outputs.newFiles()).hasSize(OutputLines.MOST_NEW_FILES).doesNotHaveDuplicates();
        });
    }

    private static Optional<BuildRecordOutputs> read(String... lines) {
        TestLog log = TestLog.of(lines);
        return ObserverLog.read(log.bytes(), log.digest(), Optional.empty())
                .inputs()
                .flatMap(RunInputs::outputs);
    }
}
