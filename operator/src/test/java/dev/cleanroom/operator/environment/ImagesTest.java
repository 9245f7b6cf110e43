package dev.cleanroom.operator.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.api.v1alpha1.TrustPolicyStatus;
import dev.cleanroom.operator.environment.model.ImageDecisions;
import dev.cleanroom.operator.pod.IncidentNames;
import dev.cleanroom.operator.trust.ImageDecision;
import dev.cleanroom.operator.trust.ImageTrust;
import dev.cleanroom.operator.trust.Policies;
import dev.cleanroom.operator.trust.policy.ConfigMaps;
import dev.cleanroom.operator.trust.policy.Policy;
import dev.cleanroom.operator.trust.policy.PolicyReader;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Which denied pods are quarantined unasked, and which wait for an administrator. */
class ImagesTest {
    private static final String MAVEN = "sha256:" + "a".repeat(64);
    private static final String NODE = "sha256:" + "b".repeat(64);
    private static final String TOOLS = "registry.example.com/tools@sha256:" + "c".repeat(64);
    private static final String COMMAND = "kubectl annotate --overwrite tpol %s cleanroom.dev/enforce=1";

    private static final BuildEnvironment ENVIRONMENT =
            Serialization.unmarshal("""
            apiVersion: cleanroom.dev/v1alpha1
            kind: BuildEnvironment
            metadata: {namespace: team, name: web, uid: uid-of-web}
            spec:
              image: registry.example.com/maven@%s
              command: [build]
              prepare:
                - {name: fetch, image: registry.example.com/node@%s, command: [fetch]}
            """.formatted(MAVEN, NODE), BuildEnvironment.class);

    private final List<Pod> pods = new ArrayList<>();
    private final List<TrustPolicy> policies = new ArrayList<>();
    private final Map<String, BuildIncident> incidents = new HashMap<>();

    private final Known known = (Known) Proxy.newProxyInstance(
            Known.class.getClassLoader(),
            new Class<?>[] {Known.class},
            (self, asked, args) -> switch (asked.getName()) {
                case "allPods" -> pods.stream();
                case "pods" -> pods;
                case "trustPolicies" -> policies;
                case "incident" -> Optional.ofNullable(incidents.get((String) args[1]));
                case "configMaps" -> ConfigMaps.NONE;
                case "installation" -> new Installation("cleanroom-system", TOOLS);
                case "classes" -> List.of();
                case "openNamespace" -> Optional.of(new ObjectMeta());
                default -> throw new AssertionError("not asked for: " + asked);
            });

    /** As a verifier answers: by the digest, and named is the policy that denies it. */
    private final ImageTrust trust = request -> CompletableFuture.completedFuture(policies().stream()
            .filter(policy -> policy.getSpec().deny().digests().stream().anyMatch(request.reference()::endsWith))
            .findFirst()
            .<ImageDecision>map(policy -> new ImageDecision.Rejected(
                    "DigestDenied",
                    "policy " + policy.getMetadata().getName() + " denies it",
                    Set.of(new Policy.Id(policy.getMetadata().getName(), 1))))
            .orElse(new ImageDecision.Unresolved("Unavailable", "HTTP 503")));

    private List<TrustPolicy> policies() {
        return policies;
    }

    private TrustPolicy deny(String name, String... digests) {
        TrustPolicy policy = Policies.named(name, "deny: {digests: [\"" + String.join("\",\"", digests) + "\"]}");
        policies.add(policy);
        return policy;
    }

    private void running(int count, String digest) {
        for (int i = 0; i < count; i++) {
            String name = "web-" + pods.size() + "-1";
            pods.add(Serialization.unmarshal("""
                    metadata:
                      namespace: team
                      name: %s
                      uid: uid-%05d
                      labels: {cleanroom.dev/environment: web, cleanroom.dev/state: active}
                      annotations: {cleanroom.dev/images: "registry.example.com/image@%s"}
                    """.formatted(name, pods.size(), digest), Pod.class));
        }
    }

    /** What the controller of policies does: it counts and stores that. */
    private void counted() {
        for (TrustPolicy policy : policies) {
            OptionalInt now =
                    Images.deniedPods(PolicyReader.read(policy, ConfigMaps.NONE).denials(), known);
            int before = policy.getStatus() == null ? 0 : policy.getStatus().deniedPods();
            policy.setStatus(new TrustPolicyStatus(1L, null, null, Math.max(before, now.orElseThrow()), null));
        }
    }

    /** By a process that has just been started: all that it knows is stored. */
    private ImageDecisions decisions() {
        return new Images(trust).decisions(ENVIRONMENT, Set.of(), known);
    }

