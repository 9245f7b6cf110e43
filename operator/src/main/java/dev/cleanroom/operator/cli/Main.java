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
            VerifyCommand.class,
            VerifyBundleCommand.class,
            UninstallCommand.class
        },
        synopsisSubcommandLabel = "COMMAND")
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        // Terminals are many, and what is printed is often read by a script.
        System.exit(new CommandLine(new Main())
                .setColorScheme(Help.defaultColorScheme(Help.Ansi.OFF))
                .execute(arguments));
    }
}
