package dev.cleanroom.operator.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus.DeniedConnection;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Network;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.RefusedName;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.UnansweredConnection;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DeniedTest {
    private static final Instant NOW = Instant.parse("2026-11-30T16:10:00Z");

    @Test
    void theSummaryNamesTheFirstTwo() {
        RunObservation run = run(
                List.of(name("cdn.example.com", 4, "05"), name("b.example.com", 1, "06")),
                List.of(address("192.0.2.1")));
        assertThat(Denied.summary(run))
                .contains("asked for 2 names that nothing permits and got no answer from 1 address:"
                        + " cdn.example.com (4 times, in build), b.example.com (once, in build)");
        assertThat(Denied.summary(run(List.of(), List.of(address("192.0.2.1")))))
                .contains("got no answer from 1 address: 192.0.2.1 port 443 (2 times)");
    }

    @Test
    void whatWasNotDeniedHasNoSummary() {
        assertThat(Denied.summary(run(List.of(), List.of()))).isEmpty();
        assertThat(Denied.summary(RunObservation.ofEndingPod())).isEmpty();
        assertThat(Denied.latest(null, List.of(RunObservation.ofEndingPod()), NOW))
                .isNull();
    }

    @Test
    void theNewestThreeAreKept() {
        List<DeniedConnection> stored = Denied.latest(
                null,
                List.of(run(List.of(name("a.example.com", 1, "01"), name("b.example.com", 1, "02")), List.of())),
                NOW);
        List<DeniedConnection> latest = Denied.latest(
                stored,
                List.of(run(List.of(name("c.example.com", 1, "03"), name("b.example.com", 7, "04")), List.of())),
                NOW);
        assertThat(latest)
                .extracting(DeniedConnection::name)
                .containsExactly("b.example.com", "c.example.com", "a.example.com");
        assertThat(latest).extracting(DeniedConnection::count).containsExactly(7, 1, 1);
        assertThat(Denied.latest(latest, List.of(run(List.of(name("d.example.com", 1, "05")), List.of())), NOW))
                .extracting(DeniedConnection::name)
                .containsExactly("d.example.com", "b.example.com", "c.example.com");
        assertThat(Denied.latest(latest, List.of(), NOW)).isEqualTo(latest);
    }

    /** The clock of a node may be wrong. */
    @Test
    void aTimeInTheFutureIsNow() {
        var late = new RefusedName("a.example.com", "build", 1, null, "2036-01-01T00:00:00Z");
        assertThat(Denied.latest(null, List.of(run(List.of(late), List.of())), NOW))
                .extracting(DeniedConnection::lastTime)
                .containsExactly("2026-11-30T16:10:00Z");
    }

    private static RefusedName name(String name, int count, String minute) {
        String time = "2026-11-30T16:" + minute + ":00Z";
        return new RefusedName(name, "build", count, time, time);
    }

    private static UnansweredConnection address(String address) {
        return new UnansweredConnection(address, 443, "TCP", null, 2, null, "2026-11-30T16:00:00Z");
    }

    private static RunObservation run(List<RefusedName> names, List<UnansweredConnection> addresses) {
        return RunObservation.complete(
                new Network(names.size() + addresses.size(), names, addresses, 0, null), Optional.empty());
    }
}
