package dev.cleanroom.operator.check;

import dev.cleanroom.operator.guardrails.GuardRails;
import dev.cleanroom.operator.kube.Resource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The chart's admission policies and bindings, looked at as the operator does. */
final class RailsCheck {
    private static final String WHAT = "guard rails";

    private RailsCheck() {}

    static List<Finding> of(
            GuardRails rails, Map<Resource, Read<List<GenericKubernetesResource>>> stored, Target target) {
        Map<Resource, Optional<List<GenericKubernetesResource>>> known = new EnumMap<>(Resource.class);
        List<Finding> findings = new ArrayList<>();
        stored.forEach((kind, read) -> {
            switch (read) {
                case Read.Found<List<GenericKubernetesResource>>(var items) -> known.put(kind, Optional.of(items));
                case Read.Absent<List<GenericKubernetesResource>> _ -> known.put(kind, Optional.empty());
                case Read.Denied<List<GenericKubernetesResource>> denied ->
                    findings.add(Finding.denied(WHAT + " of kind " + kind.kind(), denied));
            }
        });
        List<GuardRails.RailState> seen = rails.look(known);
        List<GuardRails.RailState> faulty =
                seen.stream().filter(rail -> rail.fault().isPresent()).toList();
        if (!faulty.isEmpty()) {
            findings.addFirst(Finding.missing(WHAT, told(faulty, seen.size()), remedy(faulty, target)));
        } else if (!seen.isEmpty()) {
            findings.addFirst(Finding.ok(WHAT + ": " + seen.size() + " policies and bindings in force"));
        }
        return findings;
    }

    /** Where no chart is installed, the names of all of them would tell nobody anything. */
    private static String told(List<GuardRails.RailState> faulty, int looked) {
        return faulty.size() == looked && faulty.stream().noneMatch(GuardRails.RailState::stored)
                ? "all " + looked + " are missing"
                : faulty.size() + " of " + looked + " not in force: "
                        + faulty.stream()
                                .map(rail -> rail.kind().kind() + " " + rail.name() + " "
                                        + rail.fault().orElseThrow())
                                .collect(Collectors.joining("; "));
    }

    /**
     * An upgrade brings back what is gone, and keeps what somebody added: what was changed must go first. The release is
     * asked for before that, or a mistyped namespace would take the rails away and bring none.
     */
    private static String remedy(List<GuardRails.RailState> faulty, Target target) {
        String changed = faulty.stream()
                .filter(GuardRails.RailState::stored)
                .map(rail -> rail.kind().kind().toLowerCase(Locale.ROOT) + "/" + rail.name())
                .collect(Collectors.joining(" "));
        return changed.isEmpty()
                ? target.upgrade()
                : target.released() + " && kubectl delete " + changed + " && " + target.upgrade();
    }
}
