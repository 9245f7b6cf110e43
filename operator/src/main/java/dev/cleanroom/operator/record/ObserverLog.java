package dev.cleanroom.operator.record;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs.Reading;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Counters;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Network;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.RefusedName;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.UnansweredConnection;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.kube.ContentHash;
import dev.cleanroom.operator.record.facts.DetailLists;
import dev.cleanroom.operator.record.facts.LogText;
import dev.cleanroom.operator.record.findings.RunFacts;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads an observer's log: one JSON object a line, and a last line with the digest of all bytes before it. It is believed
 * only if that digest is the one in the observer's termination message. What the observer quotes comes from the build, so
 * texts are bounded, control characters are replaced, and unknown lines are ignored.
 */
final class ObserverLog {
    /** The longest log that an observer writes, in bytes. */
    static final int LONGEST = 4 * 1024 * 1024;

    static final int LONGEST_LINE = 4 * 1024;

    /** How many names, and how many addresses, a record lists. */
    static final int MOST_LISTED = 200;

    private static final int HIGHEST_PORT = 65_535;

    private static final ObjectReader JSON = new ObjectMapper().reader();

    private final List<RefusedName> names = new ArrayList<>();
    private final List<UnansweredConnection> connections = new ArrayList<>();
    private final InputLines inputs = new InputLines();
    private final OutputLines outputs = new OutputLines();
    private final ArtifactLines artifacts = new ArtifactLines();
    private int denied;
    private final Set<String> steps = new LinkedHashSet<>();
    private @Nullable Counters counters;

    private ObserverLog() {}

    /** @param facts what is known of the inputs, for a judgement: too much to be kept */
    record Report(RunObservation observation, RunFacts facts) {}

    static RunObservation read(byte[] log, String digest, Optional<String> failed) {
        return report(log, digest, failed).observation();
    }

    /**
     * @param digest from the observer's termination message: SHA-256 of the log before its last line, hexadecimal
     * @param failed the step whose failure ended the run, so that no later one started; empty if it succeeded
     */
    static Report report(byte[] log, String digest, Optional<String> failed) {
        int last = lastLine(log);
        Optional<JsonNode> end =
                last < 0 ? Optional.empty() : parsed(log, last, log.length).filter(line -> line.has("end"));
        if (end.isEmpty()
                || log.length > LONGEST
                || !digest.equals(end.get().path("sha256").asText(""))
                || !digest.equals(ContentHash.ofBytes(log, last))) {
            return new Report(
                    RunObservation.unobserved(
                            ObservationReasons.REPORT_DIFFERS,
                            "the log of the observer is not the one whose digest it left (sha256 " + digest
                                    + "): it was cut, rotated or replaced on the node"),
                    RunFacts.UNOBSERVED);
        }
        var read = new ObserverLog();
        RunObservation observation = read.observation(log, last, end.get(), failed);
        return new Report(observation, read.facts(observation));
    }

    private RunObservation observation(byte[] log, int last, JsonNode end, Optional<String> failed) {
        int start = 0;
        for (int at = 0; at < last; at++) {
            if (log[at] == '\n') {
                parsed(log, start, at).ifPresent(this::add);
                start = at + 1;
            }
        }
        int omitted = LogText.count(end, "omitted");
        int unlisted = omitted + denied - names.size() - connections.size();
        var network = new Network(denied + omitted, List.copyOf(names), List.copyOf(connections), unlisted, counters);
        String reason = text(end, "reason").orElse(ObservationReasons.NO_HELLO);
        boolean everyStepThatStarted =
                reason.equals(ObservationReasons.NO_HELLO) && failed.equals(Optional.of(current()));
        RunObservation seen = end.path("end").asText("").equals("Complete") || everyStepThatStarted
                ? RunObservation.complete(
                        network, inputs.inputs(outputs.outputs()).or(this::withoutInputs))
                : RunObservation.partial(
                        reason,
                        "the observer reports that its report leaves something out (" + unlisted
                                + " names and addresses)",
                        network,
                        inputs.inputs(outputs.outputs()));
        return seen.with(artifacts.read());
    }

    private RunFacts facts(RunObservation observation) {
        if (observation.inputs().equals(Optional.of(RunInputs.NONE))) {
            return new RunFacts(Reading.None, List.of(), List.of(), List.of(), List.of(), 0);
        }
        return inputs.facts(observation
                .inputs()
                .flatMap(RunInputs::lists)
                .map(DetailLists::omitted)
                .orElse(0));
    }

    /** The observer of a build without prepare steps reads no inputs. */
    private Optional<RunInputs> withoutInputs() {
        return steps.equals(Set.of(CleanroomApi.BUILD_CONTAINER)) ? Optional.of(RunInputs.NONE) : Optional.empty();
    }

    /** The step that started last; empty before the first. */
    private String current() {
        return steps.stream().reduce((before, next) -> next).orElse("");
    }

    private void add(JsonNode line) {
        // The lines of outputs have a change, which those of inputs have, too, and a package has a name. The sums of
        // artifacts and reports come first, because they have the names of what they count.
        if (artifacts.add(line) || outputs.add(line) || inputs.add(line)) {
            return;
        }
        Optional<String> name = text(line, "name");
        Optional<String> address = text(line, "address");
        if (name.isPresent()) {
            denied++;
            if (names.size() < MOST_LISTED) {
                names.add(new RefusedName(
                        name.get(),
                        LogText.optional(line, "step"),
                        LogText.count(line, "count"),
                        time(line, "first"),
                        time(line, "last")));
            }
        } else if (address.isPresent()) {
            denied++;
            if (connections.size() < MOST_LISTED) {
                connections.add(new UnansweredConnection(
                        address.get(),
                        Math.min(LogText.count(line, "port"), HIGHEST_PORT),
                        LogText.optional(line, "protocol"),
                        LogText.optional(line, "step"),
                        LogText.count(line, "count"),
                        time(line, "first"),
                        time(line, "last")));
            }
        } else if (line.has("started")) {
            steps.add(LogText.required(line, "step"));
        } else if (line.has("counters")) {
            JsonNode values = line.path("counters");
            counters = new Counters(
                    Math.max(0, values.path("tcpSynRetrans").asLong()),
                    Math.max(0, values.path("tcpAttemptFails").asLong()),
                    Math.max(0, values.path("udpOutDatagrams").asLong()));
        }
    }

    /** Where the last line begins; -1 if the log does not end with a line. */
    private static int lastLine(byte[] log) {
        if (log.length == 0 || log[log.length - 1] != '\n') {
            return -1;
        }
        int at = log.length - 1;
        while (at > 0 && log[at - 1] != '\n') {
            at--;
        }
        return at;
    }

    private static Optional<JsonNode> parsed(byte[] log, int from, int to) {
        if (to - from > LONGEST_LINE) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readTree(new String(Arrays.copyOfRange(log, from, to), StandardCharsets.UTF_8)))
                    .filter(JsonNode::isObject);
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    private static @Nullable String time(JsonNode line, String field) {
        try {
            return Instant.parse(line.path(field).asText("")).toString();
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    private static Optional<String> text(JsonNode line, String field) {
        return Optional.ofNullable(LogText.optional(line, field));
    }
}
