package dev.cleanroom.operator.guardrails;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.lab.Chart;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabCluster;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.OperatorProcess;
import dev.cleanroom.operator.lab.Repository;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBinding;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the operator knows of the guard rails, and what it says when one is not as it should be. */
@LabTest
class GuardRailWatchTest {
    private static final Path KNOWN = Repository.root().resolve("operator/src/main/resources/guard-rails.json");
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final String LIVE_ACCESS = "no-live-access.cleanroom.dev";
    private static final String EVIDENCE_STAYS = "evidence-stays.cleanroom.dev";
    private static final Duration A_LOOK_LATER = GuardRailWatch.PERIOD.multipliedBy(2);

    @Test
    void theOperatorKnowsTheChartsOwn(Lab lab) throws IOException {
        ArrayNode rendered = JSON.createArrayNode();
        for (HasMetadata rail : rendered(lab)) {
            ObjectNode entry = rendered.addObject();
            entry.put("kind", rail.getKind());
            entry.put("name", rail.getMetadata().getName());
            entry.set("spec", JSON.readTree(Serialization.asJson(rail)).get("spec"));
        }
        String text =
                JSON.writeValueAsString(rendered).replace(LabCluster.OPERATOR_NAMESPACE, "OPERATOR_NAMESPACE") + "\n";
        if (Boolean.getBoolean("cleanroom.generate")) {
            Files.writeString(KNOWN, text);
        }
        assertThat(Files.readString(KNOWN))
                .as("the guard rails changed: run this test with -Dcleanroom.generate=true")
                .isEqualTo(text);
    }

    private static List<HasMetadata> rendered(Lab lab) {
        return Chart.objects(lab.admin(), List.of(Chart.MUTATING_POLICIES)).stream()
                .filter(item -> item.getKind().contains("AdmissionPolicy"))
                .sorted(Comparator.comparing(
                        item -> item.getKind() + "/" + item.getMetadata().getName()))
                .toList();
    }

    @Test
    void oneThatIsMissingIsAMetricAndAnEvent(Lab lab) {
        OperatorProcess operator =
                lab.operator(lab.operatorKubeconfig(), "--namespaces", lab.namespace(), "--leader-elect=false");
        Environments.until(
                "every guard rail to be seen in force",
                () -> assertThat(seen(operator)).hasSizeGreaterThan(30).allMatch(line -> line.endsWith(" 1.0")));
        var binding =
                lab.admin().resources(ValidatingAdmissionPolicyBinding.class).withName(LIVE_ACCESS);
        ValidatingAdmissionPolicyBinding kept = binding.get();
        kept.getMetadata().setResourceVersion(null);
        kept.getMetadata().setUid(null);
        kept.getMetadata().setManagedFields(List.of());
        lab.onClose(() -> lab.admin().resource(kept).create());
        binding.delete();

        Environments.within(A_LOOK_LATER, "the metric")
                .untilAsserted(() -> assertThat(seen(operator))
                        .filteredOn(line -> line.endsWith(" 0.0"))
                        .singleElement()
                        .asString()
                        .contains(LIVE_ACCESS, "ValidatingAdmissionPolicyBinding"));
        Environments.until(
                "the Event",
                () -> assertThat(lab.admin()
                                .events()
                                .v1()
                                .events()
                                .inNamespace("default")
                                .list()
                                .getItems())
                        .filteredOn(event -> "GuardRailNotInForce".equals(event.getReason()))
                        .anySatisfy(event -> assertThat(event.getNote()).contains(LIVE_ACCESS, "is missing")));
    }

    @Test
    void oneThatWasLoosenedIsAsBadAsNone() {
        GuardRail rail = GuardRail.ofChart("cleanroom-system").stream()
                .filter(it -> it.name().equals(LIVE_ACCESS))
                .findFirst()
                .orElseThrow();
        ObjectNode withDefaults = rail.spec().deepCopy();
        ((ObjectNode) withDefaults.get("matchConstraints")).put("matchPolicy", "Equivalent");
        assertThat(rail.fault(Optional.of(withDefaults))).isEmpty();
        ObjectNode ignoring = rail.spec().deepCopy();
        ignoring.put("failurePolicy", "Ignore");
        assertThat(rail.fault(Optional.of(ignoring))).contains("was changed");
        ObjectNode excepting = rail.spec().deepCopy();
        excepting.withArray("matchConditions").addObject().put("name", "x").put("expression", "false");
        assertThat(rail.fault(Optional.of(excepting))).contains("was changed");
        ObjectNode unknown = rail.spec().deepCopy();
        unknown.put("ofALaterVersion", true);
        assertThat(rail.fault(Optional.of(unknown))).contains("was changed");
        assertThat(rail.fault(Optional.of(NullNode.getInstance()))).contains("was changed");
        assertThat(rail.fault(Optional.empty())).contains("is missing");
    }

