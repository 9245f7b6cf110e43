package dev.cleanroom.operator.incident;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Executor;
import dev.cleanroom.operator.kube.plan.Result;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A process that paused between its decision and the cut sends nothing, and decides again at once: the pod is connected. */
class OutdatedCutTest {
    private static final Duration AT_MOST = Duration.ofMillis(200);

    private static final BuildIncident INCIDENT = Serialization.unmarshal("""
            metadata: {namespace: team, name: payments-0-1-3f1c2a77, creationTimestamp: "2026-01-01T00:00:00Z"}
            spec:
              subject: {name: payments-0-1, uid: 3f1c2a77-0000-0000-0000-000000000000}
              trigger: {source: Manual, reason: seen in a log}
            """, BuildIncident.class);

    private static final Pod POD = Serialization.unmarshal("""
            metadata:
              namespace: team
              name: payments-0-1
              uid: 3f1c2a77-0000-0000-0000-000000000000
              labels: {cleanroom.dev/environment: payments, cleanroom.dev/state: active}
            """, Pod.class);

    private final List<Result> results = new ArrayList<>();
    private long passed;
    private long pause;
    private Answer cut = new Answer.Ok(POD);

    private final Api api = (Api) Proxy.newProxyInstance(
            Api.class.getClassLoader(), new Class<?>[] {Api.class}, (self, asked, args) -> switch (asked.getName()) {
                case "get" -> new Answer.Ok(read((ObjectKey) args[0]));
                case "jsonPatch", "flip" -> cut;
                default -> throw new AssertionError("not asked for: " + asked);
            });

    private final IncidentReconciler reconciler = new IncidentReconciler(
            api,
            new Executor(api, Duration.ofSeconds(10), () -> passed, (write, result) -> results.add(result)),
            Clock.fixed(Instant.parse("2026-01-01T00:00:01Z"), ZoneOffset.UTC),
            "cleanroom-system",
            digest -> Optional.empty());

    private HasMetadata read(ObjectKey key) {
        if (key.resource() == Resource.POD) {
            passed += pause;
            return POD;
        }
        return INCIDENT;
    }

    @Test
    void aCutThatIsOutdatedIsDecidedAgainAtOnce() {
        pause = Duration.ofSeconds(11).toNanos();
        assertThat(reconciler.run("team", INCIDENT.getMetadata().getName()))
                .hasValueSatisfying(wait -> assertThat(wait).isLessThanOrEqualTo(AT_MOST));
        assertThat(results).isNotEmpty().allMatch(Result.Outdated.class::isInstance);
    }

    @Test
    void aCutThatMeetsAnotherStateIsDecidedAgainAtOnce() {
        cut = new Answer.Rejected(409, "Conflict", "the object has been modified");
        assertThat(reconciler.run("team", INCIDENT.getMetadata().getName()))
                .hasValueSatisfying(wait -> assertThat(wait).isLessThanOrEqualTo(AT_MOST));
        assertThat(results).isNotEmpty().allMatch(Result.Conflict.class::isInstance);
    }
}
