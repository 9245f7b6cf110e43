package dev.cleanroom.operator.kube;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Builds conditions after the Kubernetes API conventions: lastTransitionTime changes only when the status changes. */
public final class Conditions {
    /** The longest message that the CRDs allow, in characters. */
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

    public Condition of(String type, Content content) {
        String time = find(stored, type)
                .filter(before -> content.status().equals(before.getStatus()))
                .map(Condition::getLastTransitionTime)
                .orElseGet(() -> now.truncatedTo(ChronoUnit.SECONDS).toString());
        return new ConditionBuilder()
                .withType(type)
                .withStatus(content.status())
                .withReason(content.reason())
                .withMessage(limited(content.message()))
                .withObservedGeneration(generation)
                .withLastTransitionTime(time)
                .build();
    }

    private static String limited(String message) {
        return message.codePointCount(0, message.length()) <= LONGEST_MESSAGE
                ? message
                : message.substring(0, message.offsetByCodePoints(0, LONGEST_MESSAGE - CUT.length())) + CUT;
    }

    /** A condition without its type and times, as the functions that decide on conditions return it. */
    public record Content(String status, String reason, String message) {
        public static Content yes(String reason, String message) {
            return new Content("True", reason, message);
        }

        public static Content no(String reason, String message) {
            return new Content("False", reason, message);
        }

        public static Content unknown(String reason, String message) {
            return new Content("Unknown", reason, message);
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
