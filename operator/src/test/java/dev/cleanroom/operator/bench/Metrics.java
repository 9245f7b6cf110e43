package dev.cleanroom.operator.bench;

import dev.cleanroom.operator.lab.OperatorProcess;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the operator tells about itself at {@code /metrics}, at one moment. */
record Metrics(double reconciles, double failedReconciles, double writes, double imageDecisions) {
    private static final Pattern RECONCILES =
            Pattern.compile("(?m)^cleanroom_reconcile_seconds_count\\{([^}]*)} (\\S+)$");
    private static final Pattern IMAGE_DECISIONS =
            Pattern.compile("(?m)^cleanroom_image_decisions_total\\{([^}]*)} (\\S+)$");
    private static final Pattern WRITES = Pattern.compile("(?m)^cleanroom_writes_total\\{([^}]*)} (\\S+)$");

    static Metrics of(OperatorProcess operator) {
        String text = operator.get("/metrics")
                .orElseThrow(() -> new IllegalStateException("no answer: " + operator.describe()))
                .body();
        return new Metrics(
                sum(RECONCILES, text, "controller=\"environment\""),
                sum(RECONCILES, text, "outcome=\"error\""),
                sum(WRITES, text, ""),
                sum(IMAGE_DECISIONS, text, ""));
    }

    Metrics since(Metrics before) {
        return new Metrics(
                reconciles - before.reconciles,
                failedReconciles - before.failedReconciles,
                writes - before.writes,
                imageDecisions - before.imageDecisions);
    }

    private static double sum(Pattern pattern, String text, String label) {
        double sum = 0;
        for (Matcher found = pattern.matcher(text); found.find(); ) {
            sum += found.group(1).contains(label) ? Double.parseDouble(found.group(2)) : 0;
        }
        return sum;
    }
}
