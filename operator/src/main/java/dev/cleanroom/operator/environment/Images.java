package dev.cleanroom.operator.environment;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.PullSecret;
import dev.cleanroom.operator.classes.LentSecrets;
import dev.cleanroom.operator.environment.acceptance.Acceptance;
import dev.cleanroom.operator.environment.model.ImageVerdicts;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.pod.PodState;
import dev.cleanroom.operator.trust.ImageDecision;
import dev.cleanroom.operator.trust.ImageRequest;
import dev.cleanroom.operator.trust.ImageTrust;
import dev.cleanroom.operator.trust.policy.Denials;
import dev.cleanroom.operator.trust.policy.Policy;
import dev.cleanroom.operator.trust.policy.PolicyCode;
import dev.cleanroom.operator.trust.policy.PolicySet;
import dev.cleanroom.operator.trust.policy.PolicySets;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The decisions on an environment's images: those that are there, and a wake-up for the others. And which images must not
 * go on running: what a policy denies is quarantined, unless that would be so many pods that a slip is likelier than an
 * attack; then an administrator has to say so.
 */
final class Images {
    /** Pods, of all environments, that one policy's denials quarantine by themselves. */
    static final int MOST_UNASKED = 10;

    private final ImageTrust trust;
    private final PolicySets policies = new PolicySets();
    private final Rejections rejections = new Rejections();

    Images(ImageTrust trust) {
        this.trust = trust;
    }

    /** How many of the environments each policy of this moment rejects; empty while one waits to be judged by them. */
    Map<Policy.Id, Integer> rejections(Known known, Supplier<Stream<BuildEnvironment>> environments) {
        return rejections.counted(policies.of(known.trustPolicies(), known.configMaps()), environments);
    }

    /** @param suspects uids of its pods that are or were under suspicion: no answer from before one of them counts (I5) */
    ImageVerdicts verdicts(BuildEnvironment environment, Set<String> suspects, Known known) {
        PolicySet now = policies.of(known.trustPolicies(), known.configMaps());
        Map<String, ImageDecision> decisions = decisions(environment, suspects, now, known);
        if (Acceptance.imagesOf(environment, known.installation().toolsImage()).allMatch(decisions::containsKey)) {
            rejections.judged(environment, now, decisions.values());
        }
        Map<String, String> denied = new LinkedHashMap<>();
        running(environment, now.denials(), known).forEach((digest, denial) -> {
            if (isEnforced(denial, now.denials(), known)) {
                denied.put(digest, "TrustPolicy " + denial.policy() + " denies the image " + digest);
            } else {
                decisions.replaceAll((reference, decision) -> told(decision, denial));
            }
        });
        return new ImageVerdicts(decisions, denied, known.installation().toolsImage());
    }

    /** What the environment's pods run of what is denied. */
    private static Map<String, Denials.Denial> running(BuildEnvironment environment, Denials denials, Known known) {
        Map<String, Denials.Denial> running = new LinkedHashMap<>();
        if (!denials.digests().isEmpty()) {
            known.pods(environment).stream()
                    .flatMap(pod -> images(pod).stream())
                    .filter(denials.digests()::containsKey)
                    .forEach(digest -> running.put(digest, denials.digests().get(digest)));
        }
        return running;
    }

    private static boolean isEnforced(Denials.Denial denial, Denials denials, Known known) {
        return denial.enforced()
                || known.allPods()
                                .filter(pod -> images(pod).stream()
                                        .anyMatch(digest ->
                                                denial.equals(denials.digests().get(digest))))
                                .limit(MOST_UNASKED + 1L)
                                .count()
                        <= MOST_UNASKED;
    }

    private static ImageDecision told(ImageDecision decision, Denials.Denial denial) {
        return decision instanceof ImageDecision.Rejected(String code, String message, var by)
                        && code.equals(PolicyCode.DigestDenied.name())
                ? new ImageDecision.Rejected(
                        code,
                        message + "; more than " + MOST_UNASKED
                                + " pods run what it denies, so none is quarantined by itself; to quarantine them all:"
                                + " kubectl annotate --overwrite tpol " + denial.policy() + " "
                                + CleanroomApi.ENFORCE_ANNOTATION + "=" + denial.generation(),
                        by)
                : decision;
    }

    /** Of a pod that is still to be contained. */
    private static Set<String> images(Pod pod) {
        Map<String, String> annotations = pod.getMetadata().getAnnotations();
        return annotations == null || PodState.of(pod).isHeld()
                ? Set.of()
                : BuildPod.digests(annotations.getOrDefault(CleanroomApi.IMAGES_ANNOTATION, ""));
    }

    private Map<String, ImageDecision> decisions(
            BuildEnvironment environment, Set<String> suspects, PolicySet now, Known known) {
        Map<String, ImageDecision> decided = new LinkedHashMap<>();
        if (environment.getSpec() == null) {
            return decided;
        }
        Acceptance.imagesOf(environment, known.installation().toolsImage()).forEach(reference -> {
            CompletableFuture<ImageDecision> decision =
                    trust.decide(request(environment, suspects, reference, now, known));
            if (decision.isDone()) {
                decided.put(reference, suspects.isEmpty() ? decision.join() : askedAfresh(decision.join()));
            } else {
                // Never exceptional by contract, so nothing is lost by not keeping what this returns.
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
                        message + "; after an incident no earlier answer counts, so no pod is made until the image is"
                                + " verified again")
                : decision;
    }

    private static ImageRequest request(
            BuildEnvironment environment, Set<String> suspects, String reference, PolicySet policies, Known known) {
        BuildEnvironmentSpec spec = environment.getSpec();
        String namespace = environment.getMetadata().getNamespace();
        List<PullSecret> secrets = spec.imagePullSecrets() == null ? List.of() : spec.imagePullSecrets();
        return new ImageRequest(
                reference,
                spec.platform(),
                new ImageRequest.Tenant(
                        namespace,
                        secrets.stream().map(PullSecret::name).toList(),
                        LentSecrets.of(spec, known.classes(), known.namespaceLabels(namespace))),
                policies,
                suspects);
    }
}
