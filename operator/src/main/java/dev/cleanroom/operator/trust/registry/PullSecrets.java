package dev.cleanroom.operator.trust.registry;

import static dev.cleanroom.operator.trust.registry.FailureCode.CredentialsMalformed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Parses Secrets of the type {@code kubernetes.io/dockerconfigjson} to {@link Credentials}. They are matched as a
 * kubelet does (Kubernetes, "Interpretation of config.json"), but only by whole components of a path. Credential
 * helpers are programs and are not run.
 */
public final class PullSecrets {
    /** The most bytes of one Secret's value; the API server accepts no more. */
    public static final int MOST_BYTES = 1024 * 1024;

    /** The most entries in all Secrets together. */
    public static final int MOST_ENTRIES = 1_000;

    private static final Pattern HOST = Pattern.compile("[a-z0-9.*\\[\\]:-]{1,255}");
    private static final Pattern TWO_STARS = Pattern.compile("\\*[^.]*\\*");

    /** The version of the API that older clients wrote after the host. It is not part of a repository's path. */
    private static final Pattern API_VERSION = Pattern.compile("^/v[12](?=/|$)");

    private PullSecrets() {}

    /**
     * @param secrets the value of the key {@code .dockerconfigjson} by the Secret's name; the first that matches is
     *     used
     * @return fails with {@link FailureCode#CredentialsMalformed}, and names the Secret
     */
    public static RegistryAnswer<Credentials> read(List<Map.Entry<String, byte[]>> secrets) {
        return RegistryAnswer.of(() -> {
            List<Credentials.Entry> entries = new ArrayList<>();
            for (Map.Entry<String, byte[]> secret : secrets) {
                try {
                    entries.addAll(entries(secret.getValue()));
                } catch (RegistryException e) {
                    throw malformed("Secret " + secret.getKey() + ": " + e.message());
                }
            }
            if (entries.size() > MOST_ENTRIES) {
                throw malformed("the Secrets have more than " + MOST_ENTRIES + " entries");
            }
            return new Credentials(entries);
        });
    }

    private static List<Credentials.Entry> entries(byte[] value) throws RegistryException {
        if (value.length > MOST_BYTES) {
            throw malformed("it has more than " + MOST_BYTES + " bytes");
        }
        JsonNode auths = StrictJson.object(value, CredentialsMalformed, "it").path("auths");
        if (!(auths instanceof ObjectNode byRegistry)) {
            throw malformed("it has no object 'auths'");
        }
        List<Credentials.Entry> entries = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : byRegistry.properties()) {
            entries.add(entry(entry.getKey(), credential(entry.getValue())));
        }
        return entries;
    }

    private static Credentials.Entry entry(String registry, Credential credential) throws RegistryException {
        String address = registry.replaceFirst("^https?://", "");
        int slash = address.indexOf('/');
        String host = (slash < 0 ? address : address.substring(0, slash)).toLowerCase(Locale.ROOT);
        String path =
                slash < 0 ? "" : API_VERSION.matcher(address.substring(slash)).replaceFirst("");
        if (!HOST.matcher(host).matches() || TWO_STARS.matcher(host).find()) {
            throw malformed("the name of an entry under 'auths' is not a registry's host");
        }
        return new Credentials.Entry(host, path.replaceAll("^/+|/+$", ""), credential);
    }

    /** {@code auth} has precedence over user name and password, as in the kubelet. */
    private static Credential credential(JsonNode entry) throws RegistryException {
        String auth = entry.path("auth").asText("");
        if (auth.isEmpty()) {
            String username = entry.path("username").asText("");
            String password = entry.path("password").asText("");
            if (username.isEmpty() || password.isEmpty()) {
                throw malformed(
                        "an entry has neither 'auth' nor user name and password; identity tokens are not supported");
            }
            return new Credential(username, password);
        }
        try {
            String decoded = new String(Base64.getDecoder().decode(auth), StandardCharsets.UTF_8);
            int colon = decoded.indexOf(':');
            if (colon < 1) {
                throw malformed("an 'auth' in it is not user:password in Base64");
            }
            return new Credential(decoded.substring(0, colon), decoded.substring(colon + 1));
        } catch (IllegalArgumentException e) {
            throw malformed("an 'auth' in it is not Base64");
        }
    }

    private static RegistryException malformed(String problem) {
        return new RegistryException(CredentialsMalformed, problem);
    }
}
