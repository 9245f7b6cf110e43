package dev.cleanroom.operator.record;

import dev.cleanroom.api.v1alpha1.BuildRecordArtifact;
import dev.cleanroom.api.v1alpha1.BuildRecordReading;
import dev.cleanroom.api.v1alpha1.BuildRecordScanner;
import dev.cleanroom.operator.record.facts.DetailLists;
import java.util.List;
import java.util.Optional;

/**
 * What a build made, as far as its environment names it, and what scanners reported about it.
 *
 * @param artifactsRead empty if no artifacts were declared, or it was not observed
 * @param scannersRead empty if no reports were declared, or it was not observed
 * @param lists the entries of the artifacts and the results of the scanners; empty if there are none
 */
public record RunArtifacts(
        List<BuildRecordArtifact> artifacts,
        Optional<BuildRecordReading> artifactsRead,
        List<BuildRecordScanner> scanners,
        Optional<BuildRecordReading> scannersRead,
        Optional<DetailLists> lists) {
    static final RunArtifacts NONE =
            new RunArtifacts(List.of(), Optional.empty(), List.of(), Optional.empty(), Optional.empty());
}
