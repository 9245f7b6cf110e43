package dev.cleanroom.operator.cli;

import dev.cleanroom.operator.kube.ApiUnavailableException;
import dev.cleanroom.operator.kube.Clients;
import dev.cleanroom.operator.kube.RestApi;
import dev.cleanroom.operator.kube.plan.Executor;
import dev.cleanroom.operator.network.DenyAllReconciler;
import dev.cleanroom.operator.network.Removal;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The chart runs it before it is uninstalled; whether it is finished is the Job's to wait for. */
@Command(
        name = "uninstall",
        description = {
            "Takes the policies cleanroom.deny-all and cleanroom.beacon out of all namespaces, as the operator's own account:"
                    + " the chart does so before it is uninstalled.",
            "Changes nothing while a build pod is left: delete the BuildEnvironments, resolve the incidents."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {"0:no such policy is left", "1:build pods are left, or the policies did not go"})
final class UninstallCommand implements Callable<Integer> {
    private static final Duration PLAN_MAX_AGE = Duration.ofMinutes(1);

    /** The first deletes, the second lets go, the third finds none; the operator, which still runs, may be in between. */
    private static final int MOST_LOOKS = 20;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--operator-namespace",
            paramLabel = "NAMESPACE",
            defaultValue = "${env:CLEANROOM_OPERATOR_NAMESPACE:-cleanroom-system}",
            description = "Where the chart is installed, cleanroom-system if not given. CLEANROOM_OPERATOR_NAMESPACE")
    private String operatorNamespace = "";

    @Override
    public Integer call() {
        LogFormat.silenceClient();
        PrintWriter err = spec.commandLine().getErr();
        try (KubernetesClient client = Clients.forAsking(Optional.empty())) {
            var api = new RestApi(client);
            var executor = new Executor(api, PLAN_MAX_AGE, System::nanoTime, (write, result) -> {});
            var removal = new Removal(api, new DenyAllReconciler(api, executor, operatorNamespace));
            for (int look = 0; look < MOST_LOOKS; look++) {
                switch (removal.look()) {
                    case Removal.RemovalState.Done() -> {
                        return ExitCode.OK;
                    }
                    case Removal.RemovalState.InUse(var namespaces) -> {
                        err.println(
                                "build pods are left in " + String.join(", ", namespaces)
                                        + ": delete the BuildEnvironments there, resolve the incidents, wait until the pods are gone");
                        return ExitCode.SOFTWARE;
                    }
                    case Removal.RemovalState.Going() -> {
                        // Nothing to wait for: the next look finds them deleted and lets them go.
                    }
                }
            }
            err.println("policies are still there; kubectl get networkpolicies -A -l cleanroom.dev/component");
        } catch (ApiUnavailableException e) {
            err.println("the API server: " + e.getMessage());
        }
        return ExitCode.SOFTWARE;
    }
}
