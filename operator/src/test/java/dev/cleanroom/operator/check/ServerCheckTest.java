package dev.cleanroom.operator.check;

import static dev.cleanroom.operator.check.Stored.TARGET;
import static dev.cleanroom.operator.check.Stored.lines;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerCheckTest {
    @ParameterizedTest
    @CsvSource({
        "v1.37.2, OK",
        "v1.31.0, OK",
        "v1.31.4-gke.100, OK",
        "v1.100.0, OK",
        "v1.30.14, MISSING",
        "v1.4.0, MISSING",
        "v2.0.0, NOTE",
        "v0.0.0-master, NOTE",
        "'', NOTE"
    })
    void theVersionIsComparedByItsNumbers(String version, Finding.Level level) {
        assertThat(ServerCheck.version(new Lookup.Found<>(version)).level()).isEqualTo(level);
    }

    @Test
    void theLeastVersionIsTheCharts() throws IOException {
        assertThat(Files.readString(Repository.root().resolve("helm/cleanroom/Chart.yaml")))
                .contains("kubeVersion: \">=1." + ServerCheck.LEAST_MINOR + ".0-0\"");
    }

    @Test
    void withoutMutatingPoliciesNothingIsMissing() {
        assertThat(ServerCheck.mutatingPolicies(new Lookup.Found<>(Set.of("validatingadmissionpolicies")))
                        .level())
                .isEqualTo(Finding.Level.NOTE);
        assertThat(ServerCheck.mutatingPolicies(new Lookup.Absent<>()).level()).isEqualTo(Finding.Level.NOTE);
        assertThat(lines(ServerCheck.mutatingPolicies(Stored.denied())))
                .containsExactly("note  quarantine in the same write: not checked, because you may not list things");
    }

    @Test
    void aDefinitionThatIsNotServedIsAppliedFromTheChart() {
        assertThat(lines(ServerCheck.kinds(
                        new Lookup.Found<>(Set.of(
                                "buildenvironments",
                                "buildenvironments/status",
                                "buildenvironmentclasses",
                                "buildincidents",
                                "buildrecords",
                                "trustpolicies/status")),
                        TARGET)))
                .containsExactly(
                        "ok    CustomResourceDefinition of BuildEnvironment",
                        "ok    CustomResourceDefinition of BuildEnvironmentClass",
                        "MISSING  CustomResourceDefinition of TrustPolicy: it is not served at v1alpha1",
                        "    kubectl apply --server-side -f helm/cleanroom/files/crds/trustpolicies.cleanroom.dev.yaml",
                        "ok    CustomResourceDefinition of BuildIncident",
                        "ok    CustomResourceDefinition of BuildRecord");
        assertThat(Repository.root().resolve("helm/cleanroom/files/crds/trustpolicies.cleanroom.dev.yaml"))
                .exists();
    }

    @Test
    void whereNoneIsServedTheChartIsInstalled() {
        assertThat(lines(ServerCheck.kinds(new Lookup.Absent<>(), TARGET)))
                .containsExactly(
                        "MISSING  CustomResourceDefinitions of cleanroom.dev/v1alpha1: none is served",
                        "    helm install cleanroom helm/cleanroom -n cleanroom-system --create-namespace --set"
                                + " image=registry.example.com/cleanroom/operator@sha256:... --set"
                                + " tools.image=registry.example.com/cleanroom/tools@sha256:...");
        assertThat(lines(ServerCheck.kinds(Stored.denied(), TARGET)))
                .singleElement()
                .asString()
                .startsWith("note  ");
    }
}
