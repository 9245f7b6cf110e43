package dev.cleanroom.operator.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.Rebuild;
import dev.cleanroom.api.v1alpha1.ResponseOrder;
import dev.cleanroom.operator.incident.IncidentOpener;
import dev.cleanroom.operator.incident.IncidentReconciler;
import dev.cleanroom.operator.incident.resources.OpenedIncident;
import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.Api.Operation;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Executor;
import dev.cleanroom.operator.kube.plan.Plan;
import dev.cleanroom.operator.kube.plan.Result;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.network.DenyAllPolicy;
import dev.cleanroom.operator.pod.Names;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the simulation found in the product, each as the shortest history that shows it. */
class FoundTest {
    private static final ObjectKey POD = new ObjectKey(Resource.POD, Setup.NAMESPACE, "agents-0-1");
    private static final String IMAGE = "sha256:" + "a".repeat(64);
    private static final ObjectKey ACCOUNT =
            new ObjectKey(Resource.SERVICE_ACCOUNT, Setup.NAMESPACE, Names.account("agents"));

    private final World world = new World(new Admission(false), new Random(1));
    private final Kubelet kubelet =
            new Kubelet(world, new Launchers(world, new NetworkPlugin(world, false), Launchers.WaitsFor.ALL));
    private final Api api = new Session(world.server(), User.OPERATOR);
    private final Executor executor = new Executor(api, Duration.ofSeconds(10), world::nanoTime, (write, result) -> {});

    @BeforeEach
    void open() {
        world.server().namespaces().create(Setup.NAMESPACE);
        world.server().namespaces().create(OperatorUnderTest.OWN_NAMESPACE);
        var setup = new Setup(false, ResponseOrder.IsolateFirst, Rebuild.Manual, true, true, false, false, false);
        api.create(new ObjectKey(Resource.BUILD_ENVIRONMENT_CLASS, null, "standard"), setup.buildClass());
        api.create(Setup.environment("agents"), setup.build("agents", 0, 1));
        api.create(
                ACCOUNT,
                new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withNamespace(Setup.NAMESPACE)
                        .withName(ACCOUNT.name())
                        .endMetadata()
                        .build());
    }

    /** Of a namespace that was deleted and made again: a cache showed the policy of the former one. */
    @Test
    void noPodIsMadeUnderADenyAllThatTheServerDoesNotHave() {
        var denyAll = new ObjectKey(Resource.NETWORK_POLICY, Setup.NAMESPACE, Names.DENY_ALL);
        Plan plan = Plan.of(
                List.of(new Write.Confirm(denyAll, "DenyAllBeforePods"), new Write.Create(POD, pod(), "SlotEmpty")),
                Optional.empty());
        assertThat(executor.carryOut(plan, executor.startOfDecision()))
                .singleElement()
                .isInstanceOf(Result.Conflict.class);
        assertThat(world.server().find(POD)).isEmpty();

        api.create(denyAll, DenyAllPolicy.build(Setup.NAMESPACE));
        assertThat(executor.carryOut(plan, executor.startOfDecision()))
                .hasSize(2)
                .allMatch(Result.Done.class::isInstance);
    }

    /** Its finalizer keeps it for as long as build pods are left, so one that came just now could stay without it. */
    @Test
    void noPodIsMadeUnderADenyAllThatIsBeingDeleted() {
        var denyAll = new ObjectKey(Resource.NETWORK_POLICY, Setup.NAMESPACE, Names.DENY_ALL);
        api.create(denyAll, DenyAllPolicy.build(Setup.NAMESPACE));
        world.server().delete(User.OPERATOR, denyAll, null, null);
        for (Write asked : List.of(
                new Write.Confirm(denyAll, "DenyAllBeforePods"),
                new Write.Create(denyAll, DenyAllPolicy.build(Setup.NAMESPACE), "DenyAllBeforePods"))) {
            Plan plan = Plan.of(List.of(asked, new Write.Create(POD, pod(), "SlotEmpty")), Optional.empty());
            assertThat(executor.carryOut(plan, executor.startOfDecision()))
                    .singleElement()
                    .isInstanceOf(Result.Conflict.class);
        }
        assertThat(world.server().find(POD)).isEmpty();
    }

    private static Pod pod() {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace(Setup.NAMESPACE)
                .withName(POD.name())
                .endMetadata()
                .build();
    }

    @Test
    void aPodThatIsLetGoTakesNoExposedAccountWithIt() {
        Pod held = heldPod();
        ObjectKey incident = opened(held);
        close(incident);
        reconcile(incident);
        assertThat(world.server().find(ACCOUNT))
                .as("its tokens die before what is known of them")
                .isEmpty();
        assertThat(world.server().find(POD)).isEmpty();
    }

    @Test
    void aRevocationThatIsYetToComeIsLookedForAndTold() {
        ObjectKey incident = opened(heldPod());
        assertThat(reconcile(incident)).isPresent();
        world.server().delete(User.OPERATOR, ACCOUNT, null, null);
        reconcile(incident);
        assertThat(steps(incident)).contains("IdentityRevoked");
    }

