package dev.cleanroom.operator.environment;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.PullSecret;
import dev.cleanroom.operator.classes.LentSecrets;
import dev.cleanroom.operator.environment.acceptance.Acceptance;
import dev.cleanroom.operator.environment.model.ImageDecisions;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.pod.IncidentNames;
import dev.cleanroom.operator.pod.PodState;
import dev.cleanroom.operator.trust.ImageDecision;
import dev.cleanroom.operator.trust.ImageRequest;
import dev.cleanroom.operator.trust.ImageTrust;
import dev.cleanroom.operator.trust.policy.Denials;
import dev.cleanroom.operator.trust.policy.Policy;
import dev.cleanroom.operator.trust.policy.PolicyCode;
import dev.cleanroom.operator.trust.policy.PolicySet;
import dev.cleanroom.operator.trust.policy.PolicySets;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Gets the decisions on an environment's images, with a wake-up for those that are still missing, and finds the
 * images that must not continue to run. Pods whose image a policy denies are quarantined, unless there are so many
 * of them that a mistake is likelier than an attack: then an administrator must confirm it, even if fewer pods are
 * left later. For this, the largest number of pods that one generation of a policy was seen to deny is stored in
 * the policy's status, and no pod is quarantined without confirmation before it is stored.
 */
final class Images {
    private final ImageTrust trust;
    private final PolicySets policies = new PolicySets();
    private final Rejections rejections = new Rejections();

    Images(ImageTrust trust) {
        this.trust = trust;
    }

    /**
     * How many environments each current policy rejects; empty while an environment has not been judged by the
     * current policies.
     */
    Map<Policy.Id, Integer> rejections(Known known, Supplier<Stream<BuildEnvironment>> environments) {
        return rejections.counted(policies.of(known.trustPolicies(), known.configMaps()), environments);
    }

    /** @param suspects uids of the pods that are or were under suspicion: answers from before these do not count (I5) */
    ImageDecisions decisions(BuildEnvironment environment, Set<String> suspects, Known known) {
        PolicySet now = policies.of(known.trustPolicies(), known.configMaps());
        Map<String, ImageDecision> decisions = decisions(environment, suspects, now, known);
        if (Acceptance.imagesOf(environment, known.installation().toolsImage()).allMatch(decisions::containsKey)) {
            rejections.judged(environment, now, decisions.values());
        }
        Map<String, String> denied = new LinkedHashMap<>();
        Set<Denials.Denial> waiting = new LinkedHashSet<>();
        running(environment, now.denials(), known).forEach((digest, denial) -> {
            // The search stops at one more than the cap, because every environment asks for this number.
            int pods = (int) affected(now.denials(), denial, known)
                    .limit(Denials.MOST_UNASKED + 1L)
                    .count();
            if (denial.isInForce(pods)) {
                denied.put(digest, reason(denial, digest));
            } else if (denial.isOverTheCap(pods)) {
                waiting.add(denial);
            }
        });
        waiting.forEach(denial -> decisions.replaceAll((reference, decision) -> withCommand(decision, denial)));
        return new ImageDecisions(decisions, denied, known.installation().toolsImage());
    }

    /**
     * How many pods run what one policy denies, including those that were quarantined for it.
     *
     * @param denials the denials of that policy alone
     * @return empty if the policy denies no digest
     */
    static OptionalInt deniedPods(Denials denials, Known known) {
        return denials.digests().values().stream()
                .limit(1)
                .mapToInt(denial -> (int) affected(denials, denial, known).count())
                .findFirst();
    }

    /** The denied digests that run in those pods of the environment that are not quarantined yet. */
    private static Map<String, Denials.Denial> running(BuildEnvironment environment, Denials denials, Known known) {
        Map<String, Denials.Denial> running = new LinkedHashMap<>();
        if (!denials.digests().isEmpty()) {
            known.pods(environment).stream()
                    .filter(pod -> !PodState.of(pod).isHeld())
                    .flatMap(pod -> BuildPod.images(pod).stream())
                    .filter(denials.digests()::containsKey)
                    .forEach(digest -> running.put(digest, denials.digests().get(digest)));
        }
        return running;
    }

