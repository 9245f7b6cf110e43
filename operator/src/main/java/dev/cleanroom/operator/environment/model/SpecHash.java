package dev.cleanroom.operator.environment.model;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.api.v1alpha1.ComputeResources;
import dev.cleanroom.api.v1alpha1.EnvironmentVariable;
import dev.cleanroom.api.v1alpha1.FileSource;
import dev.cleanroom.api.v1alpha1.Identity;
import dev.cleanroom.api.v1alpha1.Phase;
import dev.cleanroom.api.v1alpha1.PrepareStep;
import dev.cleanroom.api.v1alpha1.Tmp;
import dev.cleanroom.api.v1alpha1.Workspace;
import dev.cleanroom.operator.kube.ContentHash;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The hash of those fields that shape a pod. A value equal to its default is left out, so an upgrade that adds a
 * default reruns nothing. How often and how long an environment runs, and what it may reach, do not shape the pod.
 */
public final class SpecHash {
    /** Where the workspace is mounted if the spec does not say. */
    public static final String DEFAULT_WORKSPACE = "/workspace";

    private SpecHash() {}

    // The field names are part of the hash: renaming one would rerun every task.
    private record Shape(
            String image,
            @Nullable String platform,
            List<String> command,
            @Nullable List<String> args,
            @Nullable List<EnvironmentVariable> env,
            @Nullable String workingDir,
            @Nullable ComputeResources resources,
            @Nullable Claim workspace,
            @Nullable Tmp tmp,
            @Nullable List<FileSource> secrets,
            @Nullable List<FileSource> configs,
            @Nullable List<PrepareStep> prepare,
            @Nullable List<String> audiences,
            @Nullable List<Phase> identityPhases) {}

    public static String of(BuildEnvironmentSpec spec) {
        return ContentHash.of(new Shape(
                spec.image(),
                spec.platform(),
                spec.command(),
                spec.args(),
                spec.env(),
                spec.workingDir(),
                spec.resources(),
                withoutDefault(spec.workspace()),
                spec.tmp(),
                spec.secrets(),
                spec.configs(),
                spec.prepare(),
                spec.identity() == null ? null : spec.identity().audiences(),
                phases(spec.identity())));
    }

    /** In one order, because the order in which they are listed means nothing. */
    private static @Nullable List<Phase> phases(@Nullable Identity identity) {
        return identity == null || identity.phases() == null
                ? null
                : identity.phases().stream().sorted().toList();
    }

    private record Claim(
            Quantity size,
            @Nullable String storageClassName,
            @Nullable String mountPath) {}

    private static @Nullable Claim withoutDefault(@Nullable Workspace workspace) {
        if (workspace == null) {
            return null;
        }
        String mountPath = DEFAULT_WORKSPACE.equals(workspace.mountPath()) ? null : workspace.mountPath();
        return new Claim(workspace.size(), workspace.storageClassName(), mountPath);
    }
}
