package dev.cleanroom.operator.environment.decide;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.containment.QuarantineRequest;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Executor;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.pod.Names;
import dev.cleanroom.operator.pod.PodState;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which objects no environment owns, although Cleanroom created them: {@code kubectl delete --cascade=orphan} leaves
 * them, and so does anyone who removes an owner reference. Nothing would end such a pod, its policy would open the pods
 * of the next environment of the name, and the guard rails let nobody else delete policies and accounts.
 *
 * <ol>
 *   <li>The name of a pod, an egress policy or an account contains the name of its environment. Together with a label
 *       under {@code cleanroom.dev/} it proves that the object is Cleanroom's, because in a namespace that is open for
 *       builds nobody else can create or label it. Any other object is left alone.
 *   <li>It is an orphan if the environment of that name is not its controlling owner. Environments of a name differ by
 *       their uid, so one that was deleted and created again is another one.
 *   <li>A pod is also one while its environment is being deleted: a finalizer may keep that forever, and the garbage
 *       collector waits for it.
 *   <li>Evidence is never one: a pod that is held, or that somebody asks to be quarantined.
 * </ol>
 */
public final class Orphans {
    private Orphans() {}

    /** The name of the environment to which the object belongs; empty if it is not Cleanroom's. */
    public static Optional<String> environmentOf(HasMetadata object) {
        if (!Names.isLabelled(object)) {
            return Optional.empty();
        }
        String name = object.getMetadata().getName();
        return object instanceof Pod
                ? Optional.ofNullable(object.getMetadata().getLabels().get(CleanroomApi.ENVIRONMENT_LABEL))
                        .filter(environment ->
                                BuildPod.slotOf(environment, name).isPresent())
                : Names.environmentOf(name);
    }

    /** @param environment the one to which the object belongs by its name; empty if there is none */
    public static boolean isOrphan(HasMetadata object, Optional<BuildEnvironment> environment) {
        if (object.getMetadata().getDeletionTimestamp() != null || isEvidence(object)) {
            return false;
        }
        String owner = Executor.ownerUid(object);
        return environment
                .map(BuildEnvironment::getMetadata)
                .filter(stored -> stored.getUid().equals(owner))
                .map(stored -> object instanceof Pod && stored.getDeletionTimestamp() != null)
                .orElse(true);
    }

    private static boolean isEvidence(HasMetadata object) {
        return object instanceof Pod
                && (PodState.of(object).isHeld() || QuarantineRequest.on(object).isPresent());
    }

    /**
     * Whether the pods of this environment still need what it owned. A suspect keeps its network and its tokens while its
     * evidence is collected, because malware that loses them could destroy it.
     */
    public static boolean isPreserving(String environment, Stream<? extends HasMetadata> objects) {
        return objects.anyMatch(object -> object instanceof Pod
                && PodState.of(object) == PodState.SUSPECT
                && environmentOf(object).filter(environment::equals).isPresent());
    }

    /** Deletes it exactly as it was observed: a pod that was quarantined meanwhile, or an object that got an owner, stays. */
    public static Write deletion(HasMetadata orphan) {
        Resource resource = switch (orphan) {
            case Pod pod -> Resource.POD;
            case NetworkPolicy policy -> Resource.NETWORK_POLICY;
            case ServiceAccount account -> Resource.SERVICE_ACCOUNT;
            default -> throw new IllegalArgumentException(orphan.getKind() + " has no owner of ours");
        };
        return new Write.Delete(
                new ObjectKey(
                        resource,
                        orphan.getMetadata().getNamespace(),
                        orphan.getMetadata().getName()),
                Write.Precondition.of(orphan),
                "Orphaned");
    }
}
