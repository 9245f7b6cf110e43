package dev.cleanroom.operator.record.facts;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An entry of a record's detail: one line of JSON. Digests are cut to 16 hexadecimal digits. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public sealed interface DetailEntry {
    /**
     * A build file or a lockfile.
     *
     * @param file its path in the workspace
     * @param lockfile its format, if it is a lockfile
     * @param dependencies how many the lockfile names
     */
    record File(
            String file,
            @Nullable Long size,
            @Nullable String sha256,
            @Nullable String lockfile,
            @Nullable Integer dependencies)
            implements DetailEntry {}

    /**
     * What a lockfile names.
     *
     * @param dependency its name
     * @param source where it comes from, if not from the configured registry
     * @param integrity a digest of the hashes that the lockfile has
     * @param installCode whether the lockfile says that its code runs when it is installed
     * @param lockfile the path of the first lockfile that names it
     */
    record Dependency(
            String dependency,
            @Nullable String ecosystem,
            @Nullable String version,
            @Nullable String source,
            @Nullable String integrity,
            @Nullable Boolean installCode,
            @Nullable String lockfile)
            implements DetailEntry {}

    /**
     * A fetched package.
     *
     * @param packageFolder its path in the workspace
     * @param sha256 over its files
     * @param installCode over the code that runs when it is installed; null if there is none
     * @param hooks what runs that code
     * @param nativeFiles how many of its files are machine code
     */
    record Package(
            @JsonProperty("package") String packageFolder,

            @Nullable String ecosystem,
            @Nullable String name,
            @Nullable String version,
            @Nullable String sha256,
            @Nullable String installCode,
            @Nullable List<String> hooks,
            @JsonProperty("native") @Nullable Integer nativeFiles)
            implements DetailEntry {}
}
