package dev.cleanroom.operator.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Counters;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Network;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Observation;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Outcome;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.RefusedName;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.UnansweredConnection;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObserverLogTest {
    private static final String NAME = """
            {"name":"cdn.example.com","step":"build","count":4,"first":"2026-11-30T16:01:00.123Z","last":"2026-11-30T16:02:00.456Z"}""";
    private static final String ADDRESS = """
            {"address":"192.0.2.1","port":443,"protocol":"TCP","step":"fetch","count":3,"first":"2026-11-30T16:01:00Z","last":"2026-11-30T16:02:00Z"}""";
    private static final String COUNTERS =
            "{\"counters\":{\"tcpSynRetrans\":3,\"tcpAttemptFails\":1,\"udpOutDatagrams\":2}}";

    @Test
    void aWholeReportIsRead() {
        RunObservation run = read(TestLog.of(
                "{\"observer\":1,\"version\":\"0.1\"}",
                "{\"step\":\"fetch\",\"started\":\"2026-11-30T16:00:00Z\"}",
                NAME,
                ADDRESS,
                COUNTERS));
        assertThat(run.observation()).isEqualTo(new Observation(Outcome.Complete, null, null));
        assertThat(run.network())
                .contains(new Network(
                        2,
                        List.of(new RefusedName(
                                "cdn.example.com", "build", 4, "2026-11-30T16:01:00.123Z", "2026-11-30T16:02:00.456Z")),
                        List.of(new UnansweredConnection(
                                "192.0.2.1", 443, "TCP", "fetch", 3, "2026-11-30T16:01:00Z", "2026-11-30T16:02:00Z")),
                        0,
                        new Counters(3L, 1L, 2L)));
    }

    @Test
    void aReportThatLeavesSomethingOutIsPartial() {
        RunObservation run =
                read(TestLog.ending("\"end\":\"Partial\",\"reason\":\"TooManyNames\",\"omitted\":7", NAME));
        assertThat(run.observation().outcome()).isEqualTo(Outcome.Partial);
        assertThat(run.observation().reason()).isEqualTo(ObservationReasons.TOO_MANY_NAMES);
        assertThat(run.observation().message()).contains("7 names and addresses");
        assertThat(run.network()).hasValueSatisfying(network -> {
            assertThat(network.denied()).isEqualTo(8);
            assertThat(network.omitted()).isEqualTo(7);
        });
    }

    /** An end that this version does not know is not taken for a complete one. */
    @Test
    void anUnknownEndIsPartial() {
        assertThat(read(TestLog.ending("\"end\":\"Sealed\",\"omitted\":0"))
                        .observation()
                        .outcome())
                .isEqualTo(Outcome.Partial);
    }

    /** Steps after one that failed never start, so they cannot announce themselves. */
    @Test
    void aStepThatNeverStartedIsNotMissing() {
        TestLog log = TestLog.ending(
                "\"end\":\"Partial\",\"reason\":\"NoHello\",\"omitted\":0",
                "{\"step\":\"fetch\",\"started\":\"2026-11-30T16:00:00Z\"}");
        assertThat(ObserverLog.read(log.bytes(), log.digest(), Optional.of("fetch"))
                        .observation()
                        .outcome())
                .isEqualTo(Outcome.Complete);
        assertThat(ObserverLog.read(log.bytes(), log.digest(), Optional.of("build"))
                        .observation()
                        .reason())
                .isEqualTo(ObservationReasons.NO_HELLO);
        assertThat(read(log).observation().reason()).isEqualTo(ObservationReasons.NO_HELLO);
    }

    @Test
    void moreThanARecordListsIsCounted() {
        RunObservation run = read(TestLog.of(IntStream.range(0, ObserverLog.MOST_LISTED + 1)
                .mapToObj(n -> NAME.replace("cdn", "cdn-" + n))
                .toArray(String[]::new)));
        assertThat(run.network()).hasValueSatisfying(network -> {
            assertThat(network.refusedNames()).hasSize(ObserverLog.MOST_LISTED);
            assertThat(network.denied()).isEqualTo(ObserverLog.MOST_LISTED + 1);
            assertThat(network.omitted()).isEqualTo(1);
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cut",
                "without the last line",
                "one byte changed",
                "another log of the same form",
                "one line more",
                "empty",
                "no line feed",
                "too long"
            })
    void aLogThatIsNotTheOneWithThisDigestIsNotBelieved(String what) {
        TestLog log = TestLog.of(NAME, COUNTERS);
        byte[] bytes = log.bytes();
        byte[] changed = switch (what) {
            case "cut" -> Arrays.copyOf(bytes, bytes.length / 2);
            case "without the last line" -> Arrays.copyOf(bytes, log.beforeEnd());
            case "one byte changed" ->
                new String(bytes, StandardCharsets.UTF_8).replace("cdn", "cdm").getBytes(StandardCharsets.UTF_8);
            case "another log of the same form" -> TestLog.of(ADDRESS).bytes();
            case "one line more" ->
                (new String(bytes, StandardCharsets.UTF_8) + NAME + "\n").getBytes(StandardCharsets.UTF_8);
            case "empty" -> new byte[0];
            case "no line feed" -> Arrays.copyOf(bytes, bytes.length - 1);
            default -> TestLog.of("x".repeat(ObserverLog.LONGEST)).bytes();
        };
        RunObservation run = ObserverLog.read(
                changed,
                what.equals("too long")
                        ? TestLog.of("x".repeat(ObserverLog.LONGEST)).digest()
                        : log.digest(),
                Optional.empty());
        assertThat(run.observation().outcome()).isEqualTo(Outcome.Unobserved);
        assertThat(run.observation().reason()).isEqualTo(ObservationReasons.REPORT_DIFFERS);
        assertThat(run.network()).isEmpty();
    }

    /** The observer escapes what it quotes; what is wrong all the same changes nothing else. */
    @Test
    void linesThatCannotBeReadAreIgnored() {
        RunObservation run = read(TestLog.of(
                "not JSON",
                "[1]",
                "{\"unknown\":1}",
                "{\"name\":\"\"}",
                "{\"name\":\"" + "a".repeat(ObserverLog.LONGEST_LINE) + "\"}",
                "{\"name\":\"a\\u0007b.example.com\",\"count\":-1,\"first\":\"yesterday\"}",
                "{\"address\":\"192.0.2.1\",\"port\":70000}"));
        assertThat(run.network()).hasValueSatisfying(network -> {
            assertThat(network.refusedNames()).containsExactly(new RefusedName("a b.example.com", null, 0, null, null));
            assertThat(network.unansweredConnections())
                    .containsExactly(new UnansweredConnection("192.0.2.1", 65_535, null, null, 0, null, null));
        });
    }

    /** An object in etcd has 1.5 MB at most; the longest names and the longest lists stay far below. */
    @Test
    void theLargestRecordIsSmall() {
        RunObservation run = read(TestLog.of(IntStream.range(0, 1_000)
                .mapToObj(n -> NAME.replace("cdn", "a".repeat(240) + n))
                .toArray(String[]::new)));
        assertThat(run.toString().length()).isLessThan(200_000);
    }

    private static RunObservation read(TestLog log) {
        return ObserverLog.read(log.bytes(), log.digest(), Optional.empty());
    }
}
