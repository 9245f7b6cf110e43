package dev.cleanroom.operator.trust.registry;

import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Passes a body on as it arrives, and closes its connection when the body becomes too large. */
final class BoundedBody implements BodySubscriber<Long> {
    private final long most;
    private final boolean cutOff;
    private final OutputStream sink;
    private final CompletableFuture<Long> ended = new CompletableFuture<>();
    private Flow.@Nullable Subscription subscription;
    private long length;

    private BoundedBody(long most, boolean cutOff, OutputStream sink) {
        this.most = most;
        this.cutOff = cutOff;
        this.sink = sink;
    }

    /** Fails with {@link FailureCode#TooLarge} at the first byte over the limit. */
    static BoundedBody to(OutputStream sink, long most) {
        return new BoundedBody(most, false, sink);
    }

    /** Discards the body up to its end, so that the connection can be used again, or up to the limit. */
    static BoundedBody discarding(long most) {
        return new BoundedBody(most, true, OutputStream.nullOutputStream());
    }

    @Override
    public CompletionStage<Long> getBody() {
        return ended;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        given.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        for (ByteBuffer buffer : buffers) {
            if (ended.isDone()) {
                return;
            }
            length += buffer.remaining();
            if (length > most) {
                cancel();
                if (cutOff) {
                    ended.complete(most);
                } else {
                    ended.completeExceptionally(tooLarge(most));
                }
                return;
            }
            byte[] bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            try {
                sink.write(bytes);
            } catch (IOException e) {
                cancel();
                ended.completeExceptionally(e);
                return;
            }
        }
    }

    @Override
    public void onError(Throwable failure) {
        ended.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        ended.complete(length);
    }

    static RegistryException tooLarge(long most) {
        return new RegistryException(FailureCode.TooLarge, "the answer is larger than " + most + " bytes");
    }

    private void cancel() {
        if (subscription != null) {
            subscription.cancel();
        }
    }
}
