package dev.cleanroom.operator.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Finds the records that have a dependency, package or file. */
@Command(
        name = "find",
        description = {
            "Finds the runs with a dependency, a fetched package, a build file, or an artifact and its entries: by its name,"
                    + " name@version, package URL, path, or SHA-256. Prints a line for each, beginning with namespace/record.",
            "Reports the records that could not be searched whole on standard error."
        },
        mixinStandardHelpOptions = true,
        exitCodeOnExecutionException = RecordOptions.FAILED,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:found",
            "1:not found: all records were searched whole",
            "2:wrong arguments, or the cluster cannot be read",
            "3:not found, but some records could not be searched whole"
        })
final class RecordFindCommand implements Callable<Integer> {
    private static final int LONGEST_TEXT = 1_000;

    @Mixin
    private RecordOptions options = new RecordOptions();

    @Option(
            names = {"-A", "--all-namespaces"},
            description = "Searches all namespaces.")
    private boolean everywhere;

    @Parameters(paramLabel = "TEXT", description = "Such as axios, axios@1.14.1, pkg:npm/axios@1.14.1, pom.xml.")
    private String text = "";

    @Override
    public Integer call() {
        if (text.isBlank() || text.length() > LONGEST_TEXT) {
            throw options.wrong("TEXT must have 1 to " + LONGEST_TEXT + " characters");
        }
        if (everywhere && options.hasNamespace()) {
            throw options.wrong("give either --namespace or --all-namespaces");
        }
        return options.run((records, namespace) ->
                new RecordSearch(text, options).run(records, everywhere ? Optional.empty() : Optional.of(namespace)));
    }
}
