package dev.cleanroom.operator.trust.registry;

import static dev.cleanroom.operator.trust.registry.FailureCode.NotFound;
import static dev.cleanroom.operator.trust.registry.FailureCode.RedirectRefused;
import static dev.cleanroom.operator.trust.registry.FailureCode.Refused;
import static dev.cleanroom.operator.trust.registry.FailureCode.Throttled;
import static dev.cleanroom.operator.trust.registry.FailureCode.Unauthorized;
import static dev.cleanroom.operator.trust.registry.FailureCode.Unavailable;

import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** Maps HTTP statuses to codes (OCI distribution specification 1.1, "Error Codes"). */
final class Statuses {
    /** The statuses of a redirect. */
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

    /** The statuses by which registries report that they have no referrers API; the specification has only 404. */
    private static final Set<Integer> NO_SUCH_API = Set.of(400, 404, 405, 501);

    private Statuses() {}

    static boolean redirects(Response response) {
        return REDIRECTS.contains(response.status());
    }

    static boolean knowsNoSuchApi(Response response) {
        return NO_SUCH_API.contains(response.status());
    }

    /** The failure for a response that is not a success. */
    static RegistryException failure(Response response, String who, Clock clock) {
        int status = response.status();
        FailureCode code = switch (status) {
            case 401, 403 -> Unauthorized;
            case 404 -> NotFound;
            case 429 -> Throttled;
            default -> redirects(response) ? RedirectRefused : status >= 500 ? Unavailable : Refused;
        };
        Optional<Duration> retryAfter = code == Throttled || code == Unavailable
                ? response.headers().firstValue("Retry-After").flatMap(value -> RetryAfter.read(value, clock))
                : Optional.empty();
        return new RegistryException(code, who + " answered HTTP " + status, retryAfter);
    }
}
