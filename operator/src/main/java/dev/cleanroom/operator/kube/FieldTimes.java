package dev.cleanroom.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * When the fields of one object were last written, and by which field manager: what the API server keeps in
 * {@code metadata.managedFields}, to the second. The time is that of the manager's last write, of whichever of its fields.
 */
public record FieldTimes(List<Entry> entries) {
    public static final FieldTimes UNKNOWN = new FieldTimes(List.of());

    /** @param fields in the form of FieldsV1: {@code f:metadata} and so on */
    record Entry(String manager, Instant time, JsonNode fields) {
        boolean has(List<String> path) {
            JsonNode at = fields;
            for (String step : path) {
                at = at.path("f:" + step);
            }
            return !at.isMissingNode();
        }
    }

    public FieldTimes {
        entries = List.copyOf(entries);
    }

    /** @param object as the API server answers */
    public static FieldTimes of(JsonNode object) {
        List<Entry> entries = new ArrayList<>();
        for (JsonNode entry : object.path("metadata").path("managedFields")) {
            try {
                entries.add(new Entry(
                        entry.path("manager").asText(),
                        Instant.parse(entry.path("time").asText()),
                        entry.path("fieldsV1")));
            } catch (DateTimeParseException e) {
                // Without a time it says nothing here.
            }
        }
        return new FieldTimes(entries);
    }

    /** When the field was last written, by any manager. */
    public Optional<Instant> of(String... path) {
        return entries.stream()
                .filter(entry -> entry.has(List.of(path)))
                .map(Entry::time)
                .max(Comparator.naturalOrder());
    }

    /** The entries of one field manager alone. */
    public FieldTimes by(String manager) {
        return new FieldTimes(entries.stream()
                .filter(entry -> entry.manager().equals(manager))
                .toList());
    }
}
