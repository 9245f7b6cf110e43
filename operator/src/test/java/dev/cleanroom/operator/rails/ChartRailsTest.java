package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Chart;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What all guard rails of the chart have in common. */
@LabTest
class ChartRailsTest {
    private static final String OPEN_FOR_BUILDS = "{matchLabels={cleanroom.dev/builds=enabled}}";

    @Test
    void everyRailFailsClosedAndIsFeltInNamespacesOpenForBuildsOnly(Lab lab) {
        List<HasMetadata> rails = Chart.objects(lab.admin(), Chart.ALL_APIS).stream()
                .filter(item -> item.getKind().contains("AdmissionPolicy"))
                .toList();
        assertThat(rails).hasSizeGreaterThan(30);
        for (HasMetadata rail : rails) {
            GenericKubernetesResource generic =
                    Serialization.unmarshal(Serialization.asJson(rail), GenericKubernetesResource.class);
            if (rail.getKind().endsWith("Binding")) {
                assertThat(String.valueOf(generic.<Object>get("spec", "matchResources", "namespaceSelector")))
                        .as(rail.getMetadata().getName())
                        .isEqualTo(OPEN_FOR_BUILDS);
                assertThat(generic.<String>get("spec", "policyName"))
                        .isEqualTo(rail.getMetadata().getName());
            } else {
                assertThat(generic.<String>get("spec", "failurePolicy")).isEqualTo("Fail");
                assertThat(String.valueOf(generic.<Object>get("spec", "matchConstraints", "namespaceSelector")))
                        .as(rail.getMetadata().getName())
                        .isEqualTo(OPEN_FOR_BUILDS);
            }
        }
    }

    @Test
    void onlyTheMutatingRailsDependOnWhatIsServed(Lab lab) {
        assertThat(Chart.objects(lab.admin(), List.of(Chart.CLASSES)))
                .noneMatch(item -> item.getKind().startsWith("Mutating"))
                .hasSize(Chart.objects(lab.admin(), Chart.ALL_APIS).size() - 4);
    }

    @Test
    void theApiServerFindsNoFaultInTheirExpressions(Lab lab) {
        List<String> names = Chart.objects(lab.admin(), Chart.ALL_APIS).stream()
                .filter(ValidatingAdmissionPolicy.class::isInstance)
                .map(item -> item.getMetadata().getName())
                .toList();
        for (String name : names) {
            Environments.until("the types of " + name + " to be checked", () -> {
                var policy = lab.admin()
                        .admissionRegistration()
                        .v1()
                        .validatingAdmissionPolicies()
                        .withName(name)
                        .get();
                assertThat(policy.getStatus()).isNotNull();
                assertThat(policy.getStatus().getObservedGeneration())
                        .isEqualTo(policy.getMetadata().getGeneration());
                assertThat(policy.getStatus().getTypeChecking().getExpressionWarnings())
                        .as("warnings of %s", name)
                        .isNullOrEmpty();
            });
        }
    }
}