    @Test
    void theClaimOfALaterPodOfTheNameIsNotTheIncidents() {
        Pod first = heldPod();
        ObjectKey incident = opened(first);
        world.server().delete(User.OPERATOR, POD, null, null);
        heldPod();
        kubelet.stepForward();
        kubelet.stepForward();
        assertThat(world.server().all(Resource.CLAIM)).hasSize(1);
        reconcile(incident);
        assertThat(incident(incident).getStatus().volumes()).isEmpty();
    }

    @Test
    void aNamespaceThatGoesGetsNoSecondIncidentElsewhere() {
        Pod held = heldPod();
        ObjectKey incident = opened(held);
        world.server().namespaces().delete(Setup.NAMESPACE);
        new IncidentOpener(api, executor, world.clock(), OperatorUnderTest.OWN_NAMESPACE).open(held);
        assertThat(world.server().all(Resource.BUILD_INCIDENT))
                .singleElement()
                .extracting(Version::key)
                .isEqualTo(incident);
    }

    @Test
    void whatIsToldOfAClosedIncidentDoesNotDependOnWhoLooksLater() {
        heldPod();
        kubelet.stepForward();
        kubelet.stepForward();
        ObjectKey incident = opened(world.server().find(POD).orElseThrow().as(Pod.class));
        close(incident);
        reconcile(incident);
        kubelet.stepForward();
        reconcile(incident);
        long revision = incidentRevision(incident);
        while (new Collectors(world).stepAny()) {}
        assertThat(world.server().all(Resource.CLAIM)).isEmpty();
        reconcile(incident);
        assertThat(incidentRevision(incident)).isEqualTo(revision);
    }

    /** After a restart the caches are empty for a moment: unknown is not zero, and a closed incident stays as it is. */
    @Test
    void aDenialDoesNotCountTheBuildsThatItStopsBeforeTheyAreKnown() {
        ObjectKey incident = opened(heldPod());
        close(incident, Map.of("verdict", "Confirmed", "denyImage", true));
        reconcile(incident);
        assertThat(incident(incident).getStatus().timeline())
                .filteredOn(entry -> entry.step().equals("ImageDenied"))
                .singleElement()
                .satisfies(entry -> assertThat(entry.detail()).contains(IMAGE).doesNotContain("stops"));
    }

    private Pod heldPod() {
        String accountUid = world.server().find(ACCOUNT).orElseThrow().uid();
        Version environment = world.server().find(Setup.environment("agents")).orElseThrow();
        var pod = new PodBuilder()
                .withNewMetadata()
                .withNamespace(Setup.NAMESPACE)
                .withName(POD.name())
                .withLabels(Map.of(
                        CleanroomApi.ENVIRONMENT_LABEL,
                        "agents",
                        CleanroomApi.STATE_LABEL,
                        CleanroomApi.STATE_QUARANTINED))
                .withAnnotations(Map.of(
                        CleanroomApi.ACCOUNT_UID_ANNOTATION,
                        accountUid,
                        CleanroomApi.BUILD_IMAGE_ANNOTATION,
                        "registry.example.com/builders/maven@" + IMAGE))
                .addNewOwnerReference()
                .withApiVersion(Resource.BUILD_ENVIRONMENT.apiVersion())
                .withKind(Resource.BUILD_ENVIRONMENT.kind())
                .withName("agents")
                .withUid(environment.uid())
                .withController(true)
                .endOwnerReference()
                .endMetadata()
                .withNewSpec()
                .addNewVolume()
                .withName("cleanroom-workspace")
                .withNewEphemeral()
                .endEphemeral()
                .endVolume()
                .endSpec()
                .build();
        return (Pod) ((Answer.Ok) api.create(POD, pod)).object();
    }

    private ObjectKey opened(Pod pod) {
        BuildIncident incident = OpenedIncident.of(pod, Setup.NAMESPACE);
        var key = new ObjectKey(
                Resource.BUILD_INCIDENT, Setup.NAMESPACE, incident.getMetadata().getName());
        api.create(key, incident);
        return key;
    }

    private void close(ObjectKey incident) {
        close(incident, Map.of("verdict", "Confirmed"));
    }

    private void close(ObjectKey incident, Map<String, Object> resolution) {
        world.server().patch(User.RESPONDER, incident, List.of(Operation.set("/spec/resolution", resolution)));
    }

    private Optional<Duration> reconcile(ObjectKey incident) {
        return new IncidentReconciler(
                        api, executor, world.clock(), OperatorUnderTest.OWN_NAMESPACE, digest -> Optional.empty())
                .run(incident.namespace(), incident.name());
    }

    private BuildIncident incident(ObjectKey key) {
        return world.server().find(key).orElseThrow().as(BuildIncident.class);
    }

    private long incidentRevision(ObjectKey key) {
        return world.server().find(key).orElseThrow().revision();
    }

    private List<String> steps(ObjectKey incident) {
        return incident(incident).getStatus().timeline().stream()
                .map(entry -> entry.step())
                .toList();
    }
}
