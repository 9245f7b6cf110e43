package dev.cleanroom.operator.cli;

import dev.cleanroom.operator.trust.registry.ImageReference;
import dev.cleanroom.operator.trust.registry.RegistryAnswer;
import dev.cleanroom.operator.trust.registry.RegistryOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Runs the controllers until the process is stopped. Every flag can also be set by the environment variable in its
 * description.
 */
@Command(
        name = "operator",
        description = "Runs the controllers. Connects with KUBECONFIG or the pod's service account.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class OperatorCommand implements Callable<Integer> {
    @Option(
            names = "--port",
            defaultValue = "${env:CLEANROOM_PORT:-8080}",
            description = "HTTP port of /livez, /readyz and /metrics; 0 for any free port. CLEANROOM_PORT")
    private int port;

    @Option(
            names = "--operator-namespace",
            defaultValue = "${env:CLEANROOM_OPERATOR_NAMESPACE:-cleanroom-system}",
            description = "Namespace of the Lease, of the canaries, and of the ConfigMaps and Secrets that policies and"
                    + " classes"
                    + " name."
                    + " CLEANROOM_OPERATOR_NAMESPACE")
    private String operatorNamespace = "";

    @Option(
            names = "--namespaces",
            split = ",",
            defaultValue = "${env:CLEANROOM_NAMESPACES:-}",
            description = "Namespaces to watch, separated by commas; all when empty. CLEANROOM_NAMESPACES")
    private Set<String> namespaces = Set.of();

    @Option(
            names = "--in-flight",
            defaultValue = "${env:CLEANROOM_IN_FLIGHT:-64}",
            description = "Environments reconciled at the same time, 1 to 512. CLEANROOM_IN_FLIGHT")
    private int inFlight;

    @Option(
            names = "--leader-elect",
            negatable = true,
            arity = "0..1",
            fallbackValue = "true",
            defaultValue = "${env:CLEANROOM_LEADER_ELECT:-true}",
            description = "Reconcile only while holding the Lease. CLEANROOM_LEADER_ELECT")
    private boolean leaderElect;

    @Option(
            names = "--lease-duration",
            defaultValue = "${env:CLEANROOM_LEASE_DURATION:-15s}",
            converter = DurationConverter.class,
            description = "How long the Lease stays valid after it was renewed. CLEANROOM_LEASE_DURATION")
    private Duration leaseDuration = Duration.ZERO;

    @Option(
            names = "--renew-deadline",
            defaultValue = "${env:CLEANROOM_RENEW_DEADLINE:-10s}",
            converter = DurationConverter.class,
            description =
                    "How long a leader tries to renew the Lease, and how old a plan may be. CLEANROOM_RENEW_DEADLINE")
    private Duration renewDeadline = Duration.ZERO;

    @Option(
            names = "--retry-period",
            defaultValue = "${env:CLEANROOM_RETRY_PERIOD:-2s}",
            converter = DurationConverter.class,
            description = "How often the operator tries to acquire or renew the Lease. CLEANROOM_RETRY_PERIOD")
    private Duration retryPeriod = Duration.ZERO;

    @Option(
            names = "--log-format",
            defaultValue = "${env:CLEANROOM_LOG_FORMAT:-json}",
            description = "json or text. CLEANROOM_LOG_FORMAT")
    private LogFormat logFormat = LogFormat.json;

    @Option(
            names = "--log-level",
            defaultValue = "${env:CLEANROOM_LOG_LEVEL:-info}",
            description =
                    "error, warn, info or debug. At info, the log shows what was created or deleted, and why; at debug,"
                            + " every write. CLEANROOM_LOG_LEVEL")
    private LogLevel logLevel = LogLevel.info;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--registries",
            defaultValue = "${env:CLEANROOM_REGISTRIES}",
            description = "File with mirrors, CAs and other settings of registries, by host (docs/registry.md)."
                    + " CLEANROOM_REGISTRIES")
    private Optional<Path> registries = Optional.empty();

    @Option(
            names = "--tools-image",
            required = true,
            defaultValue = "${env:CLEANROOM_TOOLS_IMAGE}",
            description =
                    "Reference of the tools image, which every build pod uses; it is verified like every other image."
                            + " CLEANROOM_TOOLS_IMAGE")
    private String toolsImage = "";

    @Override
    public Integer call() {
        logFormat.apply(logLevel);
        RegistryOptions known;
        try {
            known = RegistriesFile.read(registries);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--registries: " + e.getMessage());
        }
        if (!(ImageReference.parse(toolsImage) instanceof RegistryAnswer.Found)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--tools-image: not an image reference such as registry.example.com/cleanroom/tools:1");
        }
        var settings = new OperatorProcess.Settings(
                port,
                namespaces.stream().filter(name -> !name.isBlank()).collect(Collectors.toSet()),
                inFlight,
                new OperatorProcess.Images(known, toolsImage),
                new LeaderElection.Leadership(
                        leaderElect, operatorNamespace, leaseDuration, renewDeadline, retryPeriod));
        return new OperatorProcess(settings).run();
    }
}
