package dev.cleanroom.operator.pod;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObserverEndTest {
    private static final String DIGEST = "0123456789abcdef".repeat(4);

    @Test
    void aPodWithoutAnObserverHasNone() {
        assertThat(ObserverEnd.of(new Pod())).isEmpty();
        assertThat(ObserverEnd.of(pod("gate", "{terminated: {exitCode: 0}}", 0)))
                .isEmpty();
    }

    @Test
    void itsMessageHasTheDigestOfItsLog() {
        assertThat(ObserverEnd.of(observer(message(DIGEST))))
                .contains(new ObserverEnd(Optional.of(DIGEST), Optional.of(2_345), false));
    }

    @Test
    void oneThatWasStartedAgainIsKnown() {
        assertThat(ObserverEnd.of(pod("observer", terminated(message(DIGEST)), 1)))
                .contains(new ObserverEnd(Optional.of(DIGEST), Optional.of(2_345), true));
    }

    @Test
    void oneThatRunsOrWasKilledHasLeftNothing() {
        assertThat(ObserverEnd.of(pod("observer", "{running: {}}", 0)))
                .contains(new ObserverEnd(Optional.empty(), Optional.empty(), false));
        assertThat(ObserverEnd.of(pod("observer", "{terminated: {exitCode: 137}}", 0)))
                .contains(new ObserverEnd(Optional.empty(), Optional.empty(), false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\"bytes\":-1,", "\"bytes\":\"2\",", "\"bytes\":2.5,", "\"bytes\":99999999999,"})
    void howLongItsLogIsMayBeUnknown(String bytes) {
        assertThat(ObserverEnd.of(observer(message(DIGEST).replace("\"bytes\":2345,", bytes))))
                .contains(new ObserverEnd(Optional.of(DIGEST), Optional.empty(), false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "text", "[]", "{}", "{\"sha256\":1}", "{\"sha256\":\"0123\"}", "{\"sha256\":\"LONG\"}"})
    void anyOtherMessageIsNone(String message) {
        assertThat(ObserverEnd.of(observer(message.replace("LONG", DIGEST + "\",\"x\":\"" + "x".repeat(512)))))
                .contains(new ObserverEnd(Optional.empty(), Optional.empty(), false));
    }

    private static String message(String digest) {
        return "{\"observer\":1,\"end\":\"Complete\",\"names\":2,\"connections\":1,\"bytes\":2345,\"sha256\":\""
                + digest + "\"}";
    }

    private static Pod observer(String message) {
        return pod("observer", terminated(message), 0);
    }

    private static String terminated(String message) {
        return "{terminated: {exitCode: 0, message: '" + message + "'}}";
    }

    private static Pod pod(String container, String state, int restarts) {
        return Serialization.unmarshal("""
                metadata: {name: payments-0-1}
                status: {initContainerStatuses: [{name: %s, restartCount: %d, state: %s}]}
                """.formatted(container, restarts, state), Pod.class);
    }
}
