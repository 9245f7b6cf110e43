package dev.cleanroom.operator.environment.resources;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.EnvironmentVariable;
import dev.cleanroom.api.v1alpha1.FileSource;
import dev.cleanroom.api.v1alpha1.Phase;
import dev.cleanroom.api.v1alpha1.PrepareStep;
import dev.cleanroom.operator.classes.StepResources;
import dev.cleanroom.operator.environment.model.SpecHash;
import dev.cleanroom.operator.pod.Phases;
import dev.cleanroom.operator.trust.VerifiedImage;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The containers of a build pod: the {@code prepare} steps and the build, hardened alike. */
final class Steps {
    static final String HOME = "/home/build";
    private static final String TMP = "/tmp";
    static final String TRUST_BUNDLE_PATH = "/etc/cleanroom/trust-bundle";
    static final String IDENTITY_PATH = "/var/run/secrets/cleanroom";

    /** The program of the tools image, in that image. */
    private static final String TOOLS_PROGRAM = "/cleanroom-tools";

    private static final String TOOLS_PATH = "/etc/cleanroom/tools";

    /**
     * Starts each step so that it cannot kill the processes that observe or stop it, if the kernel has a scope for
     * signals.
     */
    private static final String LAUNCHER = TOOLS_PATH + "/cleanroom-tools";

    /** For how long the beacon must have answered, and the canary must not. */
    private static final String GATE_QUIET = "500ms";

    private static final String OBSERVE = "observe";

    /** Where the observer finds the workspace, wherever the steps have it. */
    private static final String OBSERVED_WORKSPACE = "/workspace";

    /** How long the observer may take, in seconds, until it answers; the kubelet asks once a second. */
    private static final int STARTUP_SECONDS = 60;

    private static final int PROBE_SECONDS = 5;

    /** When the gate gives up. */
    private static final String GATE_DEADLINE = "30s";

    private final BuildEnvironmentSpec spec;
    private final BuildEnvironmentClassSpec buildClass;
    private final Map<String, VerifiedImage> images;
    private final Companions companions;

    Steps(BuildEnvironmentSpec spec, BuildEnvironmentClassSpec buildClass, Map<String, VerifiedImage> images) {
        this.spec = spec;
        this.buildClass = buildClass;
        this.images = images;
        this.companions = Companions.of(spec, buildClass);
    }

    /** In a pod with phases, the launcher starts the build only when it has measured that the prepare steps' network is closed. */
    Container build(Gate gate) {
        List<String> launch = launcher();
        if (Phases.areNamed(spec)) {
            launch.add("--closed");
            launch.addAll(gate.canaries());
        }
        launch.add("--");
        return container(
                new PrepareStep(
                        CleanroomApi.BUILD_CONTAINER,
                        spec.image(),
                        spec.command(),
                        spec.args(),
                        spec.env(),
                        spec.workingDir(),
                        spec.resources(),
                        spec.secrets(),
                        spec.configs()),
                Phase.Build,
                launch);
    }

    /** The init containers: the gate, the observer if the pod has one, and the prepare steps. */
    List<Container> beforeBuild(Gate gate) {
        List<PrepareStep> prepare = spec.prepare() == null ? List.of() : spec.prepare();
        List<String> names = Stream.concat(
                        prepare.stream().map(PrepareStep::name), Stream.of(CleanroomApi.BUILD_CONTAINER))
                .toList();
        List<Container> containers = new ArrayList<>();
        containers.add(gate(gate));
        if (companions.observer()) {
            containers.add(observer(gate.image(), names));
        }
        for (PrepareStep step : prepare) {
            List<String> launch = launcher();
            launch.add("--");
            containers.add(container(step, Phase.Prepare, launch));
        }
        return containers;
    }

    private List<String> launcher() {
        List<String> launch = new ArrayList<>(List.of(LAUNCHER, "launch"));
        if (companions.observer()) {
            // The launcher hands over the files of the workspace that the observer's user may not read.
            launch.add("--observed=" + workspacePath());
        }
        return launch;
    }

    /**
     * The first container: it ends well only if deny-all is enforced for this very pod. It leaves the launcher for
     * the steps. It requests what the build requests: whatever a LimitRange allows the build, it then allows the gate, and
     * since the gate ends before the build starts, the pod reserves no more by that.
     */
    private Container gate(Gate gate) {
        List<String> args = new ArrayList<>(List.of(
                "gate",
                "--beacon-port",
                String.valueOf(Phases.areNamed(spec) ? CleanroomApi.FETCH_BEACON_PORT : CleanroomApi.BEACON_PORT),
                "--canary-port",
                String.valueOf(CleanroomApi.CANARY_PORT),
                "--quiet",
                GATE_QUIET,
                "--deadline",
                GATE_DEADLINE,
                "--install",
                TOOLS_PATH));
        args.addAll(gate.canaries());
        return new ContainerBuilder()
                .withName(CleanroomApi.GATE_CONTAINER)
                .withImage(gate.image().pinned())
                .withImagePullPolicy("IfNotPresent")
                .withCommand(TOOLS_PROGRAM)
                .withArgs(args)
                .withResources(StepResources.of(spec.resources(), buildClass))
                .withVolumeMounts(mount(Volumes.TOOLS, TOOLS_PATH, false))
                .withTerminationMessagePath("/dev/termination-log")
                .withTerminationMessagePolicy("File")
                .withSecurityContext(hardened(companions.stepUid()))
                .build();
    }

