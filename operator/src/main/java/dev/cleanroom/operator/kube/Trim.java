package dev.cleanroom.operator.kube;

import com.fasterxml.jackson.databind.util.StdConverter;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Keeps of an object only what a decision reads. Of network policies and accounts, it keeps a hash. */
public final class Trim {
    /** Exists only in memory. Every read sets it to the hash of the stored object, and ignores a stored annotation. */
    private static final String HASH = "cleanroom.dev/content-hash";

    /** Exists only in memory, like the hash: whose network a network policy opens. */
    private static final String OPENS = "cleanroom.dev/opens";

    /** The reasons of a container that its runtime could not start: then the message is the runtime's. */
    public static final Set<String> NOT_STARTED = Set.of("StartError", "ContainerCannotRun");

    /** The exit code of a launcher that did not start the build: then the message is the launcher's. */
    public static final int LAUNCHER_GAVE_UP = 125;

    private Trim() {}

    /** The hash of this policy or account as it is stored. */
    public static String hashOf(HasMetadata read) {
        return read.getMetadata().getAnnotations().getOrDefault(HASH, "");
    }

    /** The one environment whose pods this policy opens, or {@code *} for any; empty if it opens no build pod. */
    public static Optional<String> opens(NetworkPolicy read) {
        return Optional.ofNullable(read.getMetadata().getAnnotations().get(OPENS));
    }

    public static String hash(NetworkPolicySpec spec) {
        return ContentHash.of(spec);
    }

    public static String hash(Map<String, String> accountAnnotations, @Nullable Boolean automountToken) {
        return ContentHash.of(
                Map.of("annotations", accountAnnotations, "automount", Boolean.TRUE.equals(automountToken)));
    }

    static final class OfPod extends StdConverter<Pod, Pod> {
        /** The conditions that a decision reads. The others are half of a pod's status. */
        private static final Set<String> CONDITIONS = Set.of("Ready", "PodScheduled", "DisruptionTarget");

        @Override
        public Pod convert(Pod pod) {
            // As long as the spec, and read by the guard rail only.
            if (pod.getMetadata().getAnnotations() != null) {
                pod.getMetadata().getAnnotations().remove(CleanroomApi.REQUESTED_ANNOTATION);
            }
            PodStatus status = pod.getStatus();
            if (status != null) {
                if (isBuildPod(pod)) {
                    status.setPodIP(null);
                    status.setPodIPs(new ArrayList<>());
                }
                status.setHostIP(null);
                status.setHostIPs(new ArrayList<>());
                status.setConditions(read(status.getConditions()));
                status.setContainerStatuses(trimmed(status.getContainerStatuses()));
                status.setInitContainerStatuses(trimmed(status.getInitContainerStatuses()));
                withoutStart(status.getInitContainerStatuses());
                status.setEphemeralContainerStatuses(new ArrayList<>());
            }
            return pod;
        }

        /** The other pods are canaries, and the gate needs their addresses. */
        private static boolean isBuildPod(Pod pod) {
            Map<String, String> labels = pod.getMetadata().getLabels();
            return labels != null && labels.containsKey(CleanroomApi.ENVIRONMENT_LABEL);
        }

        private static List<PodCondition> read(@Nullable List<PodCondition> conditions) {
            return conditions == null
                    ? new ArrayList<>()
                    : conditions.stream()
                            .filter(condition -> CONDITIONS.contains(condition.getType()))
                            .collect(Collectors.toCollection(ArrayList::new));
        }

        /** A decision reads how long the build ran, and not how long any other step ran. */
        private static void withoutStart(List<ContainerStatus> ofSteps) {
            for (ContainerStatus status : ofSteps) {
                if (status.getState() != null && status.getState().getTerminated() != null) {
                    status.getState().getTerminated().setStartedAt(null);
                }
            }
        }

        private static List<ContainerStatus> trimmed(@Nullable List<ContainerStatus> statuses) {
            List<ContainerStatus> kept = new ArrayList<>();
            for (ContainerStatus status : statuses == null ? List.<ContainerStatus>of() : statuses) {
                ContainerStatus slim = new ContainerStatus();
                slim.setName(status.getName());
                slim.setState(status.getState());
                if (CleanroomApi.OBSERVER_CONTAINER.equals(status.getName())) {
                    slim.setRestartCount(status.getRestartCount());
                }
                ContainerStateTerminated end =
                        status.getState() == null ? null : status.getState().getTerminated();
                if (end != null) {
                    end.setContainerID(null);
                    if (!isRead(status.getName(), end)) {
                        end.setMessage(null);
                    }
                }
                kept.add(slim);
            }
            return kept;
        }

        /** The operator reads no message that a container wrote, except for those of the gate, the observer and the launcher. */
        private static boolean isRead(String container, ContainerStateTerminated end) {
            return CleanroomApi.GATE_CONTAINER.equals(container)
                    || CleanroomApi.OBSERVER_CONTAINER.equals(container)
                    || (CleanroomApi.BUILD_CONTAINER.equals(container)
                            && Integer.valueOf(LAUNCHER_GAVE_UP).equals(end.getExitCode()))
                    || (end.getReason() != null && NOT_STARTED.contains(end.getReason()));
        }
    }

    static final class OfNetworkPolicy extends StdConverter<NetworkPolicy, NetworkPolicy> {
        @Override
        public NetworkPolicy convert(NetworkPolicy policy) {
            stamp(policy, HASH, Optional.of(policy.getSpec() == null ? "" : hash(policy.getSpec())));
            stamp(policy, OPENS, OpenedPods.by(policy.getSpec()));
            policy.setSpec(null);
            return policy;
        }
    }

    static final class OfServiceAccount extends StdConverter<ServiceAccount, ServiceAccount> {
        @Override
        public ServiceAccount convert(ServiceAccount account) {
            Map<String, String> annotations = account.getMetadata().getAnnotations();
            stamp(
                    account,
                    HASH,
                    Optional.of(hash(
                            annotations == null ? Map.of() : annotations, account.getAutomountServiceAccountToken())));
            return account;
        }
    }

    /** Replaces any stored value of the key. */
    private static void stamp(HasMetadata object, String key, Optional<String> value) {
        Map<String, String> stored = object.getMetadata().getAnnotations();
        Map<String, String> annotations = stored == null ? new LinkedHashMap<>() : new LinkedHashMap<>(stored);
        annotations.remove(key);
        value.ifPresent(it -> annotations.put(key, it));
        object.getMetadata().setAnnotations(annotations);
    }
}