    private static Stream<Pod> affected(Denials denials, Denials.Denial denial, Known known) {
        return known.allPods()
                .filter(pod -> BuildPod.images(pod).stream()
                        .filter(digest -> denial.equals(denials.digests().get(digest)))
                        .anyMatch(
                                digest -> !PodState.of(pod).isHeld() || isHeldFor(reason(denial, digest), pod, known)));
    }

    /** A pod that was quarantined for another reason does not count as one that this denial would quarantine. */
    private static boolean isHeldFor(String reason, Pod pod, Known known) {
        ObjectMeta meta = pod.getMetadata();
        return known.incident(meta.getNamespace(), IncidentNames.incident(meta.getName(), meta.getUid()))
                .filter(incident -> incident.getSpec() != null
                        && reason.equals(incident.getSpec().trigger().reason()))
                .isPresent();
    }

    /**
     * Why a pod is quarantined. From this text, the operator later recognizes the pods that this generation of the
     * policy had quarantined.
     */
    private static String reason(Denials.Denial denial, String digest) {
        return "TrustPolicy " + denial.policy() + " (generation " + denial.generation() + ") denies the image "
                + digest;
    }

    /**
     * The command is added only to images that this policy itself denies: the images of other policies may not be
     * waiting.
     */
    private static ImageDecision withCommand(ImageDecision decision, Denials.Denial denial) {
        return decision instanceof ImageDecision.Rejected(String code, String message, var by)
                        && code.equals(PolicyCode.DigestDenied.name())
                        && by.contains(new Policy.Id(denial.policy(), denial.generation()))
                ? new ImageDecision.Rejected(
                        code,
                        message + "; this denial affects, or affected, more than " + Denials.MOST_UNASKED
                                + " pods, so the pods that still run are"
                                + " not quarantined until an administrator confirms it. To quarantine all of them:"
                                + " kubectl annotate --overwrite tpol " + denial.policy() + " "
                                + CleanroomApi.ENFORCE_ANNOTATION + "=" + denial.generation(),
                        by)
                : decision;
    }

    private Map<String, ImageDecision> decisions(
            BuildEnvironment environment, Set<String> suspects, PolicySet now, Known known) {
        Map<String, ImageDecision> decided = new LinkedHashMap<>();
        if (environment.getSpec() == null) {
            return decided;
        }
        String platform = environment.getSpec().platform();
        ImageRequest.Tenant tenant = tenant(environment, known);
        Acceptance.imagesOf(environment, known.installation().toolsImage()).forEach(reference -> {
            CompletableFuture<ImageDecision> decision =
                    trust.decide(new ImageRequest(reference, platform, tenant, now, suspects));
            if (decision.isDone()) {
                decided.put(reference, suspects.isEmpty() ? decision.join() : askedAfresh(decision.join()));
            } else {
                // The future never completes exceptionally (see its contract), so its result can be ignored.
                CompletableFuture<ImageDecision> unused =
                        decision.whenComplete((outcome, error) -> known.wake(environment));
            }
        });
        return decided;
    }

    /** Says why a registry that does not answer stops what it did not stop before. */
    private static ImageDecision askedAfresh(ImageDecision decision) {
        return decision instanceof ImageDecision.Unresolved(String code, String message)
                ? new ImageDecision.Unresolved(
                        code,
                        message
                                + ". After an incident no earlier answer counts, so no pod is created until the image is"
                                + " verified again")
                : decision;
    }

    private static ImageRequest.Tenant tenant(BuildEnvironment environment, Known known) {
        BuildEnvironmentSpec spec = environment.getSpec();
        String namespace = environment.getMetadata().getNamespace();
        List<PullSecret> secrets = spec.imagePullSecrets() == null ? List.of() : spec.imagePullSecrets();
        return new ImageRequest.Tenant(
                namespace,
                secrets.stream().map(PullSecret::name).toList(),
                LentSecrets.of(
                        spec, known.classes(), known.openNamespace(namespace).map(ObjectMeta::getLabels)));
    }
}
