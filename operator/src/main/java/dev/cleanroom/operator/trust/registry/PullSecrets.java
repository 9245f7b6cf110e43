package dev.cleanroom.operator.trust.registry;

import static dev.cleanroom.operator.trust.registry.FailureCode.CredentialsMalformed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Parses pull secrets to {@link Credentials}, each entry for itself, as a kubelet does (Kubernetes,
 * {@code pkg/credentialprovider/config.go}): {@code auth} decides if there is one, names of members are compared
 * without their case, and of a name that is repeated the last counts. An entry without credentials is kept as unused,
 * and does not affect the others. Credential stores and helpers are programs and are not run.
 */
public final class PullSecrets {
    /** The most bytes of one Secret's value; the API server accepts no more. */
    public static final int MOST_BYTES = 1024 * 1024;

    /** The most entries in all Secrets together. */
    public static final int MOST_ENTRIES = 1_000;

    private PullSecrets() {}

    /** The types of Secrets that a kubelet reads, each with the key of the value. */
    public enum Form {
        CONFIG("kubernetes.io/dockerconfigjson", ".dockerconfigjson"),
        /** The value is what {@code auths} has in the other form. */
        LEGACY("kubernetes.io/dockercfg", ".dockercfg");

        private final String type;
        private final String key;

        Form(String type, String key) {
            this.type = type;
            this.key = key;
        }

        public String type() {
            return type;
        }

        public String key() {
            return key;
        }

        public static Optional<Form> ofType(String type) {
            return Stream.of(values()).filter(form -> form.type.equals(type)).findFirst();
        }
    }

    /** A Secret's value, with the Secret's name and how the value is written. */
    public record Source(String name, Form form, byte[] value) {}

    /** An entry has no credentials, for a reason that contains nothing of it. */
    private static final class UnusedException extends Exception {
        private static final long serialVersionUID = 1L;

        UnusedException(String reason) {
            super(reason);
        }
    }

    /** @return fails with {@link FailureCode#CredentialsMalformed}, and names the Secret, if its value is not JSON */
    public static RegistryAnswer<Credentials> read(List<Source> secrets) {
        return RegistryAnswer.of(() -> {
            Credentials all = Credentials.NONE;
            for (Source secret : secrets) {
                try {
                    all = all.and(read(secret));
                } catch (RegistryException e) {
                    throw malformed("Secret " + secret.name() + ": " + e.message());
                }
                if (all.entries().size() + all.unused().size() > MOST_ENTRIES) {
                    throw malformed("the Secrets have more than " + MOST_ENTRIES + " entries");
                }
            }
            return all;
        });
    }

    private static Credentials read(Source secret) throws RegistryException {
        if (secret.value().length > MOST_BYTES) {
            throw malformed("it has more than " + MOST_BYTES + " bytes");
        }
        ObjectNode config = StrictJson.objectAsGo(secret.value(), CredentialsMalformed, "it");
        JsonNode auths = secret.form() == Form.LEGACY ? config : member(config, "auths");
        if (!auths.isObject() && !auths.isNull() && !auths.isMissingNode()) {
            throw malformed("'auths' in it is not an object");
        }
        List<Credentials.Entry> entries = new ArrayList<>();
        List<Credentials.Unused> unused = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : auths.properties()) {
            Optional<CredentialScope> scope = CredentialScope.parse(entry.getKey());
            if (scope.isEmpty()) {
                unused.add(new Credentials.Unused(
                        secret.name(), scope, "an entry is not used: its name is not a registry's host"));
                continue;
            }
            try {
                entries.add(new Credentials.Entry(scope.get(), credential(entry.getValue())));
            } catch (UnusedException e) {
                unused.add(new Credentials.Unused(secret.name(), scope, notUsed(entry.getKey()) + e.getMessage()));
            }
        }
        for (Map.Entry<String, JsonNode> helper : member(config, "credHelpers").properties()) {
            String entry = helper.getKey();
            CredentialScope.parse(entry)
                    .ifPresent(scope -> unused.add(new Credentials.Unused(
                            secret.name(),
                            Optional.of(scope),
                            notUsed(entry) + "its credential helper (credHelpers) is a program, and is not run")));
        }
        return new Credentials(entries, unused);
    }

    private static String notUsed(String entry) {
        return "the entry " + CredentialScope.shown(entry) + " is not used: ";
    }

    private static Credential credential(JsonNode entry) throws UnusedException {
        String auth = text(entry, "auth");
        String identityToken = text(entry, "identitytoken");
        Credential credential =
                auth.isEmpty() ? new Credential(text(entry, "username"), text(entry, "password")) : decoded(auth);
        if (credential.password().isEmpty() && !identityToken.isEmpty()) {
            throw new UnusedException("it has an identity token, which a kubelet does not use either: write a user name"
                    + " and a password");
        }
        if (credential.username().isEmpty()) {
            throw new UnusedException("it has neither 'auth' nor a user name; if a credential store has them"
                    + " (credsStore), the Secret needs them itself");
        }
        return credential;
    }

    /** Base64 may be wrapped into lines, and its padding may be left out. */
    private static Credential decoded(String auth) throws UnusedException {
        try {
            byte[] bytes = Base64.getDecoder().decode(auth.replace("\r", "").replace("\n", ""));
            String decoded = new String(bytes, StandardCharsets.UTF_8);
            int colon = decoded.indexOf(':');
            if (colon < 0) {
                throw new UnusedException("its 'auth' is not user:password in Base64");
            }
            return new Credential(decoded.substring(0, colon), decoded.substring(colon + 1));
        } catch (IllegalArgumentException e) {
            throw new UnusedException("its 'auth' is not Base64");
        }
    }

    /** Empty if there is no such member. */
    private static String text(JsonNode entry, String name) throws UnusedException {
        JsonNode value = member(entry, name);
        if (!value.isTextual() && !value.isNull() && !value.isMissingNode()) {
            throw new UnusedException("its '" + name + "' is not a text");
        }
        return value.asText("");
    }

    /** Reads the last of several spellings of the name, as Go does. */
    private static JsonNode member(JsonNode object, String name) {
        JsonNode value = MissingNode.getInstance();
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            value = member.getKey().equalsIgnoreCase(name) ? member.getValue() : value;
        }
        return value;
    }

    private static RegistryException malformed(String problem) {
        return new RegistryException(CredentialsMalformed, problem);
    }
}
