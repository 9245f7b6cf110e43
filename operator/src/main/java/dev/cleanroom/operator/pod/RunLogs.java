package dev.cleanroom.operator.pod;

/** The right to read the logs of runs: a ClusterRole of the chart, bound in each namespace that allows it. */
public final class RunLogs {
    public static final String ROLE = "cleanroom-runs";

    private RunLogs() {}

    /** The command that allows the operator to read the logs of pods in a namespace. */
    public static String letRead(String namespace, String operatorNamespace) {
        return "kubectl create rolebinding " + ROLE + " -n " + namespace + " --clusterrole=" + ROLE
                + " --serviceaccount=" + operatorNamespace + ":cleanroom-operator";
    }
}
