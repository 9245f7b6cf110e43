package dev.cleanroom.operator.trust;

import java.util.concurrent.CompletableFuture;

/**
 * Decides which image may run. It is asynchronous because a decision may need a registry, and must not block a
 * reconcile.
 */
public interface ImageTrust {

    /**
     * Never completes exceptionally: if nothing could be decided, it completes with {@link ImageDecision.Unresolved}.
     */
    CompletableFuture<ImageDecision> decide(ImageRequest request);
}
