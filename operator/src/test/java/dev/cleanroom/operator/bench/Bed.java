package dev.cleanroom.operator.bench;

import dev.cleanroom.operator.lab.JvmOptions;
import dev.cleanroom.operator.lab.Kubeconfig;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabCluster;
import dev.cleanroom.operator.lab.OperatorProcess;
import dev.cleanroom.operator.pod.Names;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What one benchmark runs on: its own part of the shared lab, with the accounts that take part. */
final class Bed implements AutoCloseable {
    private final Lab lab;
    private final JvmOptions jvm;
    private final Account admin;
    private final Account team;
    private final Account operatorAccount;

    Bed(LabCluster cluster, String title, JvmOptions jvm) {
        this.lab = new Lab(cluster, "bench-" + title);
        this.jvm = jvm;
        this.admin = Account.of(cluster.adminConfig());
        this.team = Account.of(Kubeconfig.read(lab.kubeconfig("cleanroom-bench", "bench")));
        this.operatorAccount = Account.of(Kubeconfig.read(lab.operatorKubeconfig()));
    }

    Lab lab() {
        return lab;
    }

    JvmOptions jvm() {
        return jvm;
    }

    Account admin() {
        return admin;
    }

    /** Who writes BuildEnvironments. */
    Account team() {
        return team;
    }

    /** The operator's own account, for a bare client that writes what the operator would. */
    Account operatorAccount() {
        return operatorAccount;
    }

    AuditLog audit() {
        return new AuditLog(lab.cluster().labDirectory());
    }

    /** A fresh namespace, open for builds, that can be deleted when no operator runs any more. */
    String namespace() {
        String namespace = lab.namespace();
        lab.onClose(() -> releaseDenyAll(namespace));
        return namespace;
    }

    private void releaseDenyAll(String namespace) {
        // The operator's own to change: a guard rail refuses it to everybody else.
        var denyAll = lab.asOperator()
                .network()
                .v1()
                .networkPolicies()
                .inNamespace(namespace)
                .withName(Names.DENY_ALL);
        if (denyAll.get() != null) {
            denyAll.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"finalizers\":null}}");
        }
    }

    Fleet fleet(int namespaces) {
        return fleet(IntStream.range(0, namespaces).mapToObj(i -> namespace()).toList());
    }

    Fleet fleet(List<String> namespaces) {
        return new Fleet(team, admin, namespaces);
    }

    /** The operator as users run it, ready; more flags may follow. */
    OperatorProcess operator(String... flags) {
        return lab.launch(jvm, lab.operatorKubeconfig(), flags).awaitReady();
    }

    /** For a person who waits. */
    void say(String format, Object... arguments) {
        System.err.println("   " + format.formatted(arguments));
    }

    @Override
    public void close() {
        List<AutoCloseable> all = new ArrayList<>(List.of(lab, admin, team, operatorAccount));
        for (AutoCloseable each : all) {
            try {
                each.close();
            } catch (Exception e) {
                say("while closing: %s", e);
            }
        }
    }
}
