package dev.cleanroom.operator.check;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.operator.classes.ClassChoice;
import dev.cleanroom.operator.classes.LimitRangeAdvice;
import dev.cleanroom.operator.classes.LimitRangeRules;
import dev.cleanroom.operator.classes.StepResources;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Checks whether the LimitRanges of a namespace allow what pods there request, before a pod is refused. */
final class LimitRangeCheck {
    private LimitRangeCheck() {}

    /** What build pods request. The gate requests what the build requests, so it is not checked again. */
    static List<Finding> builds(
            Lookup<List<LimitRange>> ranges,
            Lookup<List<BuildEnvironment>> environments,
            Lookup<List<BuildEnvironmentClass>> classes,
            String namespace) {
        String what = "LimitRanges in " + namespace;
        return switch (ranges) {
            case Lookup.Denied<List<LimitRange>> denied -> List.of(Finding.denied(what, denied));
            case Lookup.Absent<List<LimitRange>> _ -> List.of(Finding.ok(what + ": none"));
            case Lookup.Found<List<LimitRange>>(var found) when found.isEmpty() -> List.of(Finding.ok(what + ": none"));
            case Lookup.Found<List<LimitRange>>(var found) ->
                classes instanceof Lookup.Found<List<BuildEnvironmentClass>>(var known)
                        ? builds(what, namespace, found, new Wanted(environments, known))
                        : List.of(Finding.note(what, "not checked, because the classes are not known"));
        };
    }

    private record Wanted(Lookup<List<BuildEnvironment>> environments, List<BuildEnvironmentClass> classes) {
        /** Those that can be read and have a class; other findings are about the rest. */
        Map<String, BuildEnvironmentSpec> specs() {
            Map<String, BuildEnvironmentSpec> specs = new TreeMap<>();
            if (environments instanceof Lookup.Found<List<BuildEnvironment>>(var all)) {
                all.stream()
                        .filter(environment -> environment.getSpec() != null)
                        .forEach(environment ->
                                specs.put(environment.getMetadata().getName(), environment.getSpec()));
            }
            return specs;
        }
    }

    private static List<Finding> builds(String what, String namespace, List<LimitRange> ranges, Wanted wanted) {
        SortedMap<String, SortedSet<String>> refused = new TreeMap<>();
        wanted.specs()
                .forEach((name, spec) -> why(ranges, spec, wanted.classes())
                        .forEach(why -> refused.computeIfAbsent(why, key -> new TreeSet<>())
                                .add(name)));
        List<Finding> findings = new ArrayList<>();
        refused.forEach((why, names) -> findings.add(Finding.missing(
                what,
                "the pods of " + String.join(", ", names) + " are refused: " + why,
                "kubectl edit benv " + names.first() + " -n " + namespace)));
        if (ClassChoice.of(null, wanted.classes()) instanceof ClassChoice.Chosen chosen) {
            why(ranges, without(chosen))
                    .forEach(why -> findings.add(Finding.note(
                            what,
                            "an environment that sets no resources and has class "
                                    + chosen.buildClass().getMetadata().getName() + " would be refused: " + why,
                            "kubectl describe limitrange -n " + namespace)));
        }
        return findings.isEmpty()
                ? List.of(Finding.ok(what + " (" + names(ranges) + "): what build pods request is allowed"))
                : findings;
    }

    private static SequencedMap<String, ResourceRequirements> without(ClassChoice.Chosen chosen) {
        SequencedMap<String, ResourceRequirements> steps = new LinkedHashMap<>();
        steps.put(
                StepResources.buildField(),
                StepResources.of(null, chosen.buildClass().getSpec()));
        return steps;
    }

    private static List<String> why(
            List<LimitRange> ranges, BuildEnvironmentSpec spec, List<BuildEnvironmentClass> classes) {
        if (!(ClassChoice.of(spec.className(), classes) instanceof ClassChoice.Chosen chosen)) {
            return List.of();
        }
        List<String> why = new ArrayList<>(
                why(ranges, StepResources.byField(spec, chosen.buildClass().getSpec())));
        if (spec.workspace() != null) {
            Quantity size = spec.workspace().size();
            ranges.stream()
                    .flatMap(range -> LimitRangeRules.claimRefusals(range, size).stream())
                    .map(words -> words + ". Change spec.workspace.size")
                    .forEach(why::add);
        }
        return why;
    }

    private static List<String> why(List<LimitRange> ranges, SequencedMap<String, ResourceRequirements> steps) {
        String words = ranges.stream()
                .flatMap(range -> LimitRangeRules.refusals(range, steps.values()).stream())
                .distinct()
                .collect(Collectors.joining(", "));
        Stream<String> refused = words.isEmpty()
                ? Stream.empty()
                : Stream.of(words
                        + LimitRangeAdvice.of(words, steps)
                                .map(advice -> ". " + advice)
                                .orElse(""));
        return Stream.concat(refused, added(ranges, steps.values()).stream()).toList();
    }

    /** The resources that a LimitRange would add to a step, other than those that the step has a limit for. */
    private static Optional<String> added(List<LimitRange> ranges, Collection<ResourceRequirements> steps) {
        SortedSet<String> added = new TreeSet<>();
        ranges.forEach(range -> LimitRangeRules.defaultLimits(range).keySet().stream()
                .filter(resource ->
                        steps.stream().anyMatch(step -> !step.getLimits().containsKey(resource)))
                .forEach(added::add));
        return added.isEmpty()
                ? Optional.empty()
                : Optional.of("a LimitRange has a default for " + String.join(", ", added)
                        + ", and the guard rail requested-is-what-runs refuses a resource that was not requested. Remove"
                        + " the default, or set the resource in every step and allow it in the class");
    }

    /**
     * What a Deployment of the chart requests.
     *
     * @param value the chart's value that sets it
     */
    static Optional<Finding> ofChart(
            Lookup<List<LimitRange>> ranges, Lookup<Deployment> deployment, String value, Target target) {
        if (!(ranges instanceof Lookup.Found<List<LimitRange>>(var found)
                && deployment instanceof Lookup.Found<Deployment>(Deployment stored))) {
            return Optional.empty();
        }
        List<ResourceRequirements> containers = stored.getSpec().getTemplate().getSpec().getContainers().stream()
                .map(container ->
                        container.getResources() == null ? new ResourceRequirements() : container.getResources())
                .map(resources -> LimitRangeRules.withDefaults(resources, found))
                .toList();
        String words = found.stream()
                .flatMap(range -> LimitRangeRules.refusals(range, containers).stream())
                .distinct()
                .collect(Collectors.joining(", "));
        return words.isEmpty()
                ? Optional.empty()
                : Optional.of(Finding.missing(
                        "LimitRanges in " + target.operatorNamespace() + " (" + names(found) + ")",
                        "the pods of Deployment " + stored.getMetadata().getName() + " are refused: " + words
                                + ". Set the chart's value " + value + " to what is allowed",
                        "kubectl describe limitrange -n " + target.operatorNamespace()));
    }

    private static String names(List<LimitRange> ranges) {
        return ranges.stream()
                .map(range -> range.getMetadata().getName())
                .sorted()
                .collect(Collectors.joining(", "));
    }
}
