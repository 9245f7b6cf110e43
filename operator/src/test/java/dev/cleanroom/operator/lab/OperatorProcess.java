package dev.cleanroom.operator.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/**
 * The operator's real jar as a process of its own, that ends with the test JVM however that ends: a shell between the
 * two kills the operator when the pipe from the test JVM breaks.
 */
public final class OperatorProcess implements AutoCloseable {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(60);
    private static final int LINES_TOLD = 60;

    /** The first line out is the operator's pid; its exit code becomes the shell's. */
    private static final String SUPERVISOR = """
            exec 3<&0
            "$@" </dev/null >"$CLEANROOM_TEST_LOG" 2>&1 &
            operator=$!
            echo $operator
            exec 2>/dev/null
            { read ended; kill -9 $operator 2>/dev/null; } <&3 &
            guard=$!
            wait $operator
            code=$?
            kill $guard 2>/dev/null
            exit $code
            """;

    /** The operator logs the port it took as the field {@code port} of a JSON line. */
    private static final Pattern PORT = Pattern.compile("\"port\":\\s*\"?(\\d+)");

    private final Process shell;
    private final ProcessHandle operator;
    private final Path log;
    private final HttpClient http;

    private OperatorProcess(Process shell, ProcessHandle operator, Path log) {
        this.shell = shell;
        this.operator = operator;
        this.log = log;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .build();
    }

    static OperatorProcess launch(Path kubeconfig, Path log, JvmOptions jvm, List<String> flags) {
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", SUPERVISOR, "operator"));
        command.addAll(jvm.command());
        command.addAll(List.of("operator", "--port", "0", "--tools-image", Manifests.TOOLS));
        command.addAll(flags);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("CLEANROOM_"));
        builder.environment().put("KUBECONFIG", kubeconfig.toString());
        builder.environment().put("CLEANROOM_TEST_LOG", log.toString());
        builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        try {
            Files.deleteIfExists(log);
            Process shell = builder.start();
            BufferedReader lines = shell.inputReader(StandardCharsets.UTF_8);
            long pid = Long.parseLong(Optional.ofNullable(lines.readLine()).orElse("0"));
            ProcessHandle operator = ProcessHandle.of(pid)
                    .orElseThrow(() -> new IllegalStateException("the operator ended at once, see " + log));
            return new OperatorProcess(shell, operator, log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until {@code /readyz} answers 200; says why when the process ended instead. */
    public OperatorProcess awaitReady() {
        Awaitility.await("the operator to be ready")
                .atMost(START_TIMEOUT)
                .pollInterval(Duration.ofMillis(50))
                .failFast(() -> {
                    if (!isAlive()) {
                        throw new IllegalStateException("the operator ended: " + describe());
                    }
                })
                .until(() -> port().isPresent()
                        && get("/readyz").map(r -> r.statusCode() == 200).orElse(false));
        return this;
    }

    /** The port of the probes, once the log tells it. */
    public Optional<Integer> port() {
        return logLines().stream()
                .map(PORT::matcher)
                .filter(Matcher::find)
                .map(found -> Integer.valueOf(found.group(1)))
                .findFirst();
    }

    /** What the operator's own HTTP server answers; empty when it does not (yet). */
    public Optional<HttpResponse<String>> get(String path) {
        Optional<Integer> port = port();
        if (port.isEmpty()) {
            return Optional.empty();
        }
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port.get() + path))
                .timeout(Duration.ofSeconds(5))
                .build();
        try {
            return Optional.of(http.send(request, HttpResponse.BodyHandlers.ofString()));
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    public long pid() {
        return operator.pid();
    }

    /** Processor time used so far, all threads. */
    public Duration cpu() {
        return operator.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    public boolean isAlive() {
        return shell.isAlive() && operator.isAlive();
    }

    /** SIGKILL: nothing of the operator runs after this returns. */
    public void kill9() {
        operator.destroyForcibly();
        awaitExit();
    }

    /** SIGSTOP: the process stands still, its clock and its lease do not. */
    public void pause() {
        signal("STOP");
    }

    /** SIGCONT. */
    public void resume() {
        signal("CONT");
    }

    /** SIGTERM; returns the exit code. */
    public int terminate() {
        signalTermination();
        return awaitExit();
    }

    /** SIGTERM; does not wait. */
    public void signalTermination() {
        operator.destroy();
    }

    /** Waits for the process to end by itself; returns the exit code. */
    public int awaitExit() {
        try {
            return shell.onExit()
                    .get(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                    .exitValue();
        } catch (TimeoutException e) {
            throw new IllegalStateException("the operator did not end in " + STOP_TIMEOUT + ": " + describe(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the operator ended", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    public Path log() {
        return log;
    }

    /** What the operator has written so far, its standard error included. */
    public List<String> logLines() {
        try {
            // Not readAllLines: the last character may be half written.
            return Files.exists(log)
                    ? new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
                            .lines()
                            .toList()
                    : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** State and last lines, for a person who reads why a test failed. */
    public String describe() {
        List<String> lines = logLines();
        String state =
                isAlive() ? "alive, pid " + pid() : "ended" + (shell.isAlive() ? "" : ", code " + shell.exitValue());
        return "operator " + state + ", log " + log + ":\n"
                + String.join("\n", lines.subList(Math.max(0, lines.size() - LINES_TOLD), lines.size()));
    }

    @Override
    public void close() {
        if (shell.isAlive()) {
            resume();
            operator.destroyForcibly();
            awaitExit();
        }
        http.close();
    }

    private void signal(String name) {
        try {
            int code = new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " " + operator.pid())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
            if (code != 0 && operator.isAlive()) {
                throw new IllegalStateException("kill -" + name + " ended with " + code);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
