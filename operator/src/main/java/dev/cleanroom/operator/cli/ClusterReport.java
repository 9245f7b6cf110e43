package dev.cleanroom.operator.cli;

import dev.cleanroom.operator.check.ClusterCheck;
import dev.cleanroom.operator.check.Finding;
import dev.cleanroom.operator.check.Target;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.ExitCode;

/** Prints each finding as soon as it is made, since a cluster may answer slowly. */
final class ClusterReport {
    private final PrintWriter out;
    private final PrintWriter err;
    private final Map<Finding.Level, Integer> counts = new EnumMap<>(Finding.Level.class);

    ClusterReport(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    /** @return the exit code */
    int print(Optional<Path> kubeconfig, String operatorNamespace, Optional<String> namespace) {
        return Connection.use(
                kubeconfig,
                err,
                client -> print(client, new Target(operatorNamespace, OperatorProcess.NAME, namespace)));
    }

    private int print(KubernetesClient client, Target target) {
        new ClusterCheck(client, target, Clock.systemUTC(), this::print).run();
        out.println();
        out.println("missing: " + count(Finding.Level.MISSING) + ", notes: " + count(Finding.Level.NOTE) + ", ok: "
                + count(Finding.Level.OK));
        out.flush();
        return count(Finding.Level.MISSING) == 0 ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private void print(Finding finding) {
        counts.merge(finding.level(), 1, Integer::sum);
        finding.lines().stream().map(ImageReport::printable).forEach(out::println);
        out.flush();
    }

    private int count(Finding.Level level) {
        return counts.getOrDefault(level, 0);
    }
}
