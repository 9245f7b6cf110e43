package dev.cleanroom.operator.trust.registry;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** A user of a registry. Prints no secret. */
public record Credential(String username, String password) {

    /** The value of an Authorization header (RFC 7617, section 2). */
    String basic() {
        return "Basic "
                + Base64.getEncoder().encodeToString((username + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "Credential[withheld]";
    }
}
