package dev.cleanroom.operator.kube.plan;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The loop of every reconciler: decide, carry out the plan, and decide again until the plan is empty. How the loop
 * continues after a write depends only on the write's result:
 *
 * <table>
 *   <caption>from result to wait</caption>
 *   <tr><td>done, or an Event that was not stored</td><td>the next round, at once</td></tr>
 *   <tr><td>conflict, outdated</td><td>a new run after {@link #AFTER_CONFLICT}, when the caches have caught up</td></tr>
 *   <tr><td>refused, name taken</td><td>the next round if the decision takes it into account, otherwise a new run
 *       after {@link #AFTER_REFUSAL}</td></tr>
 * </table>
 */
public final class Rounds {
    public static final Duration AFTER_CONFLICT = Duration.ofMillis(50);
    public static final Duration AFTER_REFUSAL = Duration.ofSeconds(8);

    /** A plan does not depend on its own results, so a few rounds are enough. More would be an error in a decision. */
    private static final int MOST_ROUNDS = 8;

    private static final Duration AFTER_TOO_MANY_ROUNDS = Duration.ofSeconds(5);

    private final LongSupplier startOfDecision;
    private final Carrier carrier;
    private final Clock clock;

    /** Carries out a plan. The executor's clock gave the moment at which its decision began. */
    public interface Carrier {
        List<Result> carryOut(Plan plan, long startOfDecision);
    }

    /** What one reconciler does in each round. */
    public interface Recipe {
        Plan decide(Instant now);

        /** @return whether the next decision takes into account that the last write was refused */
        boolean learn(List<Result> results);
    }

    public Rounds(Executor executor, Clock clock) {
        this(executor, executor::carryOut, clock);
    }

    /** @param carrier carries out plans with the executor */
    public Rounds(Executor executor, Carrier carrier, Clock clock) {
        this(executor::startOfDecision, carrier, clock);
    }

    Rounds(LongSupplier startOfDecision, Carrier carrier, Clock clock) {
        this.startOfDecision = startOfDecision;
        this.carrier = carrier;
        this.clock = clock;
    }

    /** @return after how long to run again if nothing happens before; empty when time alone changes nothing */
    public Optional<Duration> run(Recipe recipe) {
        for (int round = 0; round < MOST_ROUNDS; round++) {
            long start = startOfDecision.getAsLong();
            Instant now = clock.instant();
            Plan plan = recipe.decide(now);
            Optional<Duration> wakeUp = plan.wakeUp().map(due -> Duration.between(now, due));
            if (plan.isEmpty()) {
                return wakeUp;
            }
            List<Result> results = carrier.carryOut(plan, start);
            boolean decidesOn = recipe.learn(results);
            Result last = results.getLast();
            Optional<Duration> wait = after(last);
            if (wait.isPresent() && !(decidesOn && isRefusal(last))) {
                return wait;
            }
            if (plan.onlyReports()) {
                return wakeUp;
            }
        }
        return Optional.of(AFTER_TOO_MANY_ROUNDS);
    }

    /**
     * Runs one round, for a reconciler that runs again when its own writes change an object.
     *
     * @param startOfDecision as the executor gave it before the plan was decided
     * @return after how long to run again; empty when everything was done
     */
    public static Optional<Duration> once(Executor executor, Plan plan, long startOfDecision) {
        return plan.isEmpty()
                ? Optional.empty()
                : after(executor.carryOut(plan, startOfDecision).getLast());
    }

    /** @return empty after a write that was done */
    public static Optional<Duration> after(Result result) {
        return switch (result) {
            case Result.Done done -> Optional.empty();
            case Result.Untold untold -> Optional.empty();
            case Result.Conflict conflict -> Optional.of(AFTER_CONFLICT);
            case Result.Outdated outdated -> Optional.of(AFTER_CONFLICT);
            case Result.Refused refused -> Optional.of(AFTER_REFUSAL);
            case Result.NameTaken taken -> Optional.of(AFTER_REFUSAL);
        };
    }

    private static boolean isRefusal(Result result) {
        return result instanceof Result.Refused || result instanceof Result.NameTaken;
    }
}
