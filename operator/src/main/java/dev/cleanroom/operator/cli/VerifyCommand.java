package dev.cleanroom.operator.cli;

import dev.cleanroom.api.schema.TextKind;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Shows what the operator would decide about an image, for a platform team that tries a policy before it applies it.
 *
 * <p>The process inspects the methods of every command when it starts, so none of them may mention a class of the
 * verifier.
 */
@Command(
        name = "verify",
        description = {
            "Shows what the operator would decide about an image with these TrustPolicies and no others.",
            "Connects to no cluster, and only to the image's registry, its mirrors and its token service."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:accepted",
            "1:rejected: a policy does not accept the image",
            "2:wrong arguments, or a file cannot be read",
            "3:unresolved: nothing could be decided, for example because the registry is unavailable or a policy"
                    + " cannot be used"
        })
final class VerifyCommand implements Callable<Integer> {
    static final int CALLED_WRONGLY = ExitCode.USAGE;

    private static final Pattern PLATFORM = Pattern.compile(TextKind.PLATFORM_PATTERN);

    /** How a decision is printed. */
    private enum Output {
        text,
        json
    }

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "IMAGE", description = "The image as in a spec: [registry/]repository[:tag][@sha256:...].")
    private String image = "";

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            required = true,
            description = "YAML with TrustPolicies and the ConfigMaps that they name, in any namespace. Repeatable.")
    private List<Path> policies = List.of();

    @Option(
            names = "--platform",
            paramLabel = "OS/ARCH",
            description = "Which image of an index would run, such as linux/amd64; without it, a node chooses.")
    private Optional<String> platform = Optional.empty();

    @Option(
            names = "--pull-secret",
            paramLabel = "FILE",
            description =
                    "A file with the value of .dockerconfigjson, or of .dockercfg if its name ends so. Repeatable;"
                            + " among equal entries the first is tried first.")
    private List<Path> pullSecrets = List.of();

    @Option(
            names = "--registries",
            paramLabel = "FILE",
            defaultValue = "${env:CLEANROOM_REGISTRIES}",
            description = "Mirrors, CAs and other settings of registries, as for the operator (docs/registry.md)."
                    + " CLEANROOM_REGISTRIES")
    private Optional<Path> registries = Optional.empty();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "text or json. Other problems are printed on standard error.")
    private Output output = Output.text;

    @Override
    public Integer call() {
        if (platform.isPresent() && !PLATFORM.matcher(platform.get()).matches()) {
            throw new ParameterException(
                    spec.commandLine(), "--platform must be os/architecture or os/architecture/variant");
        }
        var files = new PolicyTrial.Files(policies, pullSecrets, registries);
        return new PolicyTrial(image, platform, files)
                .run(new PolicyTrial.Printers(
                        spec.commandLine().getOut(), spec.commandLine().getErr(), output == Output.json));
    }
}
