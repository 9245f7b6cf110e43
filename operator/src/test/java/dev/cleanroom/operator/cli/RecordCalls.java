package dev.cleanroom.operator.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import picocli.CommandLine;

/** Calls the commands about records as a person does. */
final class RecordCalls {
    private RecordCalls() {}

    record Called(int exitCode, List<String> out, List<String> err) {}

    /** @param arguments of {@code cleanroom record}, or of {@code cleanroom} if the first is {@code sbom} */
    static Called call(String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        boolean sbom = arguments[0].equals("sbom");
        CommandLine command = new CommandLine(sbom ? new SbomCommand() : new RecordCommand());
        int exitCode = command.setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(List.of(arguments)
                        .subList(sbom ? 1 : 0, arguments.length)
                        .toArray(String[]::new));
        return new Called(
                exitCode,
                out.toString().lines().toList(),
                err.toString().lines().toList());
    }
}
