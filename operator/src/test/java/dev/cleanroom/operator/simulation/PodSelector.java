package dev.cleanroom.operator.simulation;

/** Which pods a network policy is about, of the selectors that the product writes. */
final class PodSelector {
    private PodSelector() {}

    static boolean selects(Version policy, Version pod) {
        for (var label : policy.at("/spec/podSelector/matchLabels").properties()) {
            if (!pod.label(label.getKey()).equals(label.getValue().asText())) {
                return false;
            }
        }
        for (var expression : policy.at("/spec/podSelector/matchExpressions")) {
            String value = pod.label(expression.path("key").asText());
            boolean matches = switch (expression.path("operator").asText()) {
                case "Exists" -> !value.isEmpty();
                case "In" -> {
                    boolean in = false;
                    for (var allowed : expression.path("values")) {
                        in |= allowed.asText().equals(value);
                    }
                    yield in;
                }
                default -> throw new IllegalStateException(expression.toString());
            };
            if (!matches) {
                return false;
            }
        }
        return true;
    }
}
