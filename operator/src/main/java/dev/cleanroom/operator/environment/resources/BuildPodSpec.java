package dev.cleanroom.operator.environment.resources;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec.PodSettings;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.EgressRule;
import dev.cleanroom.api.v1alpha1.PrepareStep;
import dev.cleanroom.api.v1alpha1.PullSecret;
import dev.cleanroom.operator.classes.EffectiveResponse;
import dev.cleanroom.operator.containment.QuarantineRequest;
import dev.cleanroom.operator.environment.model.History;
import dev.cleanroom.operator.environment.model.RunCause;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.pod.Names;
import dev.cleanroom.operator.pod.Phases;
import dev.cleanroom.operator.trust.VerifiedImage;
import io.fabric8.kubernetes.api.model.HostAlias;
import io.fabric8.kubernetes.api.model.HostAliasBuilder;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The hardened pod. No field can switch any of this off: it meets Pod Security {@code restricted} and more,
 * whatever the class says. Restarts, deadlines and probes are left out because the operator ends pods, and must be
 * able to hold them.
 */
public final class BuildPodSpec {
    /** Fails at once: network policies drop queries to the cluster's resolver, so each unknown name would cost 20 s. */
    private static final String NO_RESOLVER = "127.0.0.1";

    private BuildPodSpec() {}

    /** @param accountUid the uid of the account whose tokens the pod gets; empty without an identity */
    public record Place(int slot, int attempt, Optional<String> accountUid) {}

    public static Pod build(
            BuildEnvironment environment,
            BuildEnvironmentClassSpec buildClass,
            Map<String, VerifiedImage> images,
            Place place,
            Gate gate) {
        PodSettings settings = buildClass.pod();
        return RequestedPod.annotated(
                new PodBuilder()
                        .withNewMetadata()
                        .withNamespace(environment.getMetadata().getNamespace())
                        .withName(BuildPod.name(environment.getMetadata().getName(), place.slot(), place.attempt()))
                        .withLabels(labels(environment, settings))
                        .withAnnotations(
                                annotations(environment, buildClass, place, ran(environment.getSpec(), images, gate)))
                        .withOwnerReferences(Names.owner(environment))
                        .endMetadata()
                        .withSpec(spec(
                                        environment,
                                        buildClass,
                                        new Steps(environment.getSpec(), buildClass, images),
                                        gate)
                                .build())
                        .build(),
                settings == null ? null : settings.allowedChanges());
    }

    private static PodSpecBuilder spec(
            BuildEnvironment environment, BuildEnvironmentClassSpec buildClass, Steps steps, Gate gate) {
        BuildEnvironmentSpec spec = environment.getSpec();
        PodSettings settings = buildClass.pod();
        Companions companions = Companions.of(spec, buildClass);
        var pod = new PodSpecBuilder()
                .withServiceAccountName(
                        IdentityAccount.isWanted(environment)
                                ? Names.account(environment.getMetadata().getName())
                                : "default")
                .withAutomountServiceAccountToken(false)
                .withEnableServiceLinks(false)
                .withDnsPolicy("None")
                .withNewDnsConfig()
                .withNameservers(NO_RESOLVER)
                .endDnsConfig()
                // A collector that runs as the same user must be able to see and stop every process.
                .withShareProcessNamespace(true)
                .withRestartPolicy("Never")
                .withTerminationGracePeriodSeconds(companions.graceSeconds())
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(companions.podUid())
                .withRunAsGroup(companions.gid())
                .withFsGroup(companions.gid())
                .withFsGroupChangePolicy("OnRootMismatch")
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .withSysctls(companions.sysctls())
                .endSecurityContext()
                .withImagePullSecrets(pullSecrets(spec))
                .withHostAliases(hostAliases(spec.egress()))
                .withInitContainers(steps.beforeBuild(gate))
                .withContainers(steps.build(gate))
                .withVolumes(new Volumes(environment, buildClass).all());
        if (settings != null) {
            pod.withRuntimeClassName(settings.runtimeClassName())
                    .withNodeSelector(settings.nodeSelector())
                    .withTolerations(settings.tolerations())
                    .withHostUsers(settings.hostUsers())
                    .withPriorityClassName(settings.priorityClassName());
        }
        return pod;
    }

