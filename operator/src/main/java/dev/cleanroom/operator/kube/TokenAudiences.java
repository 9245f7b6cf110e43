package dev.cleanroom.operator.kube;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The audiences and the issuer of a JSON Web Token (RFC 7519, sections 4.1.1 and 4.1.3). In the operator's own token,
 * they are the audiences that the API server accepts. The signature is not verified here: if the API server did not
 * accept the token, nothing in this process would work.
 */
final class TokenAudiences {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PARTS = 3;

    private TokenAudiences() {}

    /** The audiences and the issuer; empty if there is no token, or it is not a JSON Web Token. */
    static Set<String> of(@Nullable String token) {
        Set<String> found = new LinkedHashSet<>();
        JsonNode claims = claims(token == null ? "" : token);
        JsonNode audiences = claims.path("aud");
        audiences.forEach(audience -> add(found, audience));
        add(found, audiences);
        add(found, claims.path("iss"));
        return found;
    }

    private static void add(Set<String> found, JsonNode claim) {
        if (claim.isTextual()) {
            found.add(claim.asText());
        }
    }

    private static JsonNode claims(String token) {
        String[] parts = token.split("[.]", -1);
        try {
            return parts.length == PARTS
                    ? JSON.readTree(new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8))
                    : JSON.missingNode();
        } catch (IllegalArgumentException | JsonProcessingException e) {
            return JSON.missingNode();
        }
    }
}
