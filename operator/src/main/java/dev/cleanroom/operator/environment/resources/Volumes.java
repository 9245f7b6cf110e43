package dev.cleanroom.operator.environment.resources;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.FileSource;
import dev.cleanroom.api.v1alpha1.PrepareStep;
import dev.cleanroom.api.v1alpha1.Workspace;
import dev.cleanroom.operator.pod.Names;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.VolumeProjectionBuilder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The volumes of a build pod. The workspace is the only writable volume that steps share: each step has its own
 * {@code /tmp} and home, so the build does not find a credential that a {@code prepare} step leaves there.
 */
final class Volumes {
    /** Appended to the pod's name, it is the name of the claim: {@code <pod>-cleanroom-workspace}. */
    static final String WORKSPACE = "cleanroom-workspace";

    /** The launcher, which the gate leaves there and the steps read. */
    static final String TOOLS = "cleanroom-tools";

    static final String TRUST_BUNDLE = "cleanroom-trust-bundle";
    static final String IDENTITY = "cleanroom-identity";

    private static final Quantity DEFAULT_TMP = new Quantity("1Gi");
    private static final Quantity EPHEMERAL_WORKSPACE = new Quantity("8Gi");
    private static final Quantity TOOLS_SIZE = new Quantity("16Mi");
    private static final int SECRET_MODE = 0440;
    private static final int CONFIG_MODE = 0444;

    /** The kubelet renews tokens; a stolen token is valid for this long. */
    private static final long TOKEN_SECONDS = 600;

    private final BuildEnvironmentSpec spec;
    private final BuildEnvironmentClassSpec buildClass;
    private final String environmentName;

    Volumes(BuildEnvironment environment, BuildEnvironmentClassSpec buildClass) {
        this.spec = environment.getSpec();
        this.buildClass = buildClass;
        this.environmentName = environment.getMetadata().getName();
    }

    static String tmp(String step) {
        return "tmp-" + step;
    }

    static String home(String step) {
        return "home-" + step;
    }

    static String secret(String step, int index) {
        return "secret-" + step + "-" + index;
    }

    static String config(String step, int index) {
        return "config-" + step + "-" + index;
    }

    List<Volume> all() {
        List<Volume> volumes = new ArrayList<>();
        volumes.add(workspace());
        volumes.add(emptyDir(TOOLS, TOOLS_SIZE));
        for (PrepareStep step : spec.prepare() == null ? List.<PrepareStep>of() : spec.prepare()) {
            addStep(volumes, step.name(), step.secrets(), step.configs());
        }
        addStep(volumes, CleanroomApi.BUILD_CONTAINER, spec.secrets(), spec.configs());
        if (buildClass.trustBundle() != null) {
            volumes.add(new VolumeBuilder()
                    .withName(TRUST_BUNDLE)
                    .withNewConfigMap()
                    .withName(buildClass.trustBundle())
                    .withDefaultMode(CONFIG_MODE)
                    .endConfigMap()
                    .build());
        }
        if (spec.identity() != null) {
            volumes.add(new VolumeBuilder()
                    .withName(IDENTITY)
                    .withNewProjected()
                    .withDefaultMode(SECRET_MODE)
                    .withSources(spec.identity().audiences().stream()
                            .map(Volumes::token)
                            .toList())
                    .endProjected()
                    .build());
        }
        return volumes;
    }

    private Volume workspace() {
        Workspace workspace = spec.workspace();
        if (workspace == null) {
            return emptyDir(WORKSPACE, EPHEMERAL_WORKSPACE);
        }
        return new VolumeBuilder()
                .withName(WORKSPACE)
                .withNewEphemeral()
                .withNewVolumeClaimTemplate()
                .withNewMetadata()
                .addToLabels(CleanroomApi.ENVIRONMENT_LABEL, environmentName)
                .endMetadata()
                .withNewSpec()
                .withAccessModes("ReadWriteOnce")
                .withVolumeMode("Filesystem")
                .withStorageClassName(workspace.storageClassName())
                .withNewResources()
                .addToRequests("storage", workspace.size())
                .endResources()
                .endSpec()
                .endVolumeClaimTemplate()
                .endEphemeral()
                .build();
    }

    private void addStep(
            List<Volume> volumes, String step, @Nullable List<FileSource> secrets, @Nullable List<FileSource> configs) {
        volumes.add(emptyDir(tmp(step), tmpSize()));
        volumes.add(emptyDir(home(step), tmpSize()));
        for (int i = 0; secrets != null && i < secrets.size(); i++) {
            volumes.add(new VolumeBuilder()
                    .withName(secret(step, i))
                    .withNewSecret()
                    .withSecretName(secrets.get(i).name())
                    .withDefaultMode(SECRET_MODE)
                    .withItems(items(secrets.get(i)))
                    .endSecret()
                    .build());
        }
        for (int i = 0; configs != null && i < configs.size(); i++) {
            volumes.add(new VolumeBuilder()
                    .withName(config(step, i))
                    .withNewConfigMap()
                    .withName(configs.get(i).name())
                    .withDefaultMode(CONFIG_MODE)
                    .withItems(items(configs.get(i)))
                    .endConfigMap()
                    .build());
        }
    }

    private Quantity tmpSize() {
        if (spec.tmp() != null && spec.tmp().size() != null) {
            return spec.tmp().size();
        }
        return buildClass.defaults() == null || buildClass.defaults().tmpSize() == null
                ? DEFAULT_TMP
                : buildClass.defaults().tmpSize();
    }

    private static List<KeyToPath> items(FileSource source) {
        return source.items() == null
                ? List.of()
                : source.items().stream()
                        .map(item -> new KeyToPath(item.key(), null, item.path()))
                        .toList();
    }

    private static Volume emptyDir(String name, Quantity size) {
        return new VolumeBuilder()
                .withName(name)
                .withNewEmptyDir()
                .withSizeLimit(size)
                .endEmptyDir()
                .build();
    }

    private static VolumeProjection token(String audience) {
        return new VolumeProjectionBuilder()
                .withNewServiceAccountToken()
                .withAudience(audience)
                .withExpirationSeconds(TOKEN_SECONDS)
                .withPath(Names.tokenFile(audience))
                .endServiceAccountToken()
                .build();
    }
}
