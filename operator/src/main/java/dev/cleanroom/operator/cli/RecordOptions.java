package dev.cleanroom.operator.cli;

import dev.cleanroom.operator.check.Cluster;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the commands about records have in common: where the records are, and how what goes wrong is reported. */
final class RecordOptions {
    /** Wrong arguments, or no answer; 1 is an answer of these commands. */
    static final int FAILED = 2;

    private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?");

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAMESPACE",
            description = "The namespace of the records; without it, the one of the kubeconfig's context.")
    private Optional<String> namespace = Optional.empty();

    @Option(names = "--kubeconfig", paramLabel = "FILE", description = "Used instead of KUBECONFIG.")
    private Optional<Path> kubeconfig = Optional.empty();

    /** A command that has its records; it returns the exit code. */
    interface Task {
        int run(Records records, String namespace) throws Records.Refused;
    }

    /** @return the exit code */
    int run(Task task) {
        namespace.ifPresent(name -> check("--namespace", name, NAMESPACE));
        LogFormat.silenceClient();
        return Connection.use(kubeconfig, err(), client -> {
            @Nullable String ofContext = client.getNamespace();
            try {
                return task.run(
                        new Records(new Cluster(client)), namespace.orElse(ofContext == null ? "default" : ofContext));
            } catch (Records.Refused e) {
                return Connection.fail(err(), String.valueOf(e.getMessage()));
            }
        });
    }

    boolean hasNamespace() {
        return namespace.isPresent();
    }

    /** Checks a name, because it becomes part of a path and of commands that are printed for a shell. */
    void checkRecord(String name) {
        check("RECORD", name, NAME);
    }

    private void check(String what, String name, Pattern pattern) {
        if (!pattern.matcher(name).matches()) {
            throw wrong(what + " must be a name: lower-case letters, digits and '-'");
        }
    }

    ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    void print(List<String> lines) {
        PrintWriter out = spec.commandLine().getOut();
        lines.stream().map(ImageReport::printable).forEach(out::println);
        out.flush();
    }

    void warn(List<String> lines) {
        lines.stream().map(ImageReport::printable).forEach(err()::println);
        err().flush();
    }

    private PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
