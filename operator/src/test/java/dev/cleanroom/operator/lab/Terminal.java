package dev.cleanroom.operator.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A shell in which one person types commands: {@code kubectl} is the real one, and sends that person's name. */
public final class Terminal {
    private static final String KUBECTL = """
            kubectl() { "$LAB" kubectl --dir "$LAB_DIR" $PERSON "$@"; }
            """;

    private final LabCluster cluster;
    private final Actor person;

    /** @param output of both streams, as a person sees them */
    public record Typed(int exitCode, String output) {}

    public Terminal(LabCluster cluster, Actor person) {
        this.cluster = cluster;
        this.person = person;
    }

    /** An editor that it opens changes nothing. */
    public Typed type(String command) {
        List<String> flags = new ArrayList<>(List.of("--as=" + person.user()));
        person.groups().forEach(group -> flags.add("--as-group=" + group));
        ProcessBuilder shell = new ProcessBuilder("/bin/sh", "-c", KUBECTL + command).redirectErrorStream(true);
        shell.environment()
                .putAll(Map.of(
                        "LAB",
                        Repository.labBinary().toString(),
                        "LAB_DIR",
                        cluster.labDirectory().orElseThrow().toString(),
                        "PERSON",
                        String.join(" ", flags),
                        "EDITOR",
                        "true"));
        try {
            Process process = shell.start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Typed(process.waitFor(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
