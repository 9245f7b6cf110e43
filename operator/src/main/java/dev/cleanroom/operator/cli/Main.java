package dev.cleanroom.operator.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code java -jar cleanroom.jar COMMAND}. */
@Command(
        name = "cleanroom",
        description = "Hardened, ephemeral build pods on Kubernetes.",
        mixinStandardHelpOptions = true,
        subcommands = {OperatorCommand.class, VerifyBundleCommand.class},
        synopsisSubcommandLabel = "COMMAND")
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Main()).execute(arguments));
    }
}
