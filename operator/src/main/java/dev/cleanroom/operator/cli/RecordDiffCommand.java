package dev.cleanroom.operator.cli;

import dev.cleanroom.operator.record.RecordComparison;
import dev.cleanroom.operator.record.RecordComparison.Side;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows what differs between two runs. */
@Command(
        name = "diff",
        description = {
            "Shows what differs between two runs: dependencies and fetched packages, build files, artifacts and"
                    + " their entries, results of scanners, and the names and addresses that only the second one asked for. A line begins with ! for the same version with other"
                    + " content, ~ for another version, + for what is new, - for what is gone.",
            "With one RECORD, compares it with the one of the known-good run with which Cleanroom compared it, or, if there is"
                    + " none, with the one before it of the same environment."
        },
        mixinStandardHelpOptions = true,
        exitCodeOnExecutionException = RecordOptions.FAILED,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:no difference",
            "1:differences",
            "2:wrong arguments, the cluster cannot be read, or there is no difference in the part that could be compared"
        })
final class RecordDiffCommand implements Callable<Integer> {
    private static final int DIFFERENT = 1;

    @Mixin
    private RecordOptions options = new RecordOptions();

    @Parameters(index = "0", paramLabel = "RECORD", description = "The record of the earlier run, or the only one.")
    private String first = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "RECORD", description = "The record of the later run.")
    private Optional<String> second = Optional.empty();

    @Override
    public Integer call() {
        options.checkRecord(first);
        second.ifPresent(options::checkRecord);
        return options.run((records, namespace) -> {
            var one = records.get(namespace, first);
            var other = second.isPresent() ? records.get(namespace, second.get()) : null;
            var before = other == null ? records.reference(one) : one;
            var after = other == null ? one : other;
            var comparison = RecordComparison.of(
                    new Side(before, records.inputs(before)), new Side(after, records.inputs(after)));
            options.print(comparison.lines());
            return comparison.count() > 0
                    ? DIFFERENT
                    : comparison.gaps().isEmpty() ? ExitCode.OK : RecordOptions.FAILED;
        });
    }
}
