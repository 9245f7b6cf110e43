package dev.cleanroom.operator.cli;

import picocli.CommandLine.Command;

/** The commands that read records. */
@Command(
        name = "record",
        description =
                "Shows, compares and searches the records of runs, with the permissions of your own account. Only reads.",
        mixinStandardHelpOptions = true,
        subcommands = {RecordShowCommand.class, RecordDiffCommand.class, RecordFindCommand.class},
        synopsisSubcommandLabel = "COMMAND")
final class RecordCommand {}
