package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Chart;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The roles that the chart installs have no wildcard, and read only secrets that somebody named. */
@LabTest
class ChartRolesTest {
    private static final String PULL_SECRETS = "cleanroom-pull-secrets";
    private static final String RUNS = "cleanroom-runs";

    @Test
    void noRoleHasAWildcardAndOneReadsSecretsThatNobodyIsBoundToUnasked(Lab lab) {
        for (HasMetadata item : Chart.objects(lab.admin(), Chart.ALL_APIS)) {
            if (item.getMetadata().getName().equals(PULL_SECRETS)) {
                assertThat(item)
                        .isInstanceOfSatisfying(
                                ClusterRole.class,
                                role -> assertThat(role.getRules())
                                        .singleElement()
                                        .isEqualTo(new PolicyRuleBuilder()
                                                .withApiGroups("")
                                                .withResources("secrets")
                                                .withVerbs("get")
                                                .build()));
                continue;
            }
            List<PolicyRule> rules = switch (item) {
                case ClusterRole role -> role.getRules();
                case Role role -> role.getRules();
                default -> List.of();
            };
            for (PolicyRule rule : rules) {
                assertThat(rule.getVerbs()).doesNotContain("*");
                assertThat(rule.getResources()).doesNotContain("*", "secrets");
                assertThat(rule.getApiGroups()).doesNotContain("*");
            }
        }
    }

    @Test
    void pullSecretsAndLogsAreReadInTheNamespacesThatAreNamed(Lab lab) {
        for (String role : List.of(PULL_SECRETS, RUNS)) {
            assertThat(bindings(role, Chart.objects(lab.admin(), Chart.ALL_APIS)))
                    .isEmpty();
            assertThat(bindings(
                            role,
                            Chart.objects(lab.admin(), Chart.ALL_APIS, "--set", "buildNamespaces={team-a,team-b}")))
                    .extracting(binding -> binding.getMetadata().getNamespace())
                    .containsExactly("team-a", "team-b");
        }
    }

    @Test
    void theRoleOfRunsReadsLogsAndNothingElse(Lab lab) {
        assertThat(Chart.objects(lab.admin(), Chart.ALL_APIS))
                .filteredOn(item -> item.getMetadata().getName().equals(RUNS))
                .singleElement()
                .isInstanceOfSatisfying(
                        ClusterRole.class,
                        role -> assertThat(role.getRules())
                                .containsExactly(new PolicyRuleBuilder()
                                        .withApiGroups("")
                                        .withResources("pods/log")
                                        .withVerbs("get")
                                        .build()));
    }

    @Test
    void ofItsOwnNamespaceOnlyTheSecretsThatAreNamed(Lab lab) {
        assertThat(secretRules(Chart.objects(lab.admin(), Chart.ALL_APIS))).isEmpty();
        assertThat(secretRules(Chart.objects(
                        lab.admin(), Chart.ALL_APIS, "--set", "verificationPullSecrets={mirror,builders}")))
                .containsExactly(new PolicyRuleBuilder()
                        .withApiGroups("")
                        .withResources("secrets")
                        .withResourceNames("mirror", "builders")
                        .withVerbs("get")
                        .build());
    }

    private static List<PolicyRule> secretRules(List<HasMetadata> items) {
        return items.stream()
                .flatMap(item -> item instanceof Role role ? role.getRules().stream() : Stream.of())
                .filter(rule -> rule.getResources().contains("secrets"))
                .toList();
    }

    private static List<HasMetadata> bindings(String role, List<HasMetadata> items) {
        return items.stream()
                .filter(item -> switch (item) {
                    case RoleBinding binding -> role.equals(binding.getRoleRef().getName());
                    case ClusterRoleBinding binding ->
                        role.equals(binding.getRoleRef().getName());
                    default -> false;
                })
                .toList();
    }
}
