package dev.cleanroom.operator.trust;

import java.util.concurrent.CompletableFuture;

/** Decides which image may run. Asynchronous: a decision may need a registry, and must not hold a reconcile thread. */
public interface ImageTrust {

    /** Never completes exceptionally: what could not be decided is {@link ImageDecision.Unresolved}. */
    CompletableFuture<ImageDecision> decide(ImageRequest request);
}
