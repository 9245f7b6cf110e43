package dev.cleanroom.operator.check;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.guardrails.GuardRails;
import dev.cleanroom.operator.kube.Resource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Clock;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Checks a cluster in the order in which things depend on each other, and reports each finding as it is made. */
public final class ClusterCheck {
    /** The name of the Deployment in the chart. */
    private static final String CANARIES = "cleanroom-canary";

    private final Cluster cluster;
    private final Target target;
    private final Clock clock;
    private final Consumer<Finding> report;

    public ClusterCheck(KubernetesClient client, Target target, Clock clock, Consumer<Finding> report) {
        this.cluster = new Cluster(client);
        this.target = target;
        this.clock = clock;
        this.report = report;
    }

    /** @throws dev.cleanroom.operator.kube.ApiUnavailableException when the API server gives no answer */
    public void run() {
        report.accept(ServerCheck.version(cluster.version()));
        report.accept(ServerCheck.mutatingPolicies(cluster.served(ServerCheck.ADMISSION)));
        ServerCheck.kinds(cluster.served(ServerCheck.API), target).forEach(report);
        rails().forEach(report);
        var operator = cluster.deployment(target.operatorNamespace(), target.operatorName());
        report.accept(OperatorCheck.of(
                operator, cluster.lease(target.operatorNamespace(), target.operatorName()), clock.instant(), target));
        chartPods(operator);
        var classes = cluster.list(Resource.BUILD_ENVIRONMENT_CLASS, BuildEnvironmentClass.class);
        report.accept(ClassCheck.theDefault(classes, target));
        ClassCheck.lentSecrets(classes)
                .forEach(secret -> report.accept(ClassCheck.lent(
                        secret,
                        cluster.mayGetSecret(
                                target.operatorNamespace(), target.operatorName(), target.operatorNamespace(), secret),
                        target)));
        PolicyCheck.of(cluster.list(Resource.TRUST_POLICY, TrustPolicy.class)).forEach(report);
        target.namespace().ifPresent(namespace -> in(namespace, classes));
    }

    private void chartPods(Lookup<Deployment> operator) {
        var ranges = cluster.list(Resource.LIMIT_RANGE, target.operatorNamespace(), LimitRange.class);
        LimitRangeCheck.ofChart(ranges, operator, "resources", target).ifPresent(report);
        LimitRangeCheck.ofChart(
                        ranges, cluster.deployment(target.operatorNamespace(), CANARIES), "canaries.resources", target)
                .ifPresent(report);
    }

    private List<Finding> rails() {
        GuardRails rails = GuardRails.ofChart(target.operatorNamespace());
        Map<Resource, Lookup<List<GenericKubernetesResource>>> stored = new EnumMap<>(Resource.class);
        rails.kinds().forEach(kind -> stored.put(kind, cluster.list(kind, GuardRails.LABEL)));
        return RailsCheck.of(rails, stored, target);
    }

    private void in(String name, Lookup<List<BuildEnvironmentClass>> classes) {
        Lookup<Namespace> namespace = cluster.namespace(name);
        NamespaceCheck.of(namespace, name, target).forEach(report);
        if (namespace instanceof Lookup.Found<Namespace>(Namespace found) && NamespaceCheck.isOpen(found)) {
            report.accept(NamespaceCheck.logs(
                    cluster.mayGetLogs(target.operatorNamespace(), target.operatorName(), name), name, target));
        }
        ClassCheck.allows(classes, namespace).forEach(report);
        if (!(namespace instanceof Lookup.Absent<Namespace>)) {
            environments(name, classes);
        }
        report.accept(ContainmentCheck.snapshots(cluster.list(Resource.VOLUME_SNAPSHOT_CLASS, "")));
    }

    private void environments(String name, Lookup<List<BuildEnvironmentClass>> classes) {
        var environments = cluster.list(Resource.BUILD_ENVIRONMENT, name, BuildEnvironment.class);
        EnvironmentsCheck.images(environments, name).forEach(report);
        LimitRangeCheck.builds(cluster.list(Resource.LIMIT_RANGE, name, LimitRange.class), environments, classes, name)
                .forEach(report);
        report.accept(EnforcementCheck.of(environments, name, target));
        Map<String, Lookup<Boolean>> mayGet = new TreeMap<>();
        EnvironmentsCheck.pullSecrets(environments)
                .forEach(secret -> mayGet.put(
                        secret, cluster.mayGetSecret(target.operatorNamespace(), target.operatorName(), name, secret)));
        EnvironmentsCheck.pullRights(mayGet, name, target).forEach(report);
    }
}
