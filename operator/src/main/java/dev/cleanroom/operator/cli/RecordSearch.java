package dev.cleanroom.operator.cli;

import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.operator.record.RecordArtifacts;
import dev.cleanroom.operator.record.RecordInputs;
import dev.cleanroom.operator.record.Sought;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Searches records one by one, and prints what is found at once. */
final class RecordSearch {
    private static final int FOUND = 0;
    private static final int NOT_FOUND = 1;
    private static final int NOT_KNOWN = 3;
    private static final int MOST_GAPS_LISTED = 10;

    private final Sought sought;
    private final RecordOptions options;
    private final List<String> gaps = new ArrayList<>();
    private int all;
    private int found;
    private int incomplete;

    RecordSearch(String text, RecordOptions options) {
        this.sought = new Sought(text);
        this.options = options;
    }

    /**
     * @param namespace empty for all of them
     * @return the exit code
     */
    int run(Records records, Optional<String> namespace) throws Records.Refused {
        records.forEach(namespace, this::search);
        List<String> about = new ArrayList<>(gaps);
        if (incomplete > gaps.size()) {
            about.add("and " + (incomplete - gaps.size()) + " more records that could not be searched whole");
        }
        about.add("found in " + found + " of " + all + " records");
        options.warn(about);
        return found > 0 ? FOUND : incomplete == 0 ? NOT_FOUND : NOT_KNOWN;
    }

    private void search(BuildRecord record, RecordInputs inputs) {
        all++;
        String where =
                record.getMetadata().getNamespace() + "/" + record.getMetadata().getName();
        RecordArtifacts made = RecordArtifacts.of(record);
        List<String> hits = Stream.concat(
                        inputs.detail().map(sought::in).orElse(List.of()).stream(), sought.in(made).stream())
                .toList();
        found += hits.isEmpty() ? 0 : 1;
        options.print(hits.stream().map(hit -> where + "  " + hit).toList());
        List<String> missing =
                Stream.concat(inputs.gaps().stream(), made.gaps().stream()).toList();
        if (!missing.isEmpty()) {
            incomplete++;
            if (gaps.size() < MOST_GAPS_LISTED) {
                gaps.add("not searched whole: " + where + " " + String.join("; it ", missing));
            }
        }
    }
}
