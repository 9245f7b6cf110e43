package dev.cleanroom.operator.trust.sigstore;

import java.net.URI;
import java.net.URISyntaxException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * The authorities and logs that are trusted for keyless signatures: a {@code trusted_root.json}
 * (sigstore_trustroot.proto, TrustedRoot, media type version 0.1). Every instance must have the start of its validity.
 * Keys of an unsupported kind are ignored, so that a trust root may already contain future logs.
 *
 * @param digest SHA-256 of the bytes, {@code sha256:} and 64 hexadecimal digits: identifies the trust root of a
 *     decision
 */
public record TrustRoot(
        List<Log> logs,
        List<Log> certificateLogs,
        List<Authority> certificateAuthorities,
        List<Authority> timestampAuthorities,
        String digest) {
    /** The most that a ConfigMap can contain. */
    public static final int MAX_BYTES = 1 << 20;

    static final int MAX_INSTANCES = 100;
    static final int MAX_CHAIN = 8;
    static final String MEDIA_TYPE = "application/vnd.dev.sigstore.trustedroot+json;version=0.1";

    private static final String PKCS1 = "PKCS1_";

    /** A log of signatures or of certificates. */
    record Log(URI address, byte[] id, VerificationKey key, Period validFor) {}

    /**
     * An authority that issues certificates or timestamps.
     *
     * @param chain the last one is the anchor; for timestamps the first may be the one that signs
     */
    record Authority(List<X509Certificate> chain, Period validFor) {}

    /** @throws Refusal {@link UnresolvedCode#TrustRootTooLarge} or {@link UnresolvedCode#TrustRootMalformed} */
    public static TrustRoot parse(byte[] bytes) throws Refusal {
        if (bytes.length > MAX_BYTES) {
            throw Refusal.unresolved(
                    UnresolvedCode.TrustRootTooLarge, "the trust root is longer than " + MAX_BYTES + " bytes");
        }
        Json root = Json.parse(bytes, "trust root", TrustRoot::malformed);
        String mediaType = root.optionalText("mediaType").orElse("");
        if (!mediaType.isEmpty() && !mediaType.equals(MEDIA_TYPE)) {
            throw malformed("its mediaType is " + Refusal.quote(mediaType) + " and not " + MEDIA_TYPE);
        }
        return new TrustRoot(
                logs(root, "tlogs"),
                logs(root, "ctlogs"),
                authorities(root, "certificateAuthorities"),
                authorities(root, "timestampAuthorities"),
                "sha256:" + HexFormat.of().formatHex(HashAlgorithm.SHA2_256.hash(bytes)));
    }

    private static List<Log> logs(Json root, String field) throws Refusal {
        var logs = new ArrayList<Log>();
        for (Json log : root.objects(field, MAX_INSTANCES)) {
            URI address = address(log.text("baseUrl"));
            Json publicKey = log.object("publicKey");
            Period validFor = period(publicKey, "validFor");
            byte[] id = log.object("logId").bytes("keyId");
            if (id.length != 32) {
                throw malformed(field + ".logId.keyId has not 32 bytes");
            }
            byte[] raw = publicKey.bytes("rawBytes");
            String details = publicKey.optionalText("keyDetails").orElse("");
            Optional<PublicKey> key =
                    details.startsWith(PKCS1) ? VerificationKey.decodePkcs1(raw) : VerificationKey.decode(raw);
            key.flatMap(VerificationKey::of).ifPresent(usable -> logs.add(new Log(address, id, usable, validFor)));
        }
        // A trust root with logs requires log entries. It must not become one that requires none because no log is
        // supported.
        if (logs.isEmpty()
                && root.has(field)
                && !root.objects(field, MAX_INSTANCES).isEmpty()) {
            throw malformed(field + " has no log with a supported kind of key");
        }
        return List.copyOf(logs);
    }

    private static List<Authority> authorities(Json root, String field) throws Refusal {
        var authorities = new ArrayList<Authority>();
        for (Json authority : root.objects(field, MAX_INSTANCES)) {
            var chain = new ArrayList<X509Certificate>();
            for (Json certificate : authority.object("certChain").objects("certificates", MAX_CHAIN)) {
                chain.add(Certificates.parse(certificate.bytes("rawBytes"))
                        .orElseThrow(() -> malformed(field + " has a certificate that cannot be parsed")));
            }
            if (chain.isEmpty()) {
                throw malformed(field + " has an instance without certificates");
            }
            authorities.add(new Authority(List.copyOf(chain), period(authority, "validFor")));
        }
        return List.copyOf(authorities);
    }

    private static Period period(Json owner, String field) throws Refusal {
        Json period = owner.object(field);
        Optional<String> end = period.optionalText("end");
        return new Period(
                instant(period.text("start")), end.isPresent() ? Optional.of(instant(end.get())) : Optional.empty());
    }

    private static Instant instant(String text) throws Refusal {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw malformed(Refusal.quote(text) + " is not a time in RFC 3339 format");
        }
    }

    private static URI address(String text) throws Refusal {
        try {
            URI address = new URI(text);
            if (address.getRawAuthority() != null) {
                return address;
            }
        } catch (URISyntaxException e) {
            throw malformed(Refusal.quote(text) + " is not a URL");
        }
        throw malformed(Refusal.quote(text) + " has no host");
    }

    private static Refusal malformed(String message) {
        return Refusal.unresolved(UnresolvedCode.TrustRootMalformed, "the trust root is malformed: " + message);
    }
}