    /**
     * The sidecar that observes the run: it starts after the gate and ends after the build.
     *
     * @param steps the names of the steps, in the order in which they start
     */
    private Container observer(VerifiedImage tools, List<String> steps) {
        return new ContainerBuilder()
                .withName(CleanroomApi.OBSERVER_CONTAINER)
                .withImage(tools.pinned())
                .withImagePullPolicy("IfNotPresent")
                .withCommand(TOOLS_PROGRAM)
                .withArgs(OBSERVE, "--workspace", OBSERVED_WORKSPACE)
                .addAllToArgs(companions.readAtEnd())
                .addAllToArgs(steps)
                .withRestartPolicy("Always")
                .withNewStartupProbe()
                .withNewExec()
                .withCommand(TOOLS_PROGRAM, OBSERVE, "--probe")
                .endExec()
                .withPeriodSeconds(1)
                .withTimeoutSeconds(PROBE_SECONDS)
                .withFailureThreshold(STARTUP_SECONDS)
                .withSuccessThreshold(1)
                .endStartupProbe()
                .withResources(StepResources.ofObserver())
                .withVolumeMounts(mount(Volumes.WORKSPACE, OBSERVED_WORKSPACE, true))
                .withTerminationMessagePath("/dev/termination-log")
                .withTerminationMessagePolicy("File")
                .withSecurityContext(hardened(companions.observerUid()))
                .build();
    }

    private Container container(PrepareStep step, Phase phase, List<String> launch) {
        return new ContainerBuilder()
                .withName(step.name())
                .withImage(Objects.requireNonNull(images.get(step.image())).pinned())
                .withImagePullPolicy("IfNotPresent")
                .withCommand(launch)
                .addAllToCommand(step.command())
                .withArgs(step.args())
                .withWorkingDir(step.workingDir() == null ? workspacePath() : step.workingDir())
                .withEnv(env(step.env()))
                .withResources(StepResources.of(step.resources(), buildClass))
                .withVolumeMounts(mounts(step, phase))
                .withTerminationMessagePath("/dev/termination-log")
                .withTerminationMessagePolicy("File")
                .withSecurityContext(hardened(companions.stepUid()))
                .build();
    }

    /** @param uid if it is another than the pod's */
    private static SecurityContext hardened(@Nullable Long uid) {
        return new SecurityContextBuilder()
                .withAllowPrivilegeEscalation(false)
                .withPrivileged(false)
                .withReadOnlyRootFilesystem(true)
                .withRunAsNonRoot(true)
                .withRunAsUser(uid)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .build();
    }

    private String workspacePath() {
        return spec.workspace() == null || spec.workspace().mountPath() == null
                ? SpecHash.DEFAULT_WORKSPACE
                : spec.workspace().mountPath();
    }

    private static List<EnvVar> env(@Nullable List<EnvironmentVariable> variables) {
        List<EnvVar> env = new ArrayList<>();
        env.add(new EnvVarBuilder().withName("HOME").withValue(HOME).build());
        for (EnvironmentVariable variable : variables == null ? List.<EnvironmentVariable>of() : variables) {
            var built = new EnvVarBuilder().withName(variable.name());
            if (variable.valueFrom() == null) {
                built.withValue(variable.value());
            } else {
                built.withNewValueFrom()
                        .withNewFieldRef("v1", variable.valueFrom().fieldRef())
                        .endValueFrom();
            }
            env.add(built.build());
        }
        return env;
    }

    private List<VolumeMount> mounts(PrepareStep step, Phase phase) {
        List<VolumeMount> mounts = new ArrayList<>();
        mounts.add(mount(Volumes.WORKSPACE, workspacePath(), false));
        mounts.add(mount(Volumes.tmp(step.name()), TMP, false));
        mounts.add(mount(Volumes.home(step.name()), HOME, false));
        mounts.add(mount(Volumes.TOOLS, TOOLS_PATH, true));
        addMounts(mounts, step.secrets(), index -> Volumes.secret(step.name(), index));
        addMounts(mounts, step.configs(), index -> Volumes.config(step.name(), index));
        if (buildClass.trustBundle() != null) {
            mounts.add(mount(Volumes.TRUST_BUNDLE, TRUST_BUNDLE_PATH, true));
        }
        if (spec.identity() != null && Phases.include(spec.identity().phases(), phase)) {
            mounts.add(mount(Volumes.IDENTITY, IDENTITY_PATH, true));
        }
        return mounts;
    }

    private static void addMounts(
            List<VolumeMount> mounts, @Nullable List<FileSource> sources, IntFunction<String> volumeName) {
        for (int i = 0; sources != null && i < sources.size(); i++) {
            mounts.add(mount(volumeName.apply(i), sources.get(i).mountPath(), true));
        }
    }

    private static VolumeMount mount(String volume, String path, boolean readOnly) {
        return new VolumeMountBuilder()
                .withName(volume)
                .withMountPath(path)
                .withReadOnly(readOnly ? true : null)
                .build();
    }
}
