package dev.cleanroom.operator.trust.registry;

import java.time.Duration;

/**
 * How long the client waits.
 *
 * @param connect for a connection
 * @param request for one HTTP exchange, its body included
 * @param total for one question, however many exchanges, tokens, redirects and mirrors it takes
 * @param upload for one blob that is pushed
 */
public record Patience(Duration connect, Duration request, Duration total, Duration upload) {
    public static final Patience DEFAULT =
            new Patience(Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofMinutes(30));
}
