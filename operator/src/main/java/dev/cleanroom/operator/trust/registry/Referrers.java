package dev.cleanroom.operator.trust.registry;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a registry lists as referrers of a digest, in its order. Hints, all of them: whoever may push can add to them.
 *
 * @param malformed how many entries could not be read
 * @param incomplete why the list ends early, or null: then what is not in it may exist all the same
 */
public record Referrers(
        List<Descriptor> descriptors,
        int malformed,
        @Nullable FailureCode incomplete) {}
