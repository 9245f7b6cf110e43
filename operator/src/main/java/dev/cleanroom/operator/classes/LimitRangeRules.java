package dev.cleanroom.operator.classes;

import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.LimitRangeItem;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a LimitRange would refuse, in the words of the API server's admission plug-in, before there is a pod
 * (plugin/pkg/admission/limitranger in Kubernetes).
 */
public final class LimitRangeRules {
    private final SequencedSet<String> refusals = new LinkedHashSet<>();

    private LimitRangeRules() {}

    /**
     * @param containers the resources of containers of which only one runs at a time, as of a build pod's steps; the pod
     *     then needs the most that any of them needs
     * @return what is refused, each once; empty if the pod is allowed
     */
    public static List<String> refusals(LimitRange range, Collection<ResourceRequirements> containers) {
        var rules = new LimitRangeRules();
        for (LimitRangeItem item : items(range)) {
            if ("Container".equals(item.getType())) {
                containers.forEach(container -> rules.check(item, container));
            } else if ("Pod".equals(item.getType())) {
                rules.check(item, most(containers));
            }
        }
        return List.copyOf(rules.refusals);
    }

    /** @param size what the claim of a workspace requests */
    public static List<String> claimRefusals(LimitRange range, Quantity size) {
        var rules = new LimitRangeRules();
        for (LimitRangeItem item : items(range)) {
            if ("PersistentVolumeClaim".equals(item.getType())) {
                Map<String, Quantity> request = Map.of("storage", size);
                each(item.getMin()).forEach((name, min) -> rules.least(item, name, min, "request", request));
                each(item.getMax()).forEach((name, max) -> rules.most(item, name, max, "request", request));
            }
        }
        return List.copyOf(rules.refusals);
    }

    /** The limits that the range gives to every container that has none, by resource. */
    public static Map<String, Quantity> defaultLimits(LimitRange range) {
        Map<String, Quantity> limits = new TreeMap<>();
        items(range).stream()
                .filter(item -> "Container".equals(item.getType()))
                .forEach(item -> limits.putAll(each(item.getDefault())));
        return limits;
    }

    /** With the defaults of these ranges, as a container of a pod gets them that is no build pod. */
    public static ResourceRequirements withDefaults(ResourceRequirements container, Collection<LimitRange> ranges) {
        Map<String, Quantity> limits = new TreeMap<>(each(container.getLimits()));
        Map<String, Quantity> requests = requests(container);
        ranges.stream()
                .flatMap(range -> items(range).stream())
                .filter(item -> "Container".equals(item.getType()))
                .forEach(item -> {
                    each(item.getDefault()).forEach(limits::putIfAbsent);
                    each(item.getDefaultRequest()).forEach(requests::putIfAbsent);
                });
        return new ResourceRequirementsBuilder()
                .withLimits(limits)
                .withRequests(requests)
                .build();
    }

    private static List<LimitRangeItem> items(LimitRange range) {
        return range.getSpec() == null || range.getSpec().getLimits() == null
                ? List.of()
                : range.getSpec().getLimits();
    }

    private static ResourceRequirements most(Collection<ResourceRequirements> containers) {
        Map<String, Quantity> limits = new TreeMap<>();
        Map<String, Quantity> requests = new TreeMap<>();
        containers.forEach(container -> {
            each(container.getLimits()).forEach((name, value) -> limits.merge(name, value, LimitRangeRules::greater));
            requests(container).forEach((name, value) -> requests.merge(name, value, LimitRangeRules::greater));
        });
        return new ResourceRequirementsBuilder()
                .withLimits(limits)
                .withRequests(requests)
                .build();
    }

    private static Quantity greater(Quantity one, Quantity other) {
        return amount(one).compareTo(amount(other)) >= 0 ? one : other;
    }

    private void check(LimitRangeItem item, ResourceRequirements container) {
        Map<String, Quantity> limits = each(container.getLimits());
        Map<String, Quantity> requests = requests(container);
        each(item.getMin()).forEach((name, min) -> {
            if (!least(item, name, min, "request", requests) && limits.containsKey(name)) {
                least(item, name, min, "limit", limits);
            }
        });
        each(item.getMax()).forEach((name, max) -> {
            if (!most(item, name, max, "limit", limits) && requests.containsKey(name)) {
                most(item, name, max, "request", requests);
            }
        });
        each(item.getMaxLimitRequestRatio())
                .forEach((name, ratio) -> ratio(item, name, ratio, limits.get(name), requests.get(name)));
    }

    private boolean least(LimitRangeItem item, String name, Quantity min, String part, Map<String, Quantity> values) {
        @Nullable Quantity value = values.get(name);
        return refuse(
                value == null || amount(value).compareTo(amount(min)) < 0,
                "minimum " + name + " usage per " + item.getType() + " is " + min + outside(part, value));
    }

    private boolean most(LimitRangeItem item, String name, Quantity max, String part, Map<String, Quantity> values) {
        @Nullable Quantity value = values.get(name);
        return refuse(
                value == null || amount(value).compareTo(amount(max)) > 0,
                "maximum " + name + " usage per " + item.getType() + " is " + max + outside(part, value));
    }

    private void ratio(
            LimitRangeItem item, String name, Quantity ratio, @Nullable Quantity limit, @Nullable Quantity request) {
        String words = name + " max limit to request ratio per " + item.getType() + " is " + ratio + ", but ";
        if (request == null || amount(request).signum() == 0) {
            refuse(true, words + "no request is specified or request is 0");
        } else if (limit == null || amount(limit).signum() == 0) {
            refuse(true, words + "no limit is specified or limit is 0");
        } else {
            refuse(
                    amount(limit).compareTo(amount(request).multiply(amount(ratio))) > 0,
                    words + "provided ratio is "
                            + String.format("%.6f", amount(limit).divide(amount(request), MathContext.DECIMAL64)));
        }
    }

    private static String outside(String part, @Nullable Quantity value) {
        return value == null ? ". No " + part + " is specified" : ", but " + part + " is " + value;
    }

    private boolean refuse(boolean refused, String words) {
        if (refused) {
            refusals.add(words);
        }
        return refused;
    }

    /** As the API server completes them: without a request, the limit is the request. */
    private static Map<String, Quantity> requests(ResourceRequirements container) {
        Map<String, Quantity> requests = new TreeMap<>(each(container.getRequests()));
        each(container.getLimits()).forEach(requests::putIfAbsent);
        return requests;
    }

    private static Map<String, Quantity> each(@Nullable Map<String, Quantity> values) {
        return values == null ? Map.of() : values;
    }

    private static BigDecimal amount(Quantity quantity) {
        return quantity.getNumericalAmount();
    }
}
