package dev.cleanroom.operator.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A cache may not show yet what was in a namespace when it was opened: the server is asked, and not each time. */
class ForeignPoliciesTest {
    private static final List<NetworkPolicy> NOTHING_CACHED = List.of();

    private final List<String> asked = new ArrayList<>();
    private List<NetworkPolicy> stored = List.of();
    private final ForeignPolicies foreign = new ForeignPolicies(namespace -> {
        asked.add(namespace);
        return stored;
    });

    /** A policy as it is read, with an annotation that says what it opens. */
    private static NetworkPolicy opensAny(String name) {
        return new NetworkPolicyBuilder()
                .withNewMetadata()
                .withName(name)
                .addToAnnotations("cleanroom.dev/opens", "*")
                .endMetadata()
                .build();
    }

    private List<String> found(boolean open, List<NetworkPolicy> cached) {
        return found(open ? Optional.of("first") : Optional.empty(), cached);
    }

    private List<String> found(Optional<String> namespaceUid, List<NetworkPolicy> cached) {
        return foreign.in("team", namespaceUid, cached, "cleanroom-system");
    }

    @Test
    void whatTheCacheDoesNotShowYetIsFoundAndAskedForUntilItIsGone() {
        stored = List.of(opensAny("web"), opensAny("dns"));
        assertThat(found(true, NOTHING_CACHED)).containsExactly("dns", "web");
        stored = List.of();
        assertThat(found(true, NOTHING_CACHED)).isEmpty();
        assertThat(found(true, NOTHING_CACHED)).isEmpty();
        assertThat(asked).as("not once it was clean").containsExactly("team", "team");
    }

    @Test
    void whatTheCacheShowsNeedsNoQuestion() {
        assertThat(found(true, List.of(opensAny("web")))).containsExactly("web");
        assertThat(asked).isEmpty();
    }

    @Test
    void aNamespaceThatWasClosedMeanwhileIsAskedAboutAgain() {
        found(true, NOTHING_CACHED);
        assertThat(found(false, NOTHING_CACHED)).isEmpty();
        stored = List.of(opensAny("web"));
        assertThat(found(true, NOTHING_CACHED)).containsExactly("web");
    }

    @Test
    void aNamespaceThatIsMadeAgainUnderItsNameIsAskedAboutAgain() {
        found(Optional.of("first"), NOTHING_CACHED);
        stored = List.of(opensAny("web"));
        assertThat(found(Optional.of("second"), NOTHING_CACHED)).containsExactly("web");
        stored = List.of();
        assertThat(found(Optional.of("second"), NOTHING_CACHED)).isEmpty();
        assertThat(found(Optional.of("second"), NOTHING_CACHED)).isEmpty();
        assertThat(asked).as("not once it was clean").hasSize(3);
    }
}
