package dev.cleanroom.operator.environment.decide;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.operator.environment.acceptance.Assessment;
import dev.cleanroom.operator.environment.model.History;
import dev.cleanroom.operator.environment.model.Lifetime;
import dev.cleanroom.operator.environment.model.Observed;
import dev.cleanroom.operator.environment.model.RunCause;
import dev.cleanroom.operator.environment.model.Task;
import dev.cleanroom.operator.pod.BuildPod;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which pods are deleted and which slots get one.
 *
 * <ol>
 *   <li>Pods with a lower attempt than their slot are counted and are deleted. Two are kept so that their log can
 *       be read: the last pod of a finished task until its TTL, and a failed pod while the next attempt backs off.
 *   <li>A pod of another spec is replaced if its build has not started; otherwise it finishes. A request for a
 *       rerun replaces no pod: it is for the run after.
 *   <li>Scaling down deletes unstarted pods, highest slot first; started ones are not replaced when they end.
 *   <li>The lowest free slots are filled; a slot that backs off or whose pod still terminates is not free.
 * </ol>
 *
 * @param deletions in order, each with its reason
 * @param creations slots that get their current attempt now
 */
record PodPlan(List<Deletion> deletions, List<Integer> creations, List<Instant> wakeUps) {

    record Deletion(BuildPod pod, String reason) {}

    static PodPlan of(Observed observed, History history, Assessment assessment, Instant now) {
        return new Planner(observed, history, assessment, now).plan();
    }

    private static final class Planner {
        private final Observed observed;
        private final History history;
        private final Assessment assessment;
        private final Instant now;
        private final BuildEnvironmentSpec spec;
        private final RunCause cause;
        private final List<Deletion> deletions = new ArrayList<>();
        private final List<Integer> creations = new ArrayList<>();
        private final List<Instant> wakeUps = new ArrayList<>();

        Planner(Observed observed, History history, Assessment assessment, Instant now) {
            this.observed = observed;
            this.history = history;
            this.assessment = assessment;
            this.now = now;
            this.spec = observed.environment().getSpec();
            this.cause = RunCause.wanted(observed.environment(), history);
        }

        PodPlan plan() {
            int wanted = assessment.wanted(observed, history);
            deleteCounted();
            List<BuildPod> live = current().filter(pod -> !pod.terminating()).toList();
            live.forEach(pod -> Lifetime.end(spec, pod).ifPresent(wakeUps::add));
            List<BuildPod> kept = deleteSurplus(live, wanted);
            deleteOutdated(kept);
            fill(wanted, kept);
            return new PodPlan(deletions, creations, wakeUps);
        }

        /** Without pods under suspicion: they are evidence and belong to their incident. */
        private Stream<BuildPod> own() {
            return observed.owned().pods().stream()
                    .filter(pod -> !pod.held() && observed.uid().equals(pod.ownerUid()));
        }

        /** Pods of their slot's current attempt that take their slot. */
        private Stream<BuildPod> current() {
            return own().filter(pod -> observed.owned().occupies(pod)
                    && pod.id().attempt() == history.attempt(pod.id().slot()));
        }

        private void deleteCounted() {
            own().filter(pod -> pod.id().attempt() < history.attempt(pod.id().slot()))
                    .filter(pod -> !pod.terminating())
                    .sorted(Comparator.comparing(pod -> pod.id().name()))
                    .forEach(pod -> keptUntil(pod)
                            .filter(now::isBefore)
                            .ifPresentOrElse(wakeUps::add, () -> deletions.add(new Deletion(pod, "AttemptCounted"))));
        }

        private Optional<Instant> keptUntil(BuildPod pod) {
            if (!pod.finished()) {
                return Optional.empty();
            }
            if (Task.over(observed.environment(), history).isPresent()) {
                return history.lastRun()
                        .filter(run -> pod.id().precondition().uid().equals(run.uid()))
                        .map(run -> Task.deletion(spec, run));
            }
            return Backoff.until(history, pod.id().slot(), cause, now);
        }

        private List<BuildPod> deleteSurplus(List<BuildPod> live, int wanted) {
            List<BuildPod> gone = live.stream()
                    .filter(pod -> !pod.buildStarted())
                    .sorted(Comparator.comparingInt((BuildPod pod) -> pod.id().slot())
                            .reversed())
                    .limit(Math.max(0, live.size() - wanted))
                    .toList();
            gone.forEach(pod -> deletions.add(new Deletion(pod, "ScaledDown")));
            return live.stream().filter(pod -> !gone.contains(pod)).toList();
        }

        /** Their slots are not free yet: the next round fills them, after the pods are deleted. */
        private void deleteOutdated(List<BuildPod> live) {
            live.stream()
                    .filter(pod -> assessment.mayCreatePods()
                            && !pod.buildStarted()
                            && !pod.specHash().equals(cause.specHash()))
                    .forEach(pod -> deletions.add(new Deletion(pod, "SpecChanged")));
        }

        /** Slots whose last pod is under investigation may have to wait for the end of that. */
        private void fill(int wanted, List<BuildPod> kept) {
            Set<Integer> waiting = assessment.replacement().waiting();
            Set<Integer> held = new HashSet<>();
            kept.forEach(pod -> held.add(pod.id().slot()));
            Set<Integer> terminating = new HashSet<>();
            current()
                    .filter(BuildPod::terminating)
                    .forEach(pod -> terminating.add(pod.id().slot()));
            for (int slot = 0; held.size() < wanted; slot++) {
                if (!held.add(slot) || terminating.contains(slot) || waiting.contains(slot)) {
                    continue;
                }
                Optional<Instant> wait = Backoff.until(history, slot, cause, now);
                if (wait.isPresent()) {
                    wakeUps.add(wait.get());
                } else if (assessment.mayCreatePods()) {
                    creations.add(slot);
                }
            }
        }
    }
}