    private String message(String digest) {
        return decisions().byReference().entrySet().stream()
                .filter(decision -> decision.getKey().endsWith(digest))
                .map(decision -> ((ImageDecision.Rejected) decision.getValue()).message())
                .findFirst()
                .orElseThrow();
    }

    /** Its state, and the incident that asked for that. */
    private void quarantined(Pod pod, String reason) {
        pod.getMetadata().getLabels().put("cleanroom.dev/state", "quarantined");
        String name = IncidentNames.incident(
                pod.getMetadata().getName(), pod.getMetadata().getUid());
        incidents.put(
                name,
                Serialization.unmarshal(
                        """
                metadata: {namespace: team, name: %s}
                spec:
                  subject: {name: %s, uid: %s}
                  trigger: {source: Indicator, reason: "%s"}
                """.formatted(
                                        name,
                                        pod.getMetadata().getName(),
                                        pod.getMetadata().getUid(),
                                        reason),
                        BuildIncident.class));
    }

    @Test
    void tenPodsAreQuarantinedAtOnce() {
        running(10, MAVEN);
        deny("denied", MAVEN);
        counted();
        assertThat(decisions().denied())
                .containsExactly(Map.entry(MAVEN, "TrustPolicy denied (generation 1) denies the image " + MAVEN));
    }

    @Test
    void nothingIsQuarantinedUnaskedBeforeThePodsWereCounted() {
        running(1, MAVEN);
        deny("denied", MAVEN);
        assertThat(decisions().denied()).isEmpty();
        assertThat(message(MAVEN)).as("nor does anything wait").isEqualTo("policy denied denies it");
    }

    @Test
    void moreThanTenPodsWaitAlsoWhenTenAreLeft() {
        running(11, MAVEN);
        deny("denied", MAVEN);
        counted();
        assertThat(decisions().denied()).isEmpty();
        pods.removeLast();
        counted();
        assertThat(decisions().denied()).as("ten are left").isEmpty();
        pods.subList(1, 10).clear();
        assertThat(decisions().denied()).as("one is left").isEmpty();
        assertThat(message(MAVEN)).endsWith(COMMAND.formatted("denied"));
    }

    @Test
    void anAdministratorHasAllOfThemQuarantined() {
        running(11, MAVEN);
        TrustPolicy denied = deny("denied", MAVEN);
        counted();
        denied.getMetadata().setAnnotations(Map.of("cleanroom.dev/enforce", "1"));
        assertThat(decisions().denied()).containsOnlyKeys(MAVEN);
        assertThat(message(MAVEN)).isEqualTo("policy denied denies it");
    }

    @Test
    void thoseThatTheDenialHadQuarantinedCountWithThoseThatComeLater() {
        running(8, MAVEN);
        deny("denied", MAVEN);
        counted();
        String reason = decisions().denied().get(MAVEN);
        pods.forEach(pod -> quarantined(pod, reason));
        running(2, MAVEN);
        assertThat(decisions().denied()).as("ten").containsOnlyKeys(MAVEN);
        running(1, MAVEN);
        assertThat(decisions().denied()).as("eleven").isEmpty();
        counted();
        pods.removeLast();
        assertThat(decisions().denied()).as("ten are left").isEmpty();
    }

    @Test
    void thoseThatSomebodyElseHadQuarantinedDoNotCount() {
        running(3, MAVEN);
        pods.forEach(pod -> quarantined(pod, "odd egress"));
        running(10, MAVEN);
        deny("denied", MAVEN);
        counted();
        assertThat(decisions().denied()).containsOnlyKeys(MAVEN);
    }

    @Test
    void theCommandIsToldOnceAndOnlyOfThePolicyThatWaits() {
        running(11, MAVEN);
        running(1, NODE);
        deny("many", MAVEN);
        deny("one", NODE);
        counted();
        assertThat(decisions().denied()).containsOnlyKeys(NODE);
        assertThat(message(MAVEN)).endsWith(COMMAND.formatted("many"));
        assertThat(message(NODE)).isEqualTo("policy one denies it");
    }

    @Test
    void twoImagesThatOnePolicyDeniesHaveTheCommandOnce() {
        running(11, MAVEN);
        running(1, NODE);
        deny("many", MAVEN, NODE);
        counted();
        assertThat(decisions().denied()).isEmpty();
        assertThat(message(MAVEN)).containsOnlyOnce(COMMAND.formatted("many"));
        assertThat(message(NODE)).containsOnlyOnce(COMMAND.formatted("many"));
    }
}
