package dev.cleanroom.operator.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A {@code lab up --foreground}: it ends when its standard input does, so with the test JVM, however that ends. */
final class LabProcess implements AutoCloseable {
    /** The lab's directory within the one it is given. */
    static final String CLUSTER = "cluster";

    private static final String NODES = "3";

    private final Process process;
    private final Path kubeconfig;

    private LabProcess(Process process, Path kubeconfig) {
        this.process = process;
        this.kubeconfig = kubeconfig;
    }

    static LabProcess start(Path directory, Duration timeout) throws IOException {
        Path errors = Repository.testOutput().resolve("lab.log");
        Process process = new ProcessBuilder(
                        Repository.labBinary().toString(),
                        "up",
                        "--dir",
                        directory.resolve(CLUSTER).toString(),
                        "--nodes",
                        NODES,
                        "--audit",
                        "--foreground")
                .redirectError(errors.toFile())
                .start();
        CompletableFuture<Path> ready = new CompletableFuture<>();
        Thread.ofVirtual().name("lab-output").start(() -> follow(process, ready));
        try {
            return new LabProcess(process, ready.get(timeout.toMillis(), TimeUnit.MILLISECONDS));
        } catch (ExecutionException | TimeoutException e) {
            process.destroy();
            throw new IllegalStateException("the lab did not start:\n" + tail(errors), e);
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the lab started", e);
        }
    }

    Path kubeconfig() {
        return kubeconfig;
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            process.destroy();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The first line says where the kubeconfig is; the rest is read so that the lab never blocks on a full pipe. */
    private static void follow(Process process, CompletableFuture<Path> ready) {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                ready.complete(Path.of(line.strip()));
            }
            ready.completeExceptionally(new IOException("the lab ended"));
        } catch (IOException e) {
            ready.completeExceptionally(e);
        }
    }

    private static String tail(Path file) throws IOException {
        var lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
    }
}
