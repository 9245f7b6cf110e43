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

    /** As the README installs: there is no image of the operator yet, so it runs outside. */
    String install() {
        return "helm install " + CHART + operatorNamespace + " --create-namespace --set replicas=0"
                + " --set tools.image=REFERENCE";
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
