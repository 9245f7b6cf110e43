package dev.cleanroom.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class LogLevelTest {
    /** A client that logs its requests would log what is in them. */
    @ParameterizedTest
    @CsvSource({"debug, DEBUG, WARN", "info, INFO, WARN", "warn, WARN, WARN", "error, ERROR, ERROR"})
    void itIsTheOperatorsOwnAndLibrariesOnlyWarn(LogLevel level, String own, String libraries) {
        var context = new LoggerContext();
        LogFormat.text.apply(level, context);
        assertThat(context.getLogger("dev.cleanroom.operator.telemetry.Telemetry")
                        .getEffectiveLevel())
                .isEqualTo(Level.valueOf(own));
        assertThat(context.getLogger("io.fabric8.kubernetes.client").getEffectiveLevel())
                .isEqualTo(Level.valueOf(libraries));
        assertThat(context.getLogger("io.javaoperatorsdk.operator").getEffectiveLevel())
                .isEqualTo(Level.valueOf(libraries));
    }

    @Test
    void itIsInfoUnlessTheFlagSaysOtherwise() {
        assertThat(level("--tools-image=registry.example.com/tools:1")).isEqualTo(LogLevel.info);
        assertThat(level("--tools-image=registry.example.com/tools:1", "--log-level=debug"))
                .isEqualTo(LogLevel.debug);
    }

    /** The value of the option, so that its default is the operator's and not this test's. */
    private static LogLevel level(String... arguments) {
        var command = new CommandLine(new OperatorCommand());
        command.parseArgs(arguments);
        return command.getCommandSpec().findOption("--log-level").getValue();
    }

    @Test
    void anotherLevelIsRefusedAndTheMessageListsTheLevels() {
        var err = new StringWriter();
        int code = new CommandLine(new OperatorCommand())
                .setErr(new PrintWriter(err))
                .execute("--tools-image=registry.example.com/tools:1", "--log-level=loud");
        assertThat(code).isEqualTo(2);
        assertThat(err.toString().lines().findFirst().orElseThrow())
                .isEqualTo("Invalid value for option '--log-level': expected one of [error, warn, info, debug]"
                        + " (case-sensitive) but was 'loud'");
    }
}
