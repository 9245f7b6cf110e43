package dev.cleanroom.operator.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * What a cluster needs before a first build, for an administrator, with the rights of the administrator's own account.
 *
 * <p>Every command's methods are looked at when the process starts: none of these may mention a class of the verifier.
 */
@Command(
        name = "check",
        description = {
            "Goes through what a cluster needs before a first build: one line a check, and under it the command that mends"
                    + " what is missing. It reads, and changes nothing.",
            "Connects as KUBECONFIG or the pod's service account says. What your account may not look at is a note, as is"
                    + " what a cluster may well be without."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:nothing is missing",
            "1:something is missing",
            "2:called wrongly, or the cluster cannot be reached"
        })
final class CheckCommand implements Callable<Integer> {
    private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAMESPACE",
            description = "Where builds should run: looked at too.")
    private Optional<String> namespace = Optional.empty();

    @Option(
            names = "--operator-namespace",
            paramLabel = "NAMESPACE",
            defaultValue = "${env:CLEANROOM_OPERATOR_NAMESPACE:-cleanroom-system}",
            description = "Where the chart is installed, cleanroom-system if not given. CLEANROOM_OPERATOR_NAMESPACE")
    private String operatorNamespace = "";

    @Option(names = "--kubeconfig", paramLabel = "FILE", description = "In place of KUBECONFIG.")
    private Optional<Path> kubeconfig = Optional.empty();

    @Override
    public Integer call() {
        namespace.ifPresent(name -> check("--namespace", name));
        check("--operator-namespace", operatorNamespace);
        LogFormat.silenceClient();
        return new ClusterReport(spec.commandLine().getOut(), spec.commandLine().getErr())
                .print(kubeconfig, operatorNamespace, namespace);
    }

    /** It becomes part of commands that are printed for a shell. */
    private void check(String flag, String name) {
        if (!NAMESPACE.matcher(name).matches()) {
            throw new ParameterException(
                    spec.commandLine(), flag + " must be the name of a namespace: lower-case letters, digits and '-'");
        }
    }
}
