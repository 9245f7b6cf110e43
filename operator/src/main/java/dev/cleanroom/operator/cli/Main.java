package dev.cleanroom.operator.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;

/** {@code java -jar cleanroom.jar COMMAND}. */
@Command(
        name = "cleanroom",
        description = "Hardened, ephemeral build pods on Kubernetes.",
        mixinStandardHelpOptions = true,
        subcommands = {
            OperatorCommand.class,
            CheckCommand.class,
            RecordCommand.class,
            SbomCommand.class,
            VerifyCommand.class,
            VerifyBundleCommand.class,
            UninstallCommand.class
        },
        synopsisSubcommandLabel = "COMMAND")
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        // Colors would disturb scripts, which often read the output.
        System.exit(new CommandLine(new Main())
                .setColorScheme(Help.defaultColorScheme(Help.Ansi.OFF))
                .execute(arguments));
    }
}
