package dev.cleanroom.operator.record;

import dev.cleanroom.api.v1alpha1.BuildRecordInputs;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs.Reading;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Dependencies;
import dev.cleanroom.api.v1alpha1.BuildRecordOutputs;
import dev.cleanroom.operator.record.facts.DetailLists;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What went into a build, and what the build changed of it.
 *
 * @param dependencies null if there are no inputs
 * @param lists empty if there are no inputs
 * @param outputs empty if the workspace was not read again
 */
public record RunInputs(
        BuildRecordInputs inputs,
        @Nullable Dependencies dependencies,
        Optional<DetailLists> lists,
        Optional<BuildRecordOutputs> outputs) {
    /** A build without prepare steps fetches what it needs itself. */
    static final RunInputs NONE = new RunInputs(
            new BuildRecordInputs(Reading.None, null, null, null, null, null, null, null, null, null),
            null,
            Optional.empty(),
            Optional.empty());
}
