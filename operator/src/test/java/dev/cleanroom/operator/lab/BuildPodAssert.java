package dev.cleanroom.operator.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SeccompProfile;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/** The hardening of a build pod, one property a method; {@link #isHardened} asserts them all. */
public final class BuildPodAssert extends AbstractAssert<BuildPodAssert, Pod> {
    private static final long LONGEST_GRACE_SECONDS = 30;
    private static final long LONGEST_GRACE_SECONDS_WITH_OBSERVER = 60;
    private static final Set<String> LIMITED = Set.of("cpu", "memory", "ephemeral-storage");
    private static final String TOOLS = "/etc/cleanroom/tools";
    private static final Set<String> VOLUME_KINDS = Set.of("emptyDir", "ephemeral", "secret", "configMap", "projected");
    private static final ObjectMapper JSON = new ObjectMapper();

    private BuildPodAssert(Pod actual) {
        super(actual, BuildPodAssert.class);
    }

    public static BuildPodAssert assertThatPod(Pod actual) {
        return new BuildPodAssert(actual);
    }

    public BuildPodAssert isHardened() {
        return runsAsFixedUserNotRoot()
                .hasFixedFileSystemGroup()
                .dropsAllCapabilities()
                .cannotEscalatePrivileges()
                .hasReadOnlyRoot()
                .hasWritableTmpHomeAndWorkspace()
                .isLaunched()
                .hasRuntimeDefaultSeccomp()
                .mountsNoApiToken()
                .hasNoServiceLinks()
                .hasNoResolver()
                .sharesNothingWithTheHost()
                .hasLimitsOnEveryContainer()
                .neverRestarts()
                .endsSoonWhenAsked()
                .hasNothingThatEndsItBehindTheOperatorsBack()
                .sharesItsProcessNamespace()
                .isLeftAloneByAutoscalers();
    }

    public BuildPodAssert runsAsFixedUserNotRoot() {
        PodSecurityContext pod = podContext();
        check("runAsNonRoot of the pod", pod.getRunAsNonRoot(), true);
        assertThat(pod.getRunAsUser()).as("runAsUser of the pod").isNotNull().isPositive();
        assertThat(pod.getRunAsGroup()).as("runAsGroup of the pod").isNotNull().isPositive();
        for (Container container : containers()) {
            SecurityContext own = context(container);
            long user = own.getRunAsUser() == null ? pod.getRunAsUser() : own.getRunAsUser();
            check("runAsUser of " + container.getName(), user, pod.getRunAsUser() - distance(container));
            absentOr("runAsGroup of " + container.getName(), own.getRunAsGroup(), pod.getRunAsGroup());
            absentOr("runAsNonRoot of " + container.getName(), own.getRunAsNonRoot(), true);
        }
        return this;
    }

    public BuildPodAssert hasFixedFileSystemGroup() {
        assertThat(podContext().getFsGroup()).as("fsGroup").isNotNull().isPositive();
        return this;
    }

    public BuildPodAssert dropsAllCapabilities() {
        for (Container container : containers()) {
            var capabilities = context(container).getCapabilities();
            assertThat(capabilities)
                    .as("capabilities of %s", container.getName())
                    .isNotNull();
            check("capabilities dropped by " + container.getName(), capabilities.getDrop(), List.of("ALL"));
            check("capabilities added to " + container.getName(), capabilities.getAdd(), List.of());
        }
        return this;
    }

    public BuildPodAssert cannotEscalatePrivileges() {
        for (Container container : containers()) {
            SecurityContext own = context(container);
            check("allowPrivilegeEscalation of " + container.getName(), own.getAllowPrivilegeEscalation(), false);
            absentOr("privileged of " + container.getName(), own.getPrivileged(), false);
            absentOr("procMount of " + container.getName(), own.getProcMount(), "Default");
        }
        return this;
    }

    public BuildPodAssert hasReadOnlyRoot() {
        for (Container container : containers()) {
            Boolean readOnly = context(container).getReadOnlyRootFilesystem();
            check("readOnlyRootFilesystem of " + container.getName(), readOnly, true);
        }
        return this;
    }

    /** The root is read-only, so builds need these; the gate, ours, has but the folder where it leaves the launcher. */
    public BuildPodAssert hasWritableTmpHomeAndWorkspace() {
        for (Container container : withoutObserver()) {
            if (container.getName().equals("gate")) {
                assertThat(container.getVolumeMounts())
                        .as("mounts of gate")
                        .extracting(VolumeMount::getMountPath)
                        .containsExactly(TOOLS);
                continue;
            }
            List<String> writable = container.getVolumeMounts().stream()
                    .filter(mount -> !Boolean.TRUE.equals(mount.getReadOnly()))
                    .map(VolumeMount::getMountPath)
                    .toList();
            assertThat(writable)
                    .as("writable mounts of %s", container.getName())
                    .contains("/tmp", "/home/build")
                    .doesNotContain(TOOLS)
                    .hasSizeGreaterThanOrEqualTo(3);
        }
        return this;
    }

    public BuildPodAssert isLaunched() {
        withoutObserver().stream()
                .filter(container -> !container.getName().equals("gate"))
                .forEach(container -> assertThat(container.getCommand())
                        .as("command of %s", container.getName())
                        .startsWith(TOOLS + "/cleanroom-tools", "launch")
                        .contains("--")
                        .hasSizeGreaterThan(3));
        return this;
    }

    public BuildPodAssert hasRuntimeDefaultSeccomp() {
        SeccompProfile profile = podContext().getSeccompProfile();
        assertThat(profile).as("seccompProfile of the pod").isNotNull();
        check("seccompProfile of the pod", profile.getType(), "RuntimeDefault");
        for (Container container : containers()) {
            SeccompProfile own = context(container).getSeccompProfile();
            absentOr("seccompProfile of " + container.getName(), own == null ? null : own.getType(), "RuntimeDefault");
        }
        return this;
    }

