package dev.cleanroom.operator.trust;

import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

/** Accepts what names its content: a reference with a digest (OCI distribution, "Pulling manifests"). No lookup. */
public final class DigestRequired implements ImageTrust {
    public static final String CODE = "DigestRequired";
    public static final String MALFORMED = "ReferenceMalformed";

    private static final Pattern COMPONENT = Pattern.compile("[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*");
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?");
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
    private static final int MAX_REPOSITORY_LENGTH = 255;

    @Override
    public CompletableFuture<ImageDecision> decide(String reference) {
        return CompletableFuture.completedFuture(parse(reference));
    }

    private static ImageDecision parse(String reference) {
        int at = reference.indexOf('@');
        String named = at < 0 ? reference : reference.substring(0, at);
        int colon = named.lastIndexOf(':');
        boolean tagged = colon > named.lastIndexOf('/');
        String repository = tagged ? named.substring(0, colon) : named;
        if (!isRepository(repository)
                || (tagged && !TAG.matcher(named.substring(colon + 1)).matches())) {
            return new ImageDecision.Rejected(
                    MALFORMED,
                    "the reference is not registry/repository[:tag]@sha256:...; write it out in full, for example"
                            + " registry.example.com/builders/maven@sha256:<64 hex digits>");
        }
        if (at < 0) {
            return new ImageDecision.Rejected(
                    CODE,
                    "the reference has no digest, and what a tag means can change; write " + repository
                            + "@sha256:..., the digest is shown by: crane digest " + named);
        }
        String digest = reference.substring(at + 1);
        if (!DIGEST.matcher(digest).matches()) {
            return new ImageDecision.Rejected(
                    MALFORMED, "the digest must be sha256: and 64 lower-case hexadecimal digits");
        }
        // The tag is dropped: with a digest beside it a tag decides nothing and can only mislead.
        return new ImageDecision.Accepted(repository + "@" + digest, digest);
    }

    private static boolean isRepository(String repository) {
        if (repository.isEmpty() || repository.length() > MAX_REPOSITORY_LENGTH) {
            return false;
        }
        String[] parts = repository.split("/", -1);
        boolean hasHost =
                parts.length > 1 && (parts[0].contains(".") || parts[0].contains(":") || parts[0].equals("localhost"));
        for (int i = hasHost ? 1 : 0; i < parts.length; i++) {
            if (!COMPONENT.matcher(parts[i]).matches()) {
                return false;
            }
        }
        return !hasHost || HOST.matcher(parts[0]).matches();
    }
}
