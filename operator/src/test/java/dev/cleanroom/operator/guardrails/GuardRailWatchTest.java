package dev.cleanroom.operator.guardrails;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.operator.lab.Chart;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabCluster;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.OperatorProcess;
import dev.cleanroom.operator.lab.Repository;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBinding;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the operator knows of the guard rails, and what it says when one is not as it should be. */
@LabTest
class GuardRailWatchTest {
    private static final Path KNOWN = Repository.root().resolve("operator/src/main/resources/guard-rails.json");
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final String LIVE_ACCESS = "no-live-access.cleanroom.dev";
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
        String yaml = Chart.render(List.of(Chart.MUTATING_POLICIES));
        return lab.admin().load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8))).items().stream()
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
        withDefaults.put("matchPolicy", "Equivalent");
        assertThat(rail.fault(Optional.of(withDefaults))).isEmpty();
        ObjectNode ignoring = rail.spec().deepCopy();
        ignoring.put("failurePolicy", "Ignore");
        assertThat(rail.fault(Optional.of(ignoring))).contains("was changed");
        ObjectNode excepting = rail.spec().deepCopy();
        excepting.withArray("matchConditions").addObject().put("name", "x").put("expression", "false");
        assertThat(rail.fault(Optional.of(excepting))).contains("was changed");
        assertThat(rail.fault(Optional.empty())).contains("is missing");
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
