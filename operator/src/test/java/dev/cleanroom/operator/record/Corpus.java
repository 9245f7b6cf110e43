package dev.cleanroom.operator.record;

import dev.cleanroom.operator.record.facts.RecordDetail;
import dev.cleanroom.operator.record.findings.RunFacts;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * Inputs of builds before and after real packages were updated, as {@code scripts/corpus} collected them. Each state of a
 * project is read the way a record is made and read again.
 */
final class Corpus {
    /** The observer ends the inputs with it. */
    private static final String END = "{\"inputs\":\"Complete\",\"sha256\":\"ab\"}";

    private final List<Pair> pairs = new ArrayList<>();
    private final TreeSet<String> lines = new TreeSet<>();
    private String project = "";
    private String version = "";
    private boolean dependenciesChanged;
    private Optional<RunFacts> before = Optional.empty();

    /**
     * A change of what a build depends on.
     *
     * @param name the project, and both its versions
     */
    record Pair(String name, RunFacts before, RunFacts after) {}

    private Corpus() {}

    /** States between which only other files changed are no pair. */
    static List<Pair> pairs(String ecosystem) throws IOException {
        var corpus = new Corpus();
        try (var file = Objects.requireNonNull(
                        Corpus.class.getResourceAsStream("/corpus/" + ecosystem + ".txt.gz"), ecosystem);
                var reader =
                        new BufferedReader(new InputStreamReader(new GZIPInputStream(file), StandardCharsets.UTF_8))) {
            reader.lines().forEach(corpus::read);
        }
        corpus.endState();
        return corpus.pairs;
    }

    private void read(String line) {
        String rest = line.substring(2);
        switch (line.charAt(0)) {
            case '=' -> {
                endState();
                begin(rest.split(" "));
            }
            case '+' -> change(rest, lines.add(rest));
            case '-' -> change(rest, lines.remove(rest));
            default -> throw new IllegalArgumentException(line);
        }
    }

    private void begin(String[] state) {
        if (!state[0].equals(project)) {
            project = state[0];
            lines.clear();
            before = Optional.empty();
        }
        version = state[1];
        dependenciesChanged = false;
    }

    private void change(String line, boolean changed) {
        if (!changed) {
            throw new IllegalArgumentException("no change: " + line);
        }
        dependenciesChanged |= line.startsWith("{\"dependency\"") || line.startsWith("{\"package\"");
    }

    private void endState() {
        if (lines.isEmpty()) {
            return;
        }
        RunFacts after = facts(Stream.concat(lines.stream(), Stream.of(END)).toList());
        if (dependenciesChanged) {
            before.ifPresent(facts -> pairs.add(new Pair(project + " to " + version, facts, after)));
        }
        before = Optional.of(after);
    }

    /** What a later run knows of a run whose observer wrote these lines: they are read, stored and read again. */
    static RunFacts facts(List<String> lines) {
        var log = TestLog.of(lines.toArray(String[]::new));
        RunInputs inputs = ObserverLog.read(log.bytes(), log.digest(), Optional.empty())
                .inputs()
                .orElseThrow();
        var lists = inputs.lists().orElseThrow();
        return switch (RecordDetail.decode(lists.content())) {
            case RecordDetail.Read read ->
                RunFacts.of(
                        inputs.inputs().outcome(),
                        read.detail(),
                        inputs.inputs().unread(),
                        lists.omitted());
            case RecordDetail.Unreadable unreadable -> throw new IllegalStateException(unreadable.why());
        };
    }
}
