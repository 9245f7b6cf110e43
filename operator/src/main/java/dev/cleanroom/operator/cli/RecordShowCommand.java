package dev.cleanroom.operator.cli;

import dev.cleanroom.operator.record.RecordPage;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows one record on one screen. */
@Command(
        name = "show",
        description = {
            "Shows the record of one run: what went into it, what it tried, and what is not known.",
            "Of long lists it shows the first few; all that a record has: kubectl get record RECORD -o yaml"
        },
        mixinStandardHelpOptions = true,
        exitCodeOnExecutionException = RecordOptions.FAILED,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {"0:shown", "2:wrong arguments, no such record, or the cluster cannot be read"})
final class RecordShowCommand implements Callable<Integer> {
    @Mixin
    private RecordOptions options = new RecordOptions();

    @Parameters(paramLabel = "RECORD", description = "The name of the record.")
    private String name = "";

    @Override
    public Integer call() {
        options.checkRecord(name);
        return options.run((records, namespace) -> {
            var record = records.get(namespace, name);
            options.print(RecordPage.of(record, records.inputs(record)));
            return ExitCode.OK;
        });
    }
}
