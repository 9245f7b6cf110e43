package dev.cleanroom.operator.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodIP;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CanariesTest {
    @Test
    void everyAddressOfEveryReadyPodSorted() {
        Pod leaving = canary("c", true, "10.0.0.3");
        leaving.getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z");

        assertThat(of(
                        canary("b", true, "10.0.0.2", "fd00::2"),
                        canary("a", true, "10.0.0.1", "fd00::1"),
                        canary("d", false, "10.0.0.4"),
                        leaving))
                .containsExactly("10.0.0.1", "10.0.0.2", "fd00::1", "fd00::2");
    }

    @Test
    void noMoreThanAGateIsToldAndNoPodIsHalfTold() {
        Pod[] many = IntStream.range(0, 20)
                .mapToObj(i -> canary("c" + (char) ('a' + i), true, "10.0.0." + i, "fd00::" + i, "fd01::" + i))
                .toArray(Pod[]::new);

        assertThat(of(many)).hasSize(Canaries.MOST_ADDRESSES / 3 * 3).contains("10.0.0.4", "fd00::4", "fd01::4");
    }

    @Test
    void whatIsNoAddressIsNoArgument() {
        assertThat(of(canary("a", true, "--deadline", "10.0.0.1", "-1", "10.0.0.1 --quiet")))
                .containsExactly("10.0.0.1");
        assertThat(of(canary("a", true))).isEmpty();
    }

    @Test
    void aGateIsToldAnotherThingOnlyWhenReadinessOrAddressesChange() {
        Pod ready = canary("a", true, "10.0.0.1");
        Pod relabelled = new PodBuilder(ready)
                .editMetadata()
                .addToLabels("a", "b")
                .endMetadata()
                .build();

        assertThat(Canaries.differ(ready, relabelled)).isFalse();
        assertThat(Canaries.differ(canary("a", false, "10.0.0.1"), ready)).isTrue();
        assertThat(Canaries.differ(ready, canary("a", true, "10.0.0.2"))).isTrue();
    }

    private static List<String> of(Pod... pods) {
        return Canaries.of("cleanroom-system", List.of(pods)).addresses();
    }

    private static Pod canary(String name, boolean ready, String... addresses) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewStatus()
                .addNewCondition()
                .withType("Ready")
                .withStatus(ready ? "True" : "False")
                .endCondition()
                .withPodIPs(Stream.of(addresses).map(PodIP::new).toList())
                .endStatus()
                .build();
    }
}
