package dev.cleanroom.operator.incident;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildIncidentSpec.TriggerSource;
import dev.cleanroom.api.v1alpha1.BuildIncidentStatus.TimelineEntry;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.incident.resources.DeniedPolicy;
import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.Clients;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.RestApi;
import dev.cleanroom.operator.lab.BuildEnvironmentAssert;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Kubeconfig;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A resolution denies the image that its build ran, where it says so, on a real API server. */
@LabTest
class DeniedImageTest extends WithSuspects {
    private static final int MOST_DIGESTS = 1_000;
    private static final String DENY = "{\"verdict\":\"Confirmed\",\"cause\":\"Image\",\"denyImage\":true}";

    /** No other test runs it, so that none is stopped by the denial. */
    private static final String IMAGE = "registry.example.com/builders/curl-jq:1";

    @AfterEach
    void forget() {
        list().delete();
        Environments.until("the list to be gone", () -> assertThat(list().get()).isNull());
    }

    private io.fabric8.kubernetes.client.dsl.Resource<TrustPolicy> list() {
        return lab.admin().resources(TrustPolicy.class).withName("cleanroom-denied");
    }

    private List<String> denied() {
        return list().get().getSpec().deny().digests();
    }

    private void run(String name) {
        BuildEnvironment environment = Manifests.agent(name, "standard", 1);
        environments.create(Serialization.unmarshal(
                Serialization.asJson(environment).replace(Manifests.IMAGE, IMAGE), BuildEnvironment.class));
        environments.awaitCondition(name, "Ready", "True", "Running");
    }

    private String digest(String environment) {
        return environments.get(environment).getStatus().image().digest();
    }

    @Test
    void itStartsNowhereAnyMoreAndWhatRunsItIsQuarantined() {
        run("web");
        run("sibling");
        suspects.run(Manifests.agent("other", "standard", 1));
        String digest = digest("web");
        String name = suspects.quarantine("web-0-1");
        incidents.awaitCondition(name, "Rebuilt", "True", "Replaced");

        incidents.resolve(
                name, "{\"verdict\":\"Confirmed\",\"cause\":\"Image\",\"denyImage\":true,\"note\":\"a miner\"}");

        incidents.awaitCondition(name, "Closed", "True", "Confirmed");
        assertThat(denied()).containsExactly(digest);
        incidents.await(name, closed -> {
            assertThat(closed.getStatus().exposure().imageDigest()).isEqualTo(digest);
            assertThat(closed.getStatus().timeline())
                    .extracting(TimelineEntry::step)
                    .containsExactlyInAnyOrder("Opened", "Isolated", "Replaced", "ImageDenied", "Closed", "Released");
            assertThat(closed.getStatus().timeline())
                    .filteredOn(entry -> entry.step().equals("Closed"))
                    .extracting(TimelineEntry::detail)
                    .containsExactly("Confirmed, cause: Image: a miner");
        });
        assertThat(incidents.message(name, "Closed"))
                .endsWith(
                        "the image that it ran, " + digest + ", is denied by TrustPolicy cleanroom-denied, which stops"
                                + " 2 environments of this namespace (sibling, web) and 0 of other namespaces");
        for (String environment : List.of("web", "sibling")) {
            environments.awaitCondition(environment, "Stalled", "True", "DigestDenied");
        }
        suspects.awaitState("web-0-2", "quarantined");
        suspects.awaitState("sibling-0-1", "quarantined");
        String indicated = incidents.awaitOf(environments.pod("sibling-0-1"));
        assertThat(incidents.get(indicated).getSpec().trigger().source()).isEqualTo(TriggerSource.Indicator);
        assertThat(incidents.get(indicated).getSpec().trigger().reason())
                .matches("TrustPolicy cleanroom-denied \\(generation \\d+\\) denies the image " + digest);
        assertThat(environments.podNames("sibling")).containsExactly("sibling-0-1");
        assertThat(environments.podNames("web")).containsExactly("web-0-2");
        BuildEnvironmentAssert.assertThat(environments.get("other"))
                .hasCurrentCondition("ImageVerified", "True", "Verified");

        // Who closes those as Confirmed too adds nothing; who takes the digest off has it run again.
        incidents.resolve(indicated, DENY);
        incidents.awaitCondition(indicated, "Closed", "True", "Confirmed");
        assertThat(denied()).containsExactly(digest);
        deny(List.of());
        environments.awaitCondition("sibling", "Ready", "True", "Running");
        assertThat(denied()).isNullOrEmpty();
    }

