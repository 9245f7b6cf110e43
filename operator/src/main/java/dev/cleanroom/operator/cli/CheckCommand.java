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
 * Checks what a cluster needs before a first build, with the permissions of the administrator's own account.
 *
 * <p>The process inspects the methods of every command when it starts, so none of them may mention a class of the
 * verifier.
 */
@Command(
        name = "check",
        description = {
            "Checks what a cluster needs before a first build. Prints one line for each check, and below it the"
                    + " command that"
                    + " repairs what is missing. It only reads and changes nothing.",
            "Connects with KUBECONFIG or the pod's service account. What your account may not read, and what is"
                    + " optional,"
                    + " is shown as a note."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:nothing is missing",
            "1:something is missing",
            "2:wrong arguments, or the cluster cannot be reached"
        })
final class CheckCommand implements Callable<Integer> {
    private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAMESPACE",
            description = "A namespace for builds, which is checked too.")
    private Optional<String> namespace = Optional.empty();

    @Option(
            names = "--operator-namespace",
            paramLabel = "NAMESPACE",
            defaultValue = "${env:CLEANROOM_OPERATOR_NAMESPACE:-cleanroom-system}",
            description = "Where the chart is installed, cleanroom-system if not given. CLEANROOM_OPERATOR_NAMESPACE")
    private String operatorNamespace = "";

    @Option(names = "--kubeconfig", paramLabel = "FILE", description = "Used instead of KUBECONFIG.")
    private Optional<Path> kubeconfig = Optional.empty();

    @Override
    public Integer call() {
        namespace.ifPresent(name -> check("--namespace", name));
        check("--operator-namespace", operatorNamespace);
        LogFormat.silenceClient();
        return new ClusterReport(spec.commandLine().getOut(), spec.commandLine().getErr())
                .print(kubeconfig, operatorNamespace, namespace);
    }

    /** Checks a name, because it becomes part of commands that are printed for a shell. */
    private void check(String flag, String name) {
        if (!NAMESPACE.matcher(name).matches()) {
            throw new ParameterException(
                    spec.commandLine(), flag + " must be the name of a namespace: lower-case letters, digits and '-'");
        }
    }
}