    private static Map<String, String> labels(BuildEnvironment environment, @Nullable PodSettings settings) {
        Map<String, String> labels = new LinkedHashMap<>();
        if (settings != null && settings.labels() != null) {
            labels.putAll(settings.labels());
        }
        // Cleanroom's own come last: a class can add labels, but never replace these.
        labels.put(CleanroomApi.ENVIRONMENT_LABEL, environment.getMetadata().getName());
        labels.put(
                CleanroomApi.STATE_LABEL,
                Phases.areNamed(environment.getSpec()) ? CleanroomApi.STATE_PREPARING : CleanroomApi.STATE_ACTIVE);
        return labels;
    }

    private static Map<String, String> annotations(
            BuildEnvironment environment, BuildEnvironmentClassSpec buildClass, Place place, Map<String, String> ran) {
        Map<String, String> annotations = new LinkedHashMap<>();
        PodSettings settings = buildClass.pod();
        if (settings != null && settings.annotations() != null) {
            annotations.putAll(settings.annotations());
        }
        annotations.put("cluster-autoscaler.kubernetes.io/safe-to-evict", "false");
        annotations.put("karpenter.sh/do-not-disrupt", "true");
        RunCause cause = RunCause.wanted(environment, History.of(environment.getStatus()));
        annotations.put(CleanroomApi.SPEC_HASH_ANNOTATION, cause.specHash());
        cause.rerun().ifPresent(answered -> annotations.put(CleanroomApi.RERUN_ANNOTATION, answered));
        annotations.put(
                CleanroomApi.ORDER_ANNOTATION,
                EffectiveResponse.of(environment.getSpec(), buildClass).order().name());
        QuarantineRequest.hashOf(environment)
                .ifPresent(answered -> annotations.put(CleanroomApi.ANSWERED_ANNOTATION, answered));
        place.accountUid().ifPresent(uid -> annotations.put(CleanroomApi.ACCOUNT_UID_ANNOTATION, uid));
        annotations.putAll(ran);
        return annotations;
    }

    /**
     * The images that may run in the pod, and the one that its build runs. The tools image is not recorded as the
     * build's: every build pod of the cluster starts with it, so anyone who may resolve one team's incidents could
     * have it denied, which would stop all builds.
     */
    private static Map<String, String> ran(BuildEnvironmentSpec spec, Map<String, VerifiedImage> images, Gate gate) {
        Map<String, String> ran = new LinkedHashMap<>();
        ran.put(CleanroomApi.IMAGES_ANNOTATION, pinned(spec, images, gate));
        VerifiedImage build = Objects.requireNonNull(images.get(spec.image()));
        if (!build.digest().equals(gate.image().digest())) {
            ran.put(CleanroomApi.BUILD_IMAGE_ANNOTATION, build.pinned());
        }
        return ran;
    }

    /**
     * The image of every container, each once, sorted. A container that a webhook adds to the pod is not listed,
     * and is refused.
     */
    private static String pinned(BuildEnvironmentSpec spec, Map<String, VerifiedImage> images, Gate gate) {
        List<PrepareStep> prepare = spec.prepare() == null ? List.of() : spec.prepare();
        Stream<VerifiedImage> steps = Stream.concat(
                        Stream.of(spec.image()), prepare.stream().map(PrepareStep::image))
                .map(image -> Objects.requireNonNull(images.get(image)));
        return Stream.concat(Stream.of(gate.image()), steps)
                .map(VerifiedImage::pinned)
                .distinct()
                .sorted()
                .collect(Collectors.joining(" "));
    }

    /** The kubelet and the verifier resolve references in the same way. */
    private static List<LocalObjectReference> pullSecrets(BuildEnvironmentSpec spec) {
        List<PullSecret> secrets = spec.imagePullSecrets() == null ? List.of() : spec.imagePullSecrets();
        return secrets.stream()
                .map(secret -> new LocalObjectReference(secret.name()))
                .toList();
    }

    /** DNS stays closed: a listed hostname is a line in the pod's hosts file. */
    private static List<HostAlias> hostAliases(@Nullable List<EgressRule> egress) {
        Map<String, TreeSet<String>> names = new TreeMap<>();
        for (EgressRule rule : egress == null ? List.<EgressRule>of() : egress) {
            for (EgressRule.Hostname host :
                    rule.hostnames() == null ? List.<EgressRule.Hostname>of() : rule.hostnames()) {
                names.computeIfAbsent(host.address(), address -> new TreeSet<>())
                        .add(host.name());
            }
        }
        return names.entrySet().stream()
                .map(entry -> new HostAliasBuilder()
                        .withIp(entry.getKey())
                        .withHostnames(List.copyOf(entry.getValue()))
                        .build())
                .toList();
    }
}