    /** Each adds a field that the chart does not have, and the rail refuses nothing, or less, from then on. */
    private enum Narrowing {
        PARAMETERS(
                Resource.VALIDATING_POLICY_BINDING,
                LIVE_ACCESS,
                add("/spec/paramRef/selector/matchLabels", "{\"no\": \"such\"}")),
        CONDITION(
                Resource.VALIDATING_POLICY,
                "incidents-are-kept.cleanroom.dev",
                add("/spec/matchConditions", "[{\"name\": \"x\", \"expression\": \"false\"}]")),
        OBJECTS(
                Resource.VALIDATING_POLICY_BINDING,
                EVIDENCE_STAYS,
                add("/spec/matchResources/objectSelector/matchLabels", "{\"no\": \"such\"}")),
        NAMESPACES(
                Resource.VALIDATING_POLICY_BINDING,
                EVIDENCE_STAYS,
                add(
                        "/spec/matchResources/namespaceSelector/matchExpressions",
                        "[{\"key\": \"no\", \"operator\": \"Exists\"}]")),
        EXCLUDED(
                Resource.VALIDATING_POLICY,
                EVIDENCE_STAYS,
                add(
                        "/spec/matchConstraints/excludeResourceRules",
                        "[{\"apiGroups\": [\"\"], \"apiVersions\": [\"v1\"], \"operations\": [\"*\"], \"resources\": [\"pods\"]}]")),
        NAMED(
                Resource.VALIDATING_POLICY,
                EVIDENCE_STAYS,
                add("/spec/matchConstraints/resourceRules/0/resourceNames", "[\"no-such\"]")),
        SCOPE(
                Resource.VALIDATING_POLICY,
                EVIDENCE_STAYS,
                add("/spec/matchConstraints/resourceRules/0/scope", "\"Cluster\"")),
        EXACT(Resource.VALIDATING_POLICY, EVIDENCE_STAYS, add("/spec/matchConstraints/matchPolicy", "\"Exact\"")),
        MUTATING(
                Resource.MUTATING_POLICY,
                "quarantine.cleanroom.dev",
                add("/spec/matchConstraints/objectSelector/matchLabels", "{\"no\": \"such\"}"));

        private final Resource kind;
        private final String rail;
        private final String patch;

        Narrowing(Resource kind, String rail, String patch) {
            this.kind = kind;
            this.rail = rail;
            this.patch = patch;
        }

        private static String add(String path, String value) {
            return "[{\"op\": \"add\", \"path\": \"" + path + "\", \"value\": " + value + "}]";
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFieldThatTheChartDoesNotHaveIsAChange(Narrowing narrowing, Lab lab) {
        var stored = lab.admin()
                .genericKubernetesResources(narrowing.kind.apiVersion(), narrowing.kind.kind())
                .withName(narrowing.rail);
        assertThat(fault(narrowing, stored.get())).isEmpty();
        // With the API server's own defaults, and nothing loosened for other tests.
        assertThat(fault(narrowing, stored.dryRun().patch(PatchContext.of(PatchType.JSON), narrowing.patch)))
                .contains("was changed");
    }

    private static Optional<String> fault(Narrowing narrowing, GenericKubernetesResource stored) {
        return GuardRails.ofChart(LabCluster.OPERATOR_NAMESPACE)
                .look(Map.of(narrowing.kind, Optional.of(List.of(stored))))
                .stream()
                .filter(seen -> seen.name().equals(narrowing.rail))
                .findFirst()
                .orElseThrow()
                .fault();
    }

    private static List<String> seen(OperatorProcess operator) {
        return operator.get("/metrics")
                .orElseThrow()
                .body()
                .lines()
                .filter(line -> line.startsWith("cleanroom_guard_rail_in_force{"))
                .toList();
    }
}
