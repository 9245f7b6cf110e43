package dev.cleanroom.operator.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildIncidentSpec.Verdict;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.reference.ReferenceTables.ConditionRow;
import dev.cleanroom.operator.reference.ReferenceTables.StateRow;
import dev.cleanroom.operator.reference.ReferenceTables.Told;
import dev.cleanroom.operator.trust.policy.PolicyCode;
import dev.cleanroom.operator.trust.registry.FailureCode;
import dev.cleanroom.operator.trust.sigstore.RejectionCode;
import dev.cleanroom.operator.trust.sigstore.UnresolvedCode;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The reference explains every reason that a person can meet, and none that does not exist. */
class ConditionTablesTest {
    /** Stands for the reasons of the kubelet and the scheduler, which are theirs to list. */
    private static final String OF_THE_KUBELET = "ImagePullBackOff";

    @Test
    void everyConditionAndReasonIsExplained() {
        Set<String> explained = ReferenceTables.conditions().stream()
                .flatMap(row -> Stream.concat(Stream.of(row.condition()), row.reason().stream()))
                .collect(Collectors.toSet());

        assertThat(explained).containsAll(known());
    }

    @Test
    void noReasonIsExplainedThatDoesNotExist() {
        assertThat(ReferenceTables.conditions())
                .allSatisfy(row -> assertThat(known()).contains(row.condition()))
                .allSatisfy(row -> assertThat(row.status()).isIn("True", "False", "Unknown"))
                .allSatisfy(row -> assertThat(Stream.concat(known().stream(), codes()))
                        .containsAll(row.reason().stream().toList()));
    }

    @Test
    void noRowIsThereTwice() {
        assertThat(ReferenceTables.conditions())
                .filteredOn(row -> row.reason().isPresent())
                .doesNotHaveDuplicates();
    }

    @Test
    void statesAreMadeOfConditionsThatAreExplained() {
        List<ConditionRow> explained = ReferenceTables.conditions();

        assertThat(ReferenceTables.states()).allSatisfy(state -> {
            assertThat(told(state, Reasons.READY, state.ready(), explained)).isTrue();
            assertThat(told(state, Reasons.STALLED, state.stalled(), explained)).isTrue();
            assertThat(state.health()).isIn("Healthy", "Progressing", "Degraded", "Suspended");
        });
    }

    /** A Ready that is False takes its reason from Stalled, so either table row will do. */
    private static boolean told(StateRow state, String condition, Optional<Told> told, List<ConditionRow> explained) {
        return told.filter(it -> !it.reason().equals(OF_THE_KUBELET))
                .map(it -> explained.stream()
                        .filter(row -> row.kind().equals(state.kind()))
                        .filter(row -> row.reason().equals(Optional.of(it.reason())))
                        .anyMatch(row -> row.condition().equals(condition)
                                || (row.condition().equals(Reasons.STALLED)
                                        && it.status().equals("False"))))
                .orElse(true);
    }

    /** Reasons of ImageVerified, each explained in docs/verification.md or docs/registry.md. */
    private static Stream<String> codes() {
        return Stream.of(PolicyCode.values(), RejectionCode.values(), UnresolvedCode.values(), FailureCode.values())
                .flatMap(Arrays::stream)
                .map(Enum::name);
    }

    private static Set<String> known() {
        Set<String> known = new TreeSet<>();
        Arrays.stream(Verdict.values()).map(Verdict::name).forEach(known::add);
        Arrays.stream(Reasons.class.getFields())
                .filter(field -> Modifier.isStatic(field.getModifiers()))
                .map(field -> {
                    try {
                        return (String) field.get(null);
                    } catch (IllegalAccessException e) {
                        throw new AssertionError(e);
                    }
                })
                .forEach(known::add);
        return known;
    }
}
