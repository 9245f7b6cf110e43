package dev.cleanroom.operator.trust.sigstore;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Exactly one PEM block, with only white space around it (RFC 7468, section 3). */
public record Pem(String label, byte[] der) {
    public static final String CERTIFICATE = "CERTIFICATE";
    public static final String PUBLIC_KEY = "PUBLIC KEY";

    private static final Pattern BLOCK =
            Pattern.compile("\\s*-----BEGIN ([A-Z ]{1,40})-----([A-Za-z0-9+/=\\s]+)-----END ([A-Z ]{1,40})-----\\s*");

    public static Optional<Pem> parse(byte[] text) {
        return parse(new String(text, StandardCharsets.ISO_8859_1));
    }

    public static Optional<Pem> parse(String text) {
        Matcher block = BLOCK.matcher(text);
        if (!block.matches() || !block.group(1).equals(block.group(3))) {
            return Optional.empty();
        }
        return Json.decode(block.group(2).replaceAll("\\s", "")).map(der -> new Pem(block.group(1), der));
    }
}
