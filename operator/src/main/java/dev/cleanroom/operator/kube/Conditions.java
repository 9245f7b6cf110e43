package dev.cleanroom.operator.kube;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Conditions as the Kubernetes API conventions want them: a time that moves only with the status. */
public final class Conditions {
    /** What the CRDs take of a message, in characters. */
    private static final int LONGEST_MESSAGE = 32_768;

    private static final String CUT = "...";

    private final List<Condition> stored;
    private final long generation;
    private final Instant now;

    public Conditions(@Nullable List<Condition> stored, long generation, Instant now) {
        this.stored = stored == null ? List.of() : stored;
        this.generation = generation;
        this.now = now;
    }

    public Condition of(String type, Verdict verdict) {
        String time = find(stored, type)
                .filter(before -> verdict.status().equals(before.getStatus()))
                .map(Condition::getLastTransitionTime)
                .orElseGet(() -> now.truncatedTo(ChronoUnit.SECONDS).toString());
        return new ConditionBuilder()
                .withType(type)
                .withStatus(verdict.status())
                .withReason(verdict.reason())
                .withMessage(limited(verdict.message()))
                .withObservedGeneration(generation)
                .withLastTransitionTime(time)
                .build();
    }

    private static String limited(String message) {
        return message.codePointCount(0, message.length()) <= LONGEST_MESSAGE
                ? message
                : message.substring(0, message.offsetByCodePoints(0, LONGEST_MESSAGE - CUT.length())) + CUT;
    }

    /** A condition without its type and times: what the functions that judge return. */
    public record Verdict(String status, String reason, String message) {
        public static Verdict yes(String reason, String message) {
            return new Verdict("True", reason, message);
        }

        public static Verdict no(String reason, String message) {
            return new Verdict("False", reason, message);
        }

        public static Verdict unknown(String reason, String message) {
            return new Verdict("Unknown", reason, message);
        }
    }

    public static boolean isTrue(@Nullable List<Condition> conditions, String type) {
        return find(conditions, type)
                .filter(condition -> condition.getStatus().equals("True"))
                .isPresent();
    }

    public static Optional<Condition> find(@Nullable List<Condition> conditions, String type) {
        return (conditions == null ? List.<Condition>of() : conditions)
                .stream().filter(c -> type.equals(c.getType())).findFirst();
    }
}