    public BuildPodAssert mountsNoApiToken() {
        check("automountServiceAccountToken", spec().getAutomountServiceAccountToken(), false);
        return this;
    }

    public BuildPodAssert hasNoServiceLinks() {
        check("enableServiceLinks", spec().getEnableServiceLinks(), false);
        return this;
    }

    /** Names are lines of its hosts file; any other does not exist, at once, and not after 20 s of silence. */
    public BuildPodAssert hasNoResolver() {
        check("dnsPolicy", spec().getDnsPolicy(), "None");
        check("nameservers", spec().getDnsConfig().getNameservers(), List.of("127.0.0.1"));
        return this;
    }

    /** No namespace, directory or port of the host, and volumes only of kinds that stay inside the pod's own. */
    public BuildPodAssert sharesNothingWithTheHost() {
        PodSpec spec = spec();
        absentOr("hostNetwork", spec.getHostNetwork(), false);
        absentOr("hostPID", spec.getHostPID(), false);
        absentOr("hostIPC", spec.getHostIPC(), false);
        for (Volume volume : spec.getVolumes()) {
            assertThat(JSON.valueToTree(volume).fieldNames())
                    .toIterable()
                    .as("kind of volume %s", volume.getName())
                    .hasSize(2)
                    .contains("name")
                    .containsAnyElementsOf(VOLUME_KINDS);
        }
        for (Container container : containers()) {
            check("ports of " + container.getName(), container.getPorts(), List.of());
            check("devices of " + container.getName(), container.getVolumeDevices(), List.of());
        }
        return this;
    }

    public BuildPodAssert hasLimitsOnEveryContainer() {
        for (Container container : containers()) {
            String name = container.getName();
            Map<String, Quantity> limits = container.getResources() == null
                    ? null
                    : container.getResources().getLimits();
            assertThat(limits).as("limits of %s", name).isNotNull().containsKeys(LIMITED.toArray(String[]::new));
            LIMITED.forEach(resource -> assertThat(limits.get(resource).getNumericalAmount())
                    .as("%s limit of %s", resource, name)
                    .isGreaterThan(BigDecimal.ZERO));
        }
        return this;
    }

    public BuildPodAssert neverRestarts() {
        check("restartPolicy", spec().getRestartPolicy(), "Never");
        // An init container with restartPolicy Always is a sidecar: it would outlive the build it prepares.
        for (Container container : withoutObserver()) {
            check("restartPolicy of " + container.getName(), container.getRestartPolicy(), null);
        }
        return this;
    }

    public BuildPodAssert endsSoonWhenAsked() {
        assertThat(spec().getTerminationGracePeriodSeconds())
                .as("terminationGracePeriodSeconds")
                .isNotNull()
                .isBetween(0L, isObserved() ? LONGEST_GRACE_SECONDS_WITH_OBSERVER : LONGEST_GRACE_SECONDS);
        return this;
    }

    /** The operator ends pods, so that it can also hold them. */
    public BuildPodAssert hasNothingThatEndsItBehindTheOperatorsBack() {
        check("activeDeadlineSeconds", spec().getActiveDeadlineSeconds(), null);
        withoutObserver().forEach(it -> check("startupProbe of " + it.getName(), it.getStartupProbe(), null));
        for (Container container : containers()) {
            check("livenessProbe of " + container.getName(), container.getLivenessProbe(), null);
            check("readinessProbe of " + container.getName(), container.getReadinessProbe(), null);
            check("lifecycle of " + container.getName(), container.getLifecycle(), null);
        }
        return this;
    }

    /** So that a collector of the same user can stop every process of the pod. */
    public BuildPodAssert sharesItsProcessNamespace() {
        check("shareProcessNamespace", spec().getShareProcessNamespace(), true);
        return this;
    }

    public BuildPodAssert isLeftAloneByAutoscalers() {
        assertThat(actual.getMetadata().getAnnotations())
                .as("annotations")
                .containsEntry("cluster-autoscaler.kubernetes.io/safe-to-evict", "false")
                .containsEntry("karpenter.sh/do-not-disrupt", "true");
        return this;
    }

    private PodSpec spec() {
        isNotNull();
        return actual.getSpec();
    }

    private PodSecurityContext podContext() {
        assertThat(spec().getSecurityContext()).as("securityContext of the pod").isNotNull();
        return spec().getSecurityContext();
    }

    private List<Container> containers() {
        List<Container> all = Stream.concat(spec().getInitContainers().stream(), spec().getContainers().stream())
                .toList();
        assertThat(all).as("containers").isNotEmpty();
        return all;
    }

    private boolean isObserved() {
        return containers().size() > withoutObserver().size();
    }

    /** The observer has no volume, a probe, and ends after the build: none of it is a step's. */
    private List<Container> withoutObserver() {
        return containers().stream()
                .filter(container -> !container.getName().equals("observer"))
                .toList();
    }

    /** The pod's user is the build's and 2, and the observer's is between them. */
    private long distance(Container container) {
        return !isObserved() ? 0 : container.getName().equals("observer") ? 1 : 2;
    }

    private static SecurityContext context(Container container) {
        SecurityContext own = container.getSecurityContext();
        assertThat(own).as("securityContext of %s", container.getName()).isNotNull();
        return own;
    }

    private void check(String what, @Nullable Object found, @Nullable Object wanted) {
        if (!Objects.equals(found, wanted)) {
            failWithMessage("expected %s to be <%s> but was <%s>", what, wanted, found);
        }
    }

    private void absentOr(String what, @Nullable Object found, Object wanted) {
        check(what, found == null ? wanted : found, wanted);
    }
}
