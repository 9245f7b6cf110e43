package dev.cleanroom.operator.lab;

import java.util.Set;
import java.util.function.Predicate;

/** Predicates over what went through a {@link RecordingProxy}. */
public final class Requests {
    private static final Set<String> WRITING = Set.of("POST", "PUT", "PATCH", "DELETE");
    private static final Set<String> REVIEW_GROUPS = Set.of("authorization.k8s.io", "authentication.k8s.io");

    private Requests() {}

    public static Predicate<RecordedRequest> any() {
        return request -> true;
    }

    /** What changes an object: no lease, and no access or token review. */
    public static Predicate<RecordedRequest> writes() {
        return request -> {
            ApiPath api = request.api();
            return WRITING.contains(request.method())
                    && !api.resource().equals("leases")
                    && !REVIEW_GROUPS.contains(api.group());
        };
    }

    public static Predicate<RecordedRequest> events() {
        return on("events");
    }

    /** A write of anything but an Event. */
    public static Predicate<RecordedRequest> writesButEvents() {
        return writes().and(events().negate());
    }

    /** What the API server answered with success. */
    public static Predicate<RecordedRequest> accepted() {
        return request -> request.status() >= 200 && request.status() < 300;
    }

    public static Predicate<RecordedRequest> watches() {
        return request -> request.method().equals("GET")
                && (request.query().contains("watch=true") || request.query().contains("watch=1"));
    }

    public static Predicate<RecordedRequest> method(String method) {
        return request -> request.method().equals(method);
    }

    /** The resource in its plural, as in the path: {@code pods}. */
    public static Predicate<RecordedRequest> on(String resource) {
        return request -> request.api().resource().equals(resource);
    }

    public static Predicate<RecordedRequest> subresource(String subresource) {
        return request -> request.api().subresource().equals(subresource);
    }

    public static Predicate<RecordedRequest> in(String namespace) {
        return request -> request.api().namespace().equals(namespace);
    }

    public static Predicate<RecordedRequest> named(String name) {
        return request -> request.api().name().equals(name);
    }
}
