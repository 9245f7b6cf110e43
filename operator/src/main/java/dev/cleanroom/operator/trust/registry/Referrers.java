package dev.cleanroom.operator.trust.registry;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The referrers of a digest that a registry lists, in its order. All are hints: anyone with the right to push can add
 * some.
 *
 * @param malformed how many entries could not be parsed
 * @param incomplete why the list ends early, so that more referrers may exist; null if it is complete
 */
public record Referrers(
        List<Descriptor> descriptors,
        int malformed,
        @Nullable FailureCode incomplete) {}
