package dev.cleanroom.operator.environment.resources;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec.PodSettings;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.api.v1alpha1.WorkspacePattern;
import dev.cleanroom.operator.classes.EffectiveDetection;
import io.fabric8.kubernetes.api.model.Sysctl;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What runs in a build pod beside its steps, and what the pod needs for that. Fixed when the pod is created.
 *
 * <p>The observer has a user of its own, so that the build can neither signal nor read it. The pod, and so its pause
 * container, has a third one, because the end of the first process of the shared process namespace is the end of all. The
 * observer is the pod's resolver, so it must bind port 53 without a capability.
 *
 * @param observer whether the pod has an observer
 * @param readAtEnd the observer's arguments about what it reads when the build has ended
 * @param uid of the steps
 * @param gid of all containers
 */
record Companions(boolean observer, List<String> readAtEnd, long uid, long gid) {
    private static final long DEFAULT_ID = 10_001;

    /** An observer writes its report after the build has ended. */
    private static final long GRACE_SECONDS_WITH_OBSERVER = 60;

    private static final long GRACE_SECONDS = 10;

    static Companions of(BuildEnvironmentSpec spec, BuildEnvironmentClassSpec buildClass) {
        PodSettings settings = buildClass.pod();
        long uid = settings == null || settings.uid() == null ? DEFAULT_ID : settings.uid();
        long gid = settings == null || settings.gid() == null ? DEFAULT_ID : settings.gid();
        EffectiveDetection detection = EffectiveDetection.of(spec, buildClass);
        return new Companions(
                EffectiveDetection.hasObserver(spec, buildClass),
                Stream.concat(flags("--artifact", detection.artifacts()), flags("--report", detection.reports()))
                        .toList(),
                uid,
                gid);
    }

    /** A kubelet replaces {@code $(NAME)} in arguments, and {@code $$} by {@code $}. */
    private static Stream<String> flags(String flag, List<WorkspacePattern> patterns) {
        return patterns.stream().flatMap(each -> Stream.of(flag, each.path().replace("$", "$$")));
    }

    /** The user of the pod, which its pause container has. */
    long podUid() {
        return observer ? uid + 2 : uid;
    }

    long observerUid() {
        return uid + 1;
    }

    /** The user of each step, if it is another than the pod's. */
    @Nullable Long stepUid() {
        return observer ? uid : null;
    }

    long graceSeconds() {
        return observer ? GRACE_SECONDS_WITH_OBSERVER : GRACE_SECONDS;
    }

    List<Sysctl> sysctls() {
        return observer ? List.of(new Sysctl("net.ipv4.ip_unprivileged_port_start", "0")) : List.of();
    }
}
