package dev.cleanroom.operator.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Detail;
import dev.cleanroom.api.v1alpha1.Finding;
import dev.cleanroom.api.v1alpha1.Severity;
import dev.cleanroom.api.v1alpha1.Stage;
import dev.cleanroom.api.v1alpha1.Verdict;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.PodLog;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.pod.ObserverEnd;
import dev.cleanroom.operator.record.facts.DetailEntry;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RunJudgingTest {
    private static final DetailEntry.File LOCKFILE = new DetailEntry.File("package-lock.json", 345L, "aa", "npm", 1);
    private static final String GOOD = "payments-0-1-5e3d488f";

    /** The lodash of the log has another hash than that of {@link TestRecord}. */
    private static final TestLog POISONED = log("Complete");

    private final Map<String, PodLog> records = new HashMap<>();
    private final Queue<PodLog> failures = new ArrayDeque<>();
    private final List<String> asked = new ArrayList<>();
    private final AtomicLong nanos = new AtomicLong();

    @Test
    void aFirstRunIsLearned() {
        JudgedRun judged = judge(POISONED, Optional.empty());
        assertThat(judged.verdict()).isEqualTo(Verdict.Learning);
        assertThat(judged.comparedWith()).isEmpty();
        assertThat(judged.newDependencies()).isEmpty();
        assertThat(judged.summary()).isEqualTo("None");
        assertThat(asked).isEmpty();
    }

    @Test
    void aRunIsComparedWithTheKnownGoodOne() {
        store(GOOD, good(GOOD));
        JudgedRun judged = judge(POISONED, Optional.of(GOOD));
        assertThat(judged.verdict()).isEqualTo(Verdict.Open);
        assertThat(judged.message()).isEmpty();
        assertThat(judged.comparedWith()).contains(GOOD);
        assertThat(judged.newDependencies()).as("plain-crypto-js").contains(1);
        assertThat(judged.worst()).hasValueSatisfying(worst -> {
            assertThat(worst.severity()).isEqualTo(Severity.Critical);
            assertThat(worst.key()).startsWith("SameVersionOtherContent:npm:lodash@4.17.21:");
        });
        assertThat(judged.summary()).startsWith("Critical (");
    }

    @Test
    void theListsAreReadFromTheRecordThatHasThem() {
        TestRecord lists = good("payments-0-0-4e0c2a10");
        store("payments-0-0-4e0c2a10", lists);
        store(GOOD, good(GOOD).sameAs(lists));
        assertThat(judge(POISONED, Optional.of(GOOD)).verdict()).isEqualTo(Verdict.Open);
        assertThat(asked).containsExactly(GOOD, "payments-0-0-4e0c2a10");
    }

    /** Otherwise a run that deletes or hides a record would be a first one. */
    @Test
    void aKnownGoodRunThatCannotBeReadMakesNoFirstRun() {
        records.put("gone", new PodLog.Refused(404, "not found"));
        records.put("forbidden", new PodLog.Refused(403, "buildrecords is forbidden"));
        records.put("garbage", new PodLog.Read("<html>".getBytes(StandardCharsets.UTF_8)));
        store("broken", good("broken").detail(new Detail("11", null, "bm8gZ3ppcA==", null)));
        store("empty", good("empty").withoutInputs());
        store("half", good("half").sameAs(good("gone")));
        Map.of(
                        "gone", "does not exist any more",
                        "forbidden", "may not be read: buildrecords is forbidden",
                        "garbage", "is not a record that this version understands",
                        "broken", "has a detail that cannot be used",
                        "empty", "has no inputs",
                        "half", "has its lists in the record gone, which does not exist any more")
                .forEach((name, why) -> {
                    JudgedRun judged = judge(POISONED, Optional.of(name));
                    assertThat(judged.verdict()).as(name).isEqualTo(Verdict.Partial);
                    assertThat(judged.message().orElseThrow())
                            .as(name)
                            .contains("not compared with the known-good run, because the record " + name + " " + why)
                            .contains("Run the build again");
                    assertThat(judged.comparedWith()).as(name).isEmpty();
                });
    }

    @Test
    void anApiServerThatIsAwayIsAskedAgain() {
        store(GOOD, good(GOOD));
        failures.add(new PodLog.Unavailable("connection refused"));
        assertThat(judge(POISONED, Optional.of(GOOD)).verdict()).isEqualTo(Verdict.Open);
        assertThat(asked).containsExactly(GOOD, GOOD);

        records.put(GOOD, new PodLog.Unavailable("connection refused"));
        long began = nanos.get();
        JudgedRun judged = judge(POISONED, Optional.of(GOOD));
        assertThat(judged.verdict()).isEqualTo(Verdict.Partial);
        assertThat(judged.message().orElseThrow()).contains("was not returned: connection refused");
        assertThat(nanos.get() - began).isBetween(1L, RunJudging.PATIENCE.toNanos());
    }

    @Test
    void whatWasNotObservedWholeIsNeverGood() {
        assertThat(judge(log("Partial"), Optional.empty()).verdict()).isEqualTo(Verdict.Partial);
        TestLog names = TestLog.ending(
                "\"end\":\"Partial\",\"reason\":\"TooManyNames\",\"omitted\":3",
                POISONED.lines().split("\n"));
        assertThat(judge(names, Optional.empty()).verdict()).isEqualTo(Verdict.Partial);
        TestLog unread = TestLog.of("{\"step\":\"fetch\",\"started\":\"2026-01-01T00:00:00Z\"}");
        assertThat(judge(unread, Optional.empty()).verdict()).isEqualTo(Verdict.Partial);
    }

    @Test
    void aRecordListsTheFirstFindingsAndCountsAll() {
        List<Finding> many = IntStream.range(0, JudgedRun.MOST_LISTED + 3)
                .mapToObj(n -> new Finding("A:npm:a@" + n + ":00", Severity.High, Stage.Inputs, null, "a"))
                .toList();
        var judged =
                new JudgedRun(Verdict.Open, Optional.empty(), many, many.size(), Optional.empty(), Optional.empty());
        assertThat(judged.findings()).hasSize(50);
        assertThat(judged.summary()).isEqualTo("High (53)");
    }

    @Test
    void anAgentAndARunWithoutInputsAreNotJudged() {
        assertThat(observe(POISONED, Optional.empty(), true).judged()).isEmpty();
        TestLog none = TestLog.of("{\"step\":\"build\",\"started\":\"2026-01-01T00:00:00Z\"}");
        assertThat(observe(none, Optional.empty(), false).judged()).isEmpty();
        store(GOOD, good(GOOD));
        assertThat(judge(none, Optional.of(GOOD)).verdict())
                .as("the good run had inputs")
                .isEqualTo(Verdict.Partial);
    }

    private static TestRecord good(String name) {
        return new TestRecord(name, LOCKFILE, TestRecord.LODASH);
    }

    private static TestLog log(String inputs) {
        return TestLog.of(
                "{\"file\":\"package-lock.json\",\"size\":345,\"sha256\":\"bb\",\"lockfile\":\"npm\",\"dependencies\":2}",
                "{\"dependency\":\"lodash\",\"ecosystem\":\"npm\",\"version\":\"4.17.21\",\"integrity\":\"sha512-BB\",\"lockfile\":\"package-lock.json\"}",
                "{\"dependency\":\"plain-crypto-js\",\"ecosystem\":\"npm\",\"version\":\"4.2.1\",\"integrity\":\"sha512-CC\",\"lockfile\":\"package-lock.json\"}",
                "{\"inputs\":\"" + inputs
                        + "\",\"sha256\":\"ab\",\"files\":2,\"bytes\":345,\"dependencies\":2,\"packages\":0,\"unread\":0,\"millis\":2}");
    }

    private void store(String name, TestRecord record) {
        records.put(
                name,
                new PodLog.Read(
                        new KubernetesSerialization().asJson(record.build()).getBytes(StandardCharsets.UTF_8)));
    }

    private JudgedRun judge(TestLog log, Optional<String> knownGood) {
        return observe(log, knownGood, false).judged().orElseThrow();
    }

    private RunObservation observe(TestLog log, Optional<String> knownGood, boolean agent) {
        asked.clear();
        var logs = new RunLogs(
                new RunLogs.Sources((pod, most, patience) -> new PodLog.Read(log.bytes()), this::record),
                "cleanroom-system",
                Runnable::run,
                new RunLogs.Timing(nanos::get, pause -> nanos.addAndGet(pause.toNanos())),
                observation -> {});
        var run = new RunLogs.Run(
                new ObjectKey(Resource.POD, "team", "payments-0-2"),
                "uid-1",
                Optional.of(new ObserverEnd(Optional.of(log.digest()), Optional.of(log.beforeEnd()), false)),
                Optional.empty(),
                agent,
                knownGood);
        logs.of(run, () -> {});
        return logs.of(run, () -> {}).orElseThrow();
    }

    private PodLog record(ObjectKey record, int most, Duration patience) {
        assertThat(record.resource()).isEqualTo(Resource.BUILD_RECORD);
        assertThat(record.namespace()).isEqualTo("team");
        assertThat(most).isEqualTo(KnownGoodReader.LONGEST_RECORD);
        asked.add(record.name());
        return failures.isEmpty() ? records.get(record.name()) : failures.remove();
    }
}
