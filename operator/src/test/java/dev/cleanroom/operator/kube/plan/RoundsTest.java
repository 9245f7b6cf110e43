package dev.cleanroom.operator.kube.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What follows a write: the table of {@link Rounds}. */
class RoundsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Write WRITE =
            new Write.Confirm(new ObjectKey(Resource.NETWORK_POLICY, "team", "cleanroom.deny-all"), "ATest");
    private static final Write EVENT = new Write.Confirm(new ObjectKey(Resource.EVENT, "team", "one"), "ATest");
    private static final Plan WANTED = Plan.of(List.of(WRITE), Optional.empty());
    private static final Plan NOTHING_UNTIL_LATER = Plan.of(List.of(), Optional.of(NOW.plusSeconds(7)));

    private final List<List<Result>> learned = new ArrayList<>();

    @Test
    void runsUntilNothingIsWantedAndWakesWhenTimeAloneChangesTheDecision() {
        assertThat(run(true, new Result.Done(WRITE, null), WANTED, WANTED, NOTHING_UNTIL_LATER))
                .contains(Duration.ofSeconds(7));
        assertThat(learned).hasSize(2);
    }

    @Test
    void aConflictOrAnOutdatedPlanIsRunAgainSoonAndNotInThisRun() {
        assertThat(run(true, new Result.Conflict(WRITE), WANTED, WANTED)).contains(Rounds.AFTER_CONFLICT);
        assertThat(learned).hasSize(1);
        assertThat(run(true, new Result.Outdated(WRITE), WANTED, WANTED)).contains(Rounds.AFTER_CONFLICT);
        assertThat(learned).hasSize(2);
    }

    @Test
    void aRefusalIsPartOfTheNextDecisionWhereThatReadsIt() {
        assertThat(run(true, refused(), WANTED, NOTHING_UNTIL_LATER)).contains(Duration.ofSeconds(7));
    }

    @Test
    void aRefusalThatNoDecisionReadsWaits() {
        assertThat(run(false, refused(), WANTED, WANTED)).contains(Rounds.AFTER_REFUSAL);
        assertThat(run(false, new Result.NameTaken(WRITE, new ConfigMap()), WANTED, WANTED))
                .contains(Rounds.AFTER_REFUSAL);
        assertThat(learned).hasSize(2);
    }

    @Test
    void aPlanOfEventsAloneIsNotDecidedAgain() {
        Plan event = Plan.of(List.of(EVENT), Optional.of(NOW.plusSeconds(9)));

        assertThat(run(true, new Result.Done(EVENT, null), event, event)).contains(Duration.ofSeconds(9));
        assertThat(learned).hasSize(1);
    }

    @Test
    void aDecisionThatNeverSettlesStopsAfterAFewRounds() {
        assertThat(run(true, new Result.Done(WRITE, null), WANTED)).contains(Duration.ofSeconds(5));
        assertThat(learned).hasSize(8);
    }

    private static Result refused() {
        return new Result.Refused(WRITE, 403, "Forbidden", "a quota");
    }

    /** @param plans one for each round; the last one is decided again and again */
    private Optional<Duration> run(boolean decidesOn, Result result, Plan... plans) {
        Deque<Plan> left = new ArrayDeque<>(List.of(plans));
        return new Rounds(() -> 0, (plan, start) -> List.of(result), Clock.fixed(NOW, ZoneOffset.UTC))
                .run(new Rounds.Recipe() {
                    @Override
                    public Plan decide(Instant now) {
                        return left.size() > 1 ? left.removeFirst() : left.getFirst();
                    }

                    @Override
                    public boolean learn(List<Result> results) {
                        learned.add(results);
                        return decidesOn;
                    }
                });
    }
}
