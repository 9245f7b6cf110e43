package dev.cleanroom.operator.kube;

import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.AsyncBody;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the log of one container. The bytes come from the pod's node, through the API server, so the length is limited
 * here, whatever the node sends.
 */
public final class PodLogs {
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int SERVER_ERROR = 500;

    private final KubernetesClient client;
    private final String server;
    private final String container;

    public PodLogs(KubernetesClient client, String container) {
        this.client = client;
        this.server = RestApi.server(client);
        this.container = container;
    }

    /** Blocks for {@code patience} at most. A log that has more than {@code most} bytes is cut there. */
    public PodLog read(ObjectKey pod, int most, Duration patience) {
        return get(pod.path() + "/log?container=" + container + "&limitBytes=" + most, most, patience);
    }

    /** An object as the API server has it, within the same limits: it may be as long as a log. */
    public PodLog object(ObjectKey object, int most, Duration patience) {
        return get(object.path(), most, patience);
    }

    private PodLog get(String path, int most, Duration patience) {
        var request = client.getHttpClient()
                .newHttpRequestBuilder()
                .uri(URI.create(server + path))
                .build();
        var received = new Received(most);
        CompletableFuture<Integer> read = client.getHttpClient()
                .consumeBytes(request, received::accept)
                .thenCompose(response -> received.whole(response.body()).thenApply(end -> response.code()));
        try {
            return answer(read.get(patience.toNanos(), TimeUnit.NANOSECONDS), received.bytes());
        } catch (ExecutionException e) {
            return new PodLog.Unavailable("the API server did not answer: " + e.getCause());
        } catch (TimeoutException e) {
            return new PodLog.Unavailable("there was no answer within " + patience.toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new PodLog.Unavailable("interrupted while waiting for the API server");
        } finally {
            received.stop();
            read.cancel(true);
        }
    }

    private PodLog answer(int code, byte[] body) {
        if (code == 200) {
            return new PodLog.Read(body);
        }
        String message = message(code, body);
        return code == TOO_MANY_REQUESTS || code >= SERVER_ERROR
                ? new PodLog.Unavailable(message)
                : new PodLog.Refused(code, message);
    }

    private String message(int code, byte[] body) {
        try {
            Status status = client.getKubernetesSerialization()
                    .unmarshal(new String(body, StandardCharsets.UTF_8), Status.class);
            return status == null || status.getMessage() == null ? "HTTP " + code : status.getMessage();
        } catch (KubernetesClientException | IllegalArgumentException e) {
            return "HTTP " + code;
        }
    }

    /** The bytes that arrived, up to a limit. */
    private static final class Received {
        // Allocated at once: a buffer that grows would need a few times as much.
        private final byte[] kept;
        private int length;
        private final CompletableFuture<Void> full = new CompletableFuture<>();
        private @Nullable AsyncBody reading;

        Received(int most) {
            this.kept = new byte[most];
        }

        /** Completes when the body has ended or the limit is reached. */
        CompletableFuture<Object> whole(AsyncBody body) {
            synchronized (this) {
                reading = body;
            }
            body.consume();
            return CompletableFuture.anyOf(full, body.done());
        }

        /** Without this, a node that sends without end would keep the connection. */
        synchronized void stop() {
            if (reading != null) {
                reading.cancel();
            }
        }

        /** Called by one thread at a time. */
        synchronized void accept(List<ByteBuffer> buffers, AsyncBody body) {
            for (ByteBuffer buffer : buffers) {
                int some = Math.min(buffer.remaining(), kept.length - length);
                buffer.get(kept, length, some);
                length += some;
            }
            if (length == kept.length) {
                full.complete(null);
            } else {
                body.consume();
            }
        }

        synchronized byte[] bytes() {
            return Arrays.copyOf(kept, length);
        }
    }
}
