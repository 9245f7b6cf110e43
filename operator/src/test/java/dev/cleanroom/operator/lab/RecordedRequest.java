package dev.cleanroom.operator.lab;

import java.nio.charset.StandardCharsets;

/** One request as a {@link RecordingProxy} saw it. Immutable but for the status, which comes with the answer. */
public final class RecordedRequest {
    /** The status of a request that was not answered (yet). */
    public static final int UNANSWERED = 0;

    private final String method;
    private final String path;
    private final String query;
    private final String contentType;
    private final String userAgent;
    private final byte[] body;
    private volatile int status = UNANSWERED;
    private volatile boolean forwarded;

    RecordedRequest(String method, String target, String contentType, String userAgent, byte[] body) {
        int question = target.indexOf('?');
        this.method = method;
        this.path = question < 0 ? target : target.substring(0, question);
        this.query = question < 0 ? "" : target.substring(question + 1);
        this.contentType = contentType;
        this.userAgent = userAgent;
        this.body = body;
    }

    public String method() {
        return method;
    }

    public String path() {
        return path;
    }

    /** What follows the question mark, as it was sent; empty when there is none. */
    public String query() {
        return query;
    }

    public String contentType() {
        return contentType;
    }

    public String userAgent() {
        return userAgent;
    }

    public String body() {
        return new String(body, StandardCharsets.UTF_8);
    }

    public int bodyBytes() {
        return body.length;
    }

    public ApiPath api() {
        return ApiPath.parse(path);
    }

    /** The status the API server, or the proxy in its place, answered; {@link #UNANSWERED} when none did. */
    public int status() {
        return status;
    }

    /** Whether the API server got the request. */
    public boolean forwarded() {
        return forwarded;
    }

    void answered(int code) {
        this.status = code;
    }

    void markForwarded() {
        this.forwarded = true;
    }

    @Override
    public String toString() {
        return method + " " + path + (query.isEmpty() ? "" : "?" + query) + " -> " + status
                + (forwarded ? "" : " (not forwarded)");
    }
}
