package dev.cleanroom.operator.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Executor;
import dev.cleanroom.operator.network.BeaconPolicy;
import dev.cleanroom.operator.network.DenyAllPolicy;
import dev.cleanroom.operator.network.DenyAllReconciler;
import dev.cleanroom.operator.network.Removal;
import dev.cleanroom.operator.pod.Names;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What `cleanroom uninstall` does to the policies of namespaces; on a real node, TestTheOperatorRunsAsAPod. */
class RemovalTest {
    private static final ObjectKey DENY_ALL = new ObjectKey(Resource.NETWORK_POLICY, Setup.NAMESPACE, Names.DENY_ALL);
    private static final ObjectKey BEACON = new ObjectKey(Resource.NETWORK_POLICY, Setup.NAMESPACE, Names.BEACON);
    private static final ObjectKey POD = new ObjectKey(Resource.POD, Setup.NAMESPACE, "agents-0-1");

    private final World world = new World(new Admission(false), new Random(1));
    private final Api api = new Session(world.server(), User.OPERATOR);
    private final Executor executor = new Executor(api, Duration.ofSeconds(10), world::nanoTime, (write, result) -> {});
    private final Removal removal =
            new Removal(api, new DenyAllReconciler(api, executor, OperatorUnderTest.OWN_NAMESPACE));

    @BeforeEach
    void open() {
        world.server().namespaces().create(Setup.NAMESPACE);
        api.create(DENY_ALL, DenyAllPolicy.build(Setup.NAMESPACE));
        api.create(BEACON, BeaconPolicy.build(Setup.NAMESPACE, OperatorUnderTest.OWN_NAMESPACE));
    }

    @Test
    void policiesAreDeletedThenLetGo() {
        assertThat(removal.look()).isEqualTo(new Removal.RemovalState.Going());
        assertThat(removal.look()).isEqualTo(new Removal.RemovalState.Going());
        assertThat(removal.look()).isEqualTo(new Removal.RemovalState.Done());
        assertThat(world.server().find(DENY_ALL)).isEmpty();
        assertThat(world.server().find(BEACON)).isEmpty();
    }

    /** A cluster has one egress policy an environment: to look for two policies a namespace among all of them takes pages. */
    @Test
    void policiesOfEnvironmentsAreNotReadToFindThem() {
        var egress = new ObjectKey(Resource.NETWORK_POLICY, Setup.NAMESPACE, "agents");
        api.create(
                egress,
                new NetworkPolicyBuilder()
                        .withNewMetadata()
                        .withNamespace(egress.namespace())
                        .withName(egress.name())
                        .addToLabels("cleanroom.dev/component", "egress")
                        .endMetadata()
                        .build());
        List<String> read = new ArrayList<>();
        var watched = new ApiWrapper(api) {
            @Override
            public <T extends HasMetadata> Optional<List<T>> list(
                    Resource resource, String namespace, String labelSelector, Class<T> type) {
                Optional<List<T>> found = super.list(resource, namespace, labelSelector, type);
                found.orElseThrow().forEach(item -> read.add(item.getMetadata().getName()));
                return found;
            }
        };
        var removal = new Removal(watched, new DenyAllReconciler(watched, executor, OperatorUnderTest.OWN_NAMESPACE));
        assertThat(removal.look()).isEqualTo(new Removal.RemovalState.Going());
        assertThat(read).containsExactlyInAnyOrder(Names.DENY_ALL, Names.BEACON);
    }

    @Test
    void nothingIsChangedWhileABuildPodIsLeft() {
        api.create(
                POD,
                new PodBuilder()
                        .withNewMetadata()
                        .withNamespace(POD.namespace())
                        .withName(POD.name())
                        .addToLabels("cleanroom.dev/environment", "agents")
                        .endMetadata()
                        .build());
        assertThat(removal.look()).isEqualTo(new Removal.RemovalState.InUse(List.of(Setup.NAMESPACE)));
        assertThat(world.server()
                        .find(DENY_ALL)
                        .orElseThrow()
                        .at("/metadata/deletionTimestamp")
                        .isMissingNode())
                .isTrue();
        assertThat(world.server().find(BEACON)).isPresent();
    }
}
