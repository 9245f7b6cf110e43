package dev.cleanroom.operator.record.facts;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/** An entry of a record's list of outputs: one line of JSON. Digests are cut to 16 hexadecimal digits. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public sealed interface OutputEntry {
    /**
     * A file or link in an archive.
     *
     * @param entry its path in the archive
     * @param in the artifact's path; {@code !} comes before the path of an archive within an archive
     * @param mode its permissions, octal
     */
    record Entry(
            String entry,
            String in,
            @Nullable Long size,
            @Nullable String sha256,
            @Nullable String mode,
            @Nullable String type)
            implements OutputEntry {
        /** The path of the artifact. */
        public String artifact() {
            int end = in.indexOf('!');
            return end < 0 ? in : in.substring(0, end);
        }
    }

    /**
     * What a scanner found.
     *
     * @param result the scanner's rule
     * @param in the path of the report
     * @param fingerprint what the same result has in the next report
     * @param count how often the report has it
     */
    record Result(
            String result,
            String in,
            @Nullable String tool,
            @Nullable String fingerprint,
            @Nullable String level,
            @Nullable String severity,
            int count)
            implements OutputEntry {}
}