    @Test
    void aFalsePositiveDeniesNothing() {
        run("web");
        String name = suspects.quarantine("web-0-1");
        incidents.resolve(name, "FalsePositive", "");
        incidents.awaitCondition(name, "Closed", "True", "FalsePositive");
        environments.awaitPods("web", "web-0-2");
        assertThat(incidents.get(name).getStatus().timeline())
                .extracting(TimelineEntry::step)
                .doesNotContain("ImageDenied");
        assertThat(list().get()).isNull();
    }

    /** A poisoned dependency must not stop every build that uses the same builder. */
    @Test
    void aConfirmedOneDeniesNothingUnlessItSaysSo() {
        run("web");
        run("sibling");
        String digest = digest("web");
        String name = suspects.quarantine("web-0-1");
        incidents.awaitCondition(name, "Rebuilt", "True", "Replaced");

        incidents.resolve(name, "{\"verdict\":\"Confirmed\",\"cause\":\"Dependency\"}");

        incidents.awaitCondition(name, "Closed", "True", "Confirmed");
        environments.awaitPods("web", "web-0-2");
        assertThat(list().get()).isNull();
        assertThat(incidents.message(name, "Closed"))
                .contains(
                        "the image that it ran, " + digest + ", is not denied", "denyImage: true", "spec.deny.digests");
        assertThat(environments.podNames("sibling")).containsExactly("sibling-0-1");
        BuildEnvironmentAssert.assertThat(environments.get("sibling"))
                .hasCurrentCondition("ImageVerified", "True", "Verified");
    }

    @Test
    void aListThatIsFullHoldsThePodUntilThereIsRoom() {
        list(IntStream.range(0, MOST_DIGESTS)
                .mapToObj("\"sha256:%064x\""::formatted)
                .collect(Collectors.joining(",")));
        run("web");
        String digest = digest("web");
        String name = suspects.quarantine("web-0-1");

        incidents.resolve(name, DENY);

        incidents.awaitCondition(name, "Closed", "False", "WriteRefused");
        incidents.awaitCondition(name, "Ready", "False", "WriteRefused");
        assertThat(incidents.get(name).getStatus().conditions())
                .filteredOn(condition -> condition.getType().equals("Closed"))
                .singleElement()
                .satisfies(condition -> assertThat(condition.getMessage())
                        .contains(digest, "kubectl edit tpol cleanroom-denied", "must have at most 1000 items"));
        assertThat(environments.podNames("web")).contains("web-0-1");

        deny(denied().subList(1, MOST_DIGESTS));
        incidents.awaitCondition(name, "Closed", "True", "Confirmed");
        assertThat(denied()).hasSize(MOST_DIGESTS).endsWith(digest);
    }

    private void deny(List<String> digests) {
        list().patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        Serialization.asJson(Map.of("spec", Map.of("deny", Map.of("digests", digests)))));
    }

    private void list(String digests) {
        lab.admin()
                .resource(Serialization.unmarshal(
                        "apiVersion: cleanroom.dev/v1alpha1\nkind: TrustPolicy\nmetadata: {name: cleanroom-denied}\n"
                                + "spec: {deny: {digests: [" + digests + "]}}",
                        TrustPolicy.class))
                .create();
    }

    /** The right to create is bound to the name by server-side apply alone, which is why the list is made so. */
    @Test
    void theOperatorMayWriteThatPolicyAndNoOther() {
        try (KubernetesClient client = Clients.forWriting(Kubeconfig.read(lab.operatorKubeconfig()))) {
            var api = new RestApi(client);
            var other = new ObjectKey(Resource.TRUST_POLICY, null, "builders-too");
            TrustPolicy policy = DeniedPolicy.build();
            var own = new ObjectKey(
                    Resource.TRUST_POLICY, null, policy.getMetadata().getName());
            assertThat(api.create(own, policy))
                    .isInstanceOfSatisfying(Answer.Rejected.class, DeniedImageTest::forbidden);
            assertThat(api.apply(own, policy)).isInstanceOf(Answer.Ok.class);
            assertThat(api.apply(own, policy)).isInstanceOf(Answer.Ok.class);
            policy.getMetadata().setName("builders-too");
            assertThat(api.apply(other, policy))
                    .isInstanceOfSatisfying(Answer.Rejected.class, DeniedImageTest::forbidden);
        }
    }

    private static void forbidden(Answer.Rejected rejected) {
        assertThat(rejected.code()).isEqualTo(403);
    }
}
