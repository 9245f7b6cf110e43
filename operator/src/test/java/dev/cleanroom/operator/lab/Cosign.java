package dev.cleanroom.operator.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A real cosign. What it keeps is below one directory, and it reaches this machine alone: to all others it goes by a proxy
 * that does not exist.
 */
public final class Cosign {
    private static final String NO_PROXY_THERE = "http://127.0.0.1:1";

    private final int version;
    private final Path home;

    /** @param version the major one */
    public Cosign(int version, Path home) {
        this.version = version;
        this.home = home;
    }

    /** How one call of it ended. */
    public record Ended(int code, String output) {}

    /** Its output; fails when it does. */
    public String run(String... arguments) {
        Ended ended = end(arguments);
        if (ended.code() != 0) {
            throw new IllegalStateException(
                    "cosign-" + version + " " + String.join(" ", arguments) + ": " + ended.output());
        }
        return ended.output();
    }

    public Ended end(String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(Repository.cosignBinary(version).toString()));
        command.addAll(List.of(arguments));
        try {
            Path output = Files.createTempFile(home, "cosign", ".log");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(home.toFile())
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            Map<String, String> environment = builder.environment();
            environment.clear();
            environment.putAll(Map.of(
                    "HOME",
                    home.toString(),
                    "DOCKER_CONFIG",
                    home.toString(),
                    "TUF_ROOT",
                    home.resolve("tuf").toString(),
                    "COSIGN_PASSWORD",
                    "",
                    "HTTP_PROXY",
                    NO_PROXY_THERE,
                    "HTTPS_PROXY",
                    NO_PROXY_THERE));
            Process process = builder.start();
            if (!process.waitFor(2, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new IllegalStateException("cosign-" + version + " did not end: " + String.join(" ", command));
            }
            return new Ended(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
