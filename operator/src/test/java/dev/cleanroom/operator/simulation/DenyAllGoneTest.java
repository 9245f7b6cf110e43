package dev.cleanroom.operator.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.ApiUnavailableException;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Executor;
import dev.cleanroom.operator.network.BeaconPolicy;
import dev.cleanroom.operator.network.DenyAllPolicy;
import dev.cleanroom.operator.network.DenyAllReconciler;
import dev.cleanroom.operator.pod.Names;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Somebody takes deny-all's finalizer off: a pod that no other policy selects would have the whole network (I1). */
class DenyAllGoneTest {
    private static final ObjectKey DENY_ALL = new ObjectKey(Resource.NETWORK_POLICY, Setup.NAMESPACE, Names.DENY_ALL);
    private static final ObjectKey POD = new ObjectKey(Resource.POD, Setup.NAMESPACE, "agents-0-1");

    private final World world = new World(new Admission(false), new Random(1));
    private final Api api = new Session(world.server(), User.OPERATOR);
    private final Executor executor = new Executor(api, Duration.ofSeconds(10), world::nanoTime, (write, result) -> {});
    private final DenyAllReconciler reconciler = new DenyAllReconciler(api, executor, OperatorUnderTest.OWN_NAMESPACE);

    @BeforeEach
    void open() {
        world.server().namespaces().create(Setup.NAMESPACE);
    }

    @Test
    void itIsMadeAgainWhileABuildPodIsLeftWhoeverThatBelongsTo() {
        pod();
        reconciler.gone(DenyAllPolicy.build(Setup.NAMESPACE));
        assertThat(world.server().find(DENY_ALL)).isPresent();
    }

    /** After a deletion, the SDK runs the reconciler again only if it throws. */
    @Test
    void whatWasNotMadeAgainIsTriedAgain() {
        pod();
        var late = new Executor(api, Duration.ofSeconds(-1), world::nanoTime, (write, result) -> {});
        var reconciler = new DenyAllReconciler(api, late, OperatorUnderTest.OWN_NAMESPACE);
        assertThatExceptionOfType(ApiUnavailableException.class)
                .isThrownBy(() -> reconciler.gone(DenyAllPolicy.build(Setup.NAMESPACE)));
    }

    @Test
    void itIsNotMadeAgainWhereNoBuildPodIsLeft() {
        reconciler.gone(DenyAllPolicy.build(Setup.NAMESPACE));
        assertThat(world.server().all(Resource.NETWORK_POLICY)).isEmpty();
    }

    @Test
    void aBeaconThatIsGoneIsTheNextPodsBusiness() {
        pod();
        reconciler.gone(BeaconPolicy.build(Setup.NAMESPACE, OperatorUnderTest.OWN_NAMESPACE));
        assertThat(world.server().all(Resource.NETWORK_POLICY)).isEmpty();
    }

    private void pod() {
        api.create(
                POD,
                new PodBuilder()
                        .withNewMetadata()
                        .withNamespace(POD.namespace())
                        .withName(POD.name())
                        .addToLabels("cleanroom.dev/environment", "agents")
                        .endMetadata()
                        .build());
    }
}
