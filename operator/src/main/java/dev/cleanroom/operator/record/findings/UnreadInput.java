package dev.cleanroom.operator.record.findings;

import dev.cleanroom.api.v1alpha1.BuildRecordInputs.UnreadFile;
import dev.cleanroom.api.v1alpha1.Severity;
import dev.cleanroom.operator.record.facts.DetailEntry;
import dev.cleanroom.operator.record.findings.Identity.Release;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * An input that could not be read or understood: whatever it has is hidden from all other indicators. What the last good run
 * could not read for the same reason is no change.
 */
final class UnreadInput implements Indicator {
    static final String NAME = "UnreadInput";

    @Override
    public List<Found> judge(Comparison comparison) {
        Set<UnreadFile> known = new HashSet<>();
        Set<String> readable = comparison.before().stream()
                .flatMap(before -> before.facts().files().stream())
                .filter(file -> file.sha256() != null)
                .map(DetailEntry.File::file)
                .collect(Collectors.toSet());
        comparison.before().ifPresent(before -> {
            known.addAll(before.facts().unread());
            before.facts().unread().forEach(each -> readable.remove(each.path()));
        });
        return comparison.run().unread().stream()
                .filter(file -> !known.contains(file))
                .map(file -> found(file, readable.contains(file.path())))
                .toList();
    }

    private static Found found(UnreadFile file, boolean readable) {
        String reason = Objects.requireNonNullElse(file.reason(), "unknown");
        return new Found(
                NAME,
                readable ? Severity.Critical : Severity.High,
                new Release(new Identity("file", file.path()), ""),
                List.of(reason),
                "The file %s could not be read or understood (%s), so what it has was not judged.%s"
                        .formatted(
                                Found.quoted(file.path()),
                                Found.quoted(reason),
                                readable ? " It could be in the last good run." : ""));
    }
}
