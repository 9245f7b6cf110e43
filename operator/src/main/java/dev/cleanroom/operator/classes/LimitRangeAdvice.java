package dev.cleanroom.operator.classes;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.math.BigDecimal;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which fields of an environment to change, by the words in which the API server refuses a pod that a LimitRange does not
 * allow (plugin/pkg/admission/limitranger in Kubernetes). The words name neither the container nor the field.
 */
public final class LimitRangeAdvice {
    /** The most fields that are named, because conditions are short. */
    private static final int MOST_FIELDS = 4;

    private static final String RESOURCE = "(?<resource>[A-Za-z0-9][A-Za-z0-9./-]*)";
    private static final String ALLOWED = "(?<allowed>[0-9]+(?:\\.[0-9]+)?(?:[KMGTPE]i|[numkMGTPE])?)";

    private static final Pattern BOUND = Pattern.compile("(?<bound>minimum|maximum) " + RESOURCE
            + " usage per (?<scope>Container|Pod) is " + ALLOWED
            + "(?:, but (?<wrong>request|limit) is|\\. +No (?<absent>request|limit) is specified)");

    private static final Pattern RATIO =
            Pattern.compile(RESOURCE + " max limit to request ratio per (?:Container|Pod) is " + ALLOWED + ", but ");

    private final SequencedMap<String, ResourceRequirements> steps;
    private final SequencedSet<String> changes = new LinkedHashSet<>();

    private LimitRangeAdvice(SequencedMap<String, ResourceRequirements> steps) {
        this.steps = steps;
    }

    /**
     * @param words the API server's message, at most as long as a condition shows it
     * @param steps the resources of the refused pod's steps, by the field that sets them; the build is the first
     * @return empty if it was not a LimitRange that refused the pod
     */
    public static Optional<String> of(String words, SequencedMap<String, ResourceRequirements> steps) {
        var advice = new LimitRangeAdvice(steps);
        BOUND.matcher(words).results().forEach(advice::bound);
        RATIO.matcher(words).results().forEach(advice::ratio);
        return advice.changes.isEmpty()
                ? Optional.empty()
                : Optional.of("Set "
                        + String.join(
                                ", ", advice.changes.stream().limit(MOST_FIELDS).toList())
                        + (advice.changes.size() > MOST_FIELDS ? ", and more" : "")
                        + ". A field that is not set has the value of the class"
                        + (advice.changes.stream().anyMatch(change -> change.startsWith(StepResources.OBSERVER))
                                ? ". No field sets the observer's: change the LimitRange, or set spec.detection.mode to Off"
                                : ""));
    }

    private void bound(MatchResult found) {
        boolean minimum = found.group("bound").equals("minimum");
        String part = found.group("wrong") == null ? found.group("absent") : found.group("wrong");
        String resource = found.group("resource");
        BigDecimal allowed = amount(new Quantity(found.group("allowed")));
        fields(step -> {
                    @Nullable Quantity value = value(step, part, resource);
                    return value == null
                            || (minimum
                                    ? amount(value).compareTo(allowed) < 0
                                    : amount(value).compareTo(allowed) > 0);
                })
                // The pod requests as much as its greatest step, so one step is enough.
                .limit(minimum && found.group("scope").equals("Pod") ? 1 : steps.size())
                .forEach(field -> changes.add(part(field, part + "s.") + resource + " to "
                        + (minimum ? "at least " : "at most ") + found.group("allowed")));
    }

    private void ratio(MatchResult found) {
        String resource = found.group("resource");
        BigDecimal allowed = amount(new Quantity(found.group("allowed")));
        fields(step -> {
                    @Nullable Quantity limit = value(step, "limit", resource);
                    @Nullable Quantity request = value(step, "request", resource);
                    return limit == null
                            || request == null
                            || amount(limit).compareTo(amount(request).multiply(allowed)) > 0;
                })
                .forEach(field -> changes.add(part(field, "limits.") + resource + " to at most "
                        + found.group("allowed") + " times " + part(field, "requests.") + resource));
    }

    private static String part(String field, String part) {
        return field + (field.equals(StepResources.OBSERVER) ? " " : ".") + part;
    }

    /** The fields of the steps that break the rule. If it is about the whole pod, no single step need break it. */
    private Stream<String> fields(Predicate<ResourceRequirements> breaks) {
        List<String> fields = steps.entrySet().stream()
                .filter(step -> breaks.test(step.getValue()))
                .map(Map.Entry::getKey)
                .toList();
        return fields.isEmpty() ? steps.keySet().stream().limit(1) : fields.stream();
    }

    /** Without a request, the limit is the request. */
    private static @Nullable Quantity value(ResourceRequirements step, String part, String resource) {
        @Nullable Quantity limit = step.getLimits() == null ? null : step.getLimits().get(resource);
        @Nullable Quantity request =
                step.getRequests() == null ? null : step.getRequests().get(resource);
        return part.equals("limit") || request == null ? limit : request;
    }

    private static BigDecimal amount(Quantity quantity) {
        return quantity.getNumericalAmount();
    }
}
