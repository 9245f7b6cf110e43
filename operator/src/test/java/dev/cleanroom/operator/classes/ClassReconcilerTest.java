package dev.cleanroom.operator.classes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.plan.Executor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ClassReconcilerTest {
    private final List<String> told = new ArrayList<>();

    /** One class's status is refused, as by a webhook; the others' are taken. */
    private final Api api = (Api) Proxy.newProxyInstance(
            Api.class.getClassLoader(), new Class<?>[] {Api.class}, (self, asked, args) -> switch (asked.getName()) {
                case "ownAudiences" -> Set.of();
                case "applyStatus" -> answer((ObjectKey) args[0], (HasMetadata) args[1]);
                default -> throw new AssertionError("not asked for: " + asked);
            });

    @Test
    void aClassWhoseStatusIsRefusedKeepsNoOtherFromBeingTold() {
        var executor = new Executor(api, Duration.ofSeconds(10), () -> 0, (write, result) -> {});
        var reconciler =
                new ClassReconciler(api, executor, Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC));

        assertThat(reconciler.run(List.of(named("large"), named("refused"), named("small"))))
                .as("looked at again")
                .isPresent();

        assertThat(told).containsExactly("large", "small");
        assertThat(reconciler.run(List.of(named("large"), named("small")))).isEmpty();
    }

    private Answer answer(ObjectKey key, HasMetadata fresh) {
        if (key.name().equals("refused")) {
            return new Answer.Rejected(403, "Forbidden", "a webhook says no");
        }
        told.add(key.name());
        return new Answer.Ok(fresh);
    }

    private static BuildEnvironmentClass named(String name) {
        return Serialization.unmarshal("""
                metadata: {name: %s, generation: 1}
                spec: {}
                """.formatted(name), BuildEnvironmentClass.class);
    }
}
