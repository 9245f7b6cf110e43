package dev.cleanroom.operator.cli;

import dev.cleanroom.operator.record.BillOfMaterials;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Writes the bill of materials of one run. */
@Command(
        name = "sbom",
        description = {
            "Writes the dependencies and fetched packages of a run as CycloneDX 1.6, in JSON.",
            "It has no hashes, because a record has only the first digits of them. What is not known is reported in the"
                    + " document (compositions, and properties cleanroom:inputs) and on standard error."
        },
        mixinStandardHelpOptions = true,
        exitCodeOnExecutionException = RecordOptions.FAILED,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:written",
            "2:wrong arguments, no such record, or the cluster cannot be read",
            "3:written, but the record does not have all inputs of the run"
        })
final class SbomCommand implements Callable<Integer> {
    private static final int INCOMPLETE = 3;

    @Mixin
    private RecordOptions options = new RecordOptions();

    @Parameters(paramLabel = "RECORD", description = "The name of the record.")
    private String name = "";

    @Override
    public Integer call() {
        options.checkRecord(name);
        return options.run((records, namespace) -> {
            var record = records.get(namespace, name);
            var inputs = records.inputs(record);
            var version = Optional.ofNullable(Main.class.getPackage().getImplementationVersion());
            options.print(BillOfMaterials.json(record, inputs, version).lines().toList());
            options.warn(inputs.gaps().stream()
                    .map(gap -> "not complete: the record " + gap)
                    .toList());
            return inputs.gaps().isEmpty() ? ExitCode.OK : INCOMPLETE;
        });
    }
}
