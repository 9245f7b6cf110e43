package dev.cleanroom.operator.environment.decide;

import dev.cleanroom.operator.containment.Flip;
import dev.cleanroom.operator.containment.QuarantineRequest;
import dev.cleanroom.operator.environment.model.History;
import dev.cleanroom.operator.environment.model.Observed;
import dev.cleanroom.operator.kube.plan.Result;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.pod.PodState;
import dev.cleanroom.operator.pod.Progress;
import java.util.List;

/**
 * Moves prepared pods to active: the prepare steps lose their network, and the launcher starts the build when it has
 * measured that.
 *
 * <ol>
 *   <li>Only when the kubelet reports the build container running, so that no step is left that needs the network.
 *   <li>Not a pod that is under suspicion, or that somebody asks to be quarantined: a suspect never starts its build.
 *   <li>Not a pod that is deleted in this plan or was counted already.
 * </ol>
 */
final class BuildStarts {
    private BuildStarts() {}

    static List<Write> writes(Observed observed, History history, PodPlan plan) {
        return observed.owned().pods().stream()
                .filter(pod -> pod.state() == PodState.PREPARING && pod.progress() instanceof Progress.Prepared)
                .filter(pod -> observed.uid().equals(pod.ownerUid()) && !pod.terminating())
                .filter(pod -> pod.id().attempt() == history.attempt(pod.id().slot()))
                .filter(pod -> plan.deletions().stream()
                        .noneMatch(deletion -> deletion.pod().equals(pod)))
                .filter(pod -> !isSuspected(observed, pod))
                .map(pod -> write(observed, pod))
                .filter(write -> observed.failures().stream().map(Result::write).noneMatch(write::equals))
                .toList();
    }

    private static boolean isSuspected(Observed observed, BuildPod pod) {
        return pod.quarantineRequested()
                || observed.owned().reported().contains(pod.id().precondition().uid())
                || QuarantineRequest.unanswered(pod.origin().answered(), observed.environment())
                        .isPresent();
    }

    private static Write write(Observed observed, BuildPod pod) {
        var patch = Flip.state(pod.id().precondition().uid(), PodState.PREPARING, PodState.ACTIVE);
        return new Write.TestedPatch(
                EnvironmentDecision.podKey(observed, pod.id().name()), patch, patch, "Prepared");
    }
}
