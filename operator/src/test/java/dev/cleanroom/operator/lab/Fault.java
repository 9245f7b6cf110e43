package dev.cleanroom.operator.lab;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** What a {@link RecordingProxy} does to a request instead of forwarding it. */
public sealed interface Fault extends RecordingProxy.Verdict {

    /** The connection is cut before the API server hears of the request; the client is cut off from then on. */
    record CutBefore() implements Fault {}

    /** The API server answers, the client never hears it, and is cut off from then on. */
    record CutAfter() implements Fault {}

    /** The request waits until it is released, then goes on. */
    final class Hold implements Fault, AutoCloseable {
        private final CountDownLatch released = new CountDownLatch(1);
        private final AtomicInteger held = new AtomicInteger();

        /** How many requests have come to wait here so far. */
        public int held() {
            return held.get();
        }

        public void release() {
            released.countDown();
        }

        @Override
        public void close() {
            release();
        }

        void await() throws InterruptedException {
            held.incrementAndGet();
            released.await();
        }
    }

    /** The proxy answers in the API server's place, with a Status object; retryAfter in seconds, 0 for none. */
    record Answer(int code, String reason, String message, int retryAfter) implements Fault {
        public static Answer tooManyRequests(int retryAfterSeconds) {
            return new Answer(429, "TooManyRequests", "induced: too many requests, try again later", retryAfterSeconds);
        }

        public static Answer internalError() {
            return new Answer(500, "InternalError", "induced: an internal error occurred", 0);
        }

        public static Answer unavailable() {
            return new Answer(503, "ServiceUnavailable", "induced: the server is currently unable to handle it", 0);
        }

        /** What the quota admission plug-in says; its clients know it by the words alone. */
        public static Answer quotaExceeded() {
            return new Answer(403, "Forbidden", "induced: forbidden: exceeded quota: builds, requested: pods=1", 0);
        }

        public static Answer forbidden() {
            return new Answer(403, "Forbidden", "induced: forbidden: user cannot do that", 0);
        }

        /** What an API server says of a kind that it does not have. */
        public static Answer notFound() {
            return new Answer(404, "NotFound", "the server could not find the requested resource", 0);
        }

        public static Answer conflict() {
            return new Answer(409, "Conflict", "induced: the object has been modified", 0);
        }

        /** A resourceVersion that the API server no longer has. */
        public static Answer gone() {
            return new Answer(410, "Expired", "induced: too old resource version", 0);
        }

        byte[] bytes() {
            String details = retryAfter > 0 ? ",\"details\":{\"retryAfterSeconds\":" + retryAfter + "}" : "";
            byte[] body =
                    ("{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\",\"message\":\""
                                    + message + "\",\"reason\":\"" + reason + "\"" + details + ",\"code\":" + code
                                    + "}")
                            .getBytes(StandardCharsets.UTF_8);
            String head = "HTTP/1.1 " + code + " " + reason + "\r\nContent-Type: application/json\r\nContent-Length: "
                    + body.length + "\r\n" + (retryAfter > 0 ? "Retry-After: " + retryAfter + "\r\n" : "") + "\r\n";
            byte[] first = head.getBytes(StandardCharsets.ISO_8859_1);
            byte[] all = new byte[first.length + body.length];
            System.arraycopy(first, 0, all, 0, first.length);
            System.arraycopy(body, 0, all, first.length, body.length);
            return all;
        }
    }
}
