package dev.cleanroom.operator.check;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.guardrails.GuardRails;
import dev.cleanroom.operator.kube.Resource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Clock;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Goes through a cluster in the order in which things build on each other, and tells each finding as it is made. */
public final class ClusterCheck {
    private final Cluster cluster;
    private final Target target;
    private final Clock clock;
    private final Consumer<Finding> told;

    public ClusterCheck(KubernetesClient client, Target target, Clock clock, Consumer<Finding> told) {
        this.cluster = new Cluster(client);
        this.target = target;
        this.clock = clock;
        this.told = told;
    }

    /** @throws dev.cleanroom.operator.kube.ApiUnavailableException when the API server gives no answer */
    public void run() {
        told.accept(ServerCheck.version(cluster.version()));
        told.accept(ServerCheck.mutatingPolicies(cluster.served(ServerCheck.ADMISSION)));
        ServerCheck.kinds(cluster.served(ServerCheck.API), target).forEach(told);
        rails().forEach(told);
        told.accept(OperatorCheck.of(
                cluster.deployment(target.operatorNamespace(), target.operatorName()),
                cluster.lease(target.operatorNamespace(), target.operatorName()),
                clock.instant(),
                target));
        var classes = cluster.list(Resource.BUILD_ENVIRONMENT_CLASS, BuildEnvironmentClass.class);
        told.accept(ClassCheck.theDefault(classes, target));
        ClassCheck.lentSecrets(classes)
                .forEach(secret -> told.accept(ClassCheck.lent(
                        secret,
                        cluster.mayGetSecret(
                                target.operatorNamespace(), target.operatorName(), target.operatorNamespace(), secret),
                        target)));
        PolicyCheck.of(cluster.list(Resource.TRUST_POLICY, TrustPolicy.class)).forEach(told);
        target.namespace().ifPresent(namespace -> in(namespace, classes));
    }

    private List<Finding> rails() {
        GuardRails rails = GuardRails.ofChart(target.operatorNamespace());
        Map<Resource, Read<List<GenericKubernetesResource>>> stored = new EnumMap<>(Resource.class);
        rails.kinds().forEach(kind -> stored.put(kind, cluster.list(kind, GuardRails.LABEL)));
        return RailsCheck.of(rails, stored, target);
    }

    private void in(String name, Read<List<BuildEnvironmentClass>> classes) {
        Read<Namespace> namespace = cluster.namespace(name);
        NamespaceCheck.of(namespace, name, target).forEach(told);
        ClassCheck.allows(classes, namespace).forEach(told);
        if (!(namespace instanceof Read.Absent<Namespace>)) {
            environments(name);
        }
        told.accept(ContainmentCheck.snapshots(cluster.list(Resource.VOLUME_SNAPSHOT_CLASS, "")));
    }

    private void environments(String name) {
        var environments = cluster.list(Resource.BUILD_ENVIRONMENT, name, BuildEnvironment.class);
        EnvironmentsCheck.images(environments, name).forEach(told);
        told.accept(EnforcementCheck.of(environments, name, target));
        Map<String, Read<Boolean>> mayGet = new TreeMap<>();
        EnvironmentsCheck.pullSecrets(environments)
                .forEach(secret -> mayGet.put(
                        secret, cluster.mayGetSecret(target.operatorNamespace(), target.operatorName(), name, secret)));
        EnvironmentsCheck.pullRights(mayGet, name, target).forEach(told);
    }
}
