package dev.cleanroom.operator.cli;

import dev.cleanroom.operator.kube.ApiUnavailableException;
import dev.cleanroom.operator.kube.Clients;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.ToIntFunction;
import picocli.CommandLine.ExitCode;

/** Connects a command to the API server with the account of the person who runs it, and explains why it cannot. */
final class Connection {
    private Connection() {}

    /**
     * @param kubeconfig empty for KUBECONFIG or the pod's service account
     * @param command returns the exit code
     */
    static int use(Optional<Path> kubeconfig, PrintWriter err, ToIntFunction<KubernetesClient> command) {
        if (kubeconfig.isPresent() && !Files.isReadable(kubeconfig.get())) {
            return fail(err, "--kubeconfig: cannot read " + kubeconfig.get());
        }
        KubernetesClient connected;
        try {
            connected = Clients.forAsking(kubeconfig);
        } catch (RuntimeException e) {
            // An invalid file causes exceptions of many kinds. Their messages may quote it, with credentials.
            return fail(err, "the kubeconfig cannot be used; to see what is wrong with it: kubectl config view");
        }
        try (connected) {
            return command.applyAsInt(connected);
        } catch (ApiUnavailableException e) {
            return fail(
                    err,
                    "the API server at " + connected.getMasterUrl() + " cannot be used: " + e.getMessage()
                            + ". The address comes from --kubeconfig, KUBECONFIG, or the pod's service account");
        }
    }

    /** @return the exit code */
    static int fail(PrintWriter err, String message) {
        err.println(ImageReport.printable(message));
        err.flush();
        return ExitCode.USAGE;
    }
}
