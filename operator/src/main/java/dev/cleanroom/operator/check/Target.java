package dev.cleanroom.operator.check;

import java.util.Optional;

/**
 * The installation and namespace to check.
 *
 * @param operatorName the name of the operator's Deployment, ServiceAccount and Lease
 * @param namespace a namespace for builds; empty to check only the cluster
 */
public record Target(String operatorNamespace, String operatorName, Optional<String> namespace) {
    private static final String CHART = "cleanroom helm/cleanroom -n ";

    /** The default image in the chart cannot be pulled. */
    private static final String IMAGE = " --set image=registry.example.com/cleanroom/operator@sha256:...";

    /** The command to install the chart, as in docs/operating.md. */
    String install() {
        return "helm install " + CHART + operatorNamespace + " --create-namespace" + IMAGE
                + " --set tools.image=registry.example.com/cleanroom/tools@sha256:...";
    }

    /** The command that starts an operator in a release without replicas, and keeps its other values. */
    String start() {
        return upgrade() + " --reset-then-reuse-values --set replicas=2" + IMAGE;
    }

    /** The command to upgrade. It sets no values, so that Helm uses those of the last release. */
    String upgrade() {
        return "helm upgrade " + CHART + operatorNamespace;
    }

    /** A command that fails if the release does not exist. */
    String released() {
        return "helm status cleanroom -n " + operatorNamespace;
    }
}
