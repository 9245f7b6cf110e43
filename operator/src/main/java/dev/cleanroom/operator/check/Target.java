package dev.cleanroom.operator.check;

import java.util.Optional;

/**
 * What is looked at.
 *
 * @param operatorName of the operator's Deployment, account and Lease alike
 * @param namespace where builds should run; empty for the cluster alone
 */
public record Target(String operatorNamespace, String operatorName, Optional<String> namespace) {
    private static final String CHART = "cleanroom helm/cleanroom -n ";

    /** The chart's own default is no image that could be pulled. */
    private static final String IMAGE = " --set image=registry.example.com/cleanroom/operator@sha256:...";

    /** As the README installs. */
    String install() {
        return "helm install " + CHART + operatorNamespace + " --create-namespace" + IMAGE
                + " --set tools.image=registry.example.com/cleanroom/tools@sha256:...";
    }

    /** Gives a release without replicas an operator, and keeps its other values. */
    String start() {
        return upgrade() + " --reset-then-reuse-values --set replicas=2" + IMAGE;
    }

    /** Without values of its own, so that Helm takes those of the last release. */
    String upgrade() {
        return "helm upgrade " + CHART + operatorNamespace;
    }

    /** Fails where there is nothing to upgrade. */
    String released() {
        return "helm status cleanroom -n " + operatorNamespace;
    }
}
