package dev.cleanroom.operator.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A {@code lab registry}: a real image registry that ends with this or with the test JVM. */
public final class LabRegistry implements AutoCloseable {
    private final Process process;
    private final JsonNode about;

    private LabRegistry(Process process, JsonNode about) {
        this.process = process;
        this.about = about;
    }

    /** @param flags of {@code lab registry} */
    public static LabRegistry start(String... flags) {
        List<String> command = new ArrayList<>(List.of(Repository.labBinary().toString(), "registry"));
        command.addAll(List.of(flags));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(
                            Repository.testOutput().resolve("lab-registry.log").toFile())
                    .start();
            // Not closed: the process would end with its output.
            BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
            String first = lines.readLine();
            if (first == null) {
                throw new IllegalStateException("lab registry did not start: see lab-registry.log");
            }
            return new LabRegistry(process, new ObjectMapper().readTree(first));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Host and port. */
    public String address() {
        return about.path("address").asText();
    }

    /** PEM; empty without {@code --tls}. */
    public String certificate() {
        return about.path("certificate").asText();
    }

    public String username() {
        return about.path("account").path("username").asText();
    }

    public String password() {
        return about.path("account").path("password").asText();
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
