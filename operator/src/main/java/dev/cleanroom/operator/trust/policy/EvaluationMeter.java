package dev.cleanroom.operator.trust.policy;

import dev.cel.common.ast.CelExpr;
import dev.cel.common.values.CelByteString;
import dev.cel.runtime.CelEvaluationListener;
import dev.cleanroom.operator.trust.policy.EvaluationCosts.Use;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Counts the work of one evaluation, and stops it when it is too much or when nobody waits for it any more. CEL reports
 * each part of the expression when its value is known. Each is a step; what an operation reads or makes costs more, in
 * proportion to its size. The count depends only on the expression and the predicate.
 */
final class EvaluationMeter implements CelEvaluationListener {
    /**
     * The most steps of one evaluation: a fraction of a second, and memory of about 30 MB if all of them make values.
     * A condition on each of 12,000 components takes about 10 steps for each operator in it.
     */
    static final long MOST_STEPS = 5_000_000;

    /** The most steps with an empty predicate. Fewer, because a policy may be read again every few seconds. */
    static final long MOST_STEPS_OF_NOTHING = MOST_STEPS / 10;

    /** Characters that are read in one step. */
    private static final int READ_AT_ONCE = 8;

    /** The square of the number of characters that are parsed in one step. */
    private static final int PARSED_AT_ONCE = READ_AT_ONCE * READ_AT_ONCE;

    /** Parts of a pattern that are tried on a character in one step. */
    private static final int TRIED_AT_ONCE = 4;

    /** An error, which CEL makes with a stack trace. */
    private static final int FAILED = 30;

    /** Each value that is made, because it takes memory. */
    private static final int MADE = 4;

    private final EvaluationCosts costs;
    private final long most;
    private final Map<Long, Long> searched = new HashMap<>();
    private Optional<Long> next = Optional.empty();
    private long steps;
    private volatile boolean cancelled;

    /**
     * Ends an evaluation. It is an error and not an exception, because CEL may go on after an exception: {@code a || b}
     * is true when a fails and b is true.
     */
    static final class Stopped extends Error {
        private static final long serialVersionUID = 1L;

        Stopped(String message) {
            super(message, null, false, false);
        }
    }

    EvaluationMeter(EvaluationCosts costs, long most) {
        this.costs = costs;
        this.most = most;
    }

    /** Stops the evaluation at its next step. May be called by any thread. */
    void cancel() {
        cancelled = true;
    }

    long steps() {
        return steps;
    }

    @Override
    public void callback(CelExpr expression, Object value) {
        if (cancelled) {
            throw new Stopped("it takes too long");
        }
        boolean failed = next.isPresent() && next.get() != expression.id();
        next = costs.next(expression);
        spend(failed ? 1 + FAILED : 1);
        switch (expression.getKind()) {
            case LIST -> spend(MADE * (1L + expression.list().elements().size()));
            case MAP -> spend(2 * MADE * (1L + expression.map().entries().size()));
            case CALL -> spend(value instanceof Boolean ? 0 : MADE);
            default -> {}
        }
        costs.of(expression).ifPresent(use -> spend(use, value));
    }

    private void spend(Use use, Object value) {
        switch (use) {
            case Use.Read() -> spend(length(value) / READ_AT_ONCE);
            case Use.Compared() -> compare(value);
            case Use.Contained() -> {
                if (!(value instanceof Map<?, ?>)) {
                    compare(value);
                }
            }
            case Use.Joined() -> spend(2 * size(value));
            case Use.Parsed() -> spend(length(value) * length(value) / PARSED_AT_ONCE);
            case Use.Decided() -> spend(value instanceof Boolean ? 0 : FAILED);
            case Use.Looped() -> spend(size(value));
            case Use.Matched(int patternSize) -> spend(length(value) * patternSize / TRIED_AT_ONCE);
            case Use.Searched(long call) -> {
                searched.put(call, length(value));
                spend(length(value) / READ_AT_ONCE);
            }
            case Use.Sought(long call) ->
                // At worst, each place is compared up to the last character.
                spend(searched.getOrDefault(call, 0L) * length(value) / READ_AT_ONCE);
        }
    }

    private static long length(Object value) {
        return switch (value) {
            case String text -> text.length();
            case CelByteString bytes -> bytes.size();
            default -> 0;
        };
    }

    private static long size(Object value) {
        return switch (value) {
            case List<?> list -> list.size();
            case Map<?, ?> map -> map.size();
            default -> length(value);
        };
    }

    /** Counts while it descends: a value in which another is repeated can be too large to visit. */
    private void compare(Object value) {
        spend(1 + length(value) / READ_AT_ONCE);
        switch (value) {
            case List<?> list -> list.forEach(this::compare);
            case Map<?, ?> map ->
                map.forEach((key, field) -> {
                    compare(key);
                    compare(field);
                });
            default -> {}
        }
    }

    private void spend(long more) {
        steps += more;
        if (steps > most) {
            throw new Stopped("it takes more than " + most
                    + " steps: use fewer loops in loops, and make no large texts and lists");
        }
    }
}
