package dev.cleanroom.operator.trust.policy;

import dev.cleanroom.api.v1alpha1.TrustPolicySpec;
import dev.cleanroom.operator.trust.registry.Digest;
import dev.cleanroom.operator.trust.sigstore.Verdict.Signer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What never runs, of all policies together: denials are about every image, whatever a policy's patterns say.
 *
 * @param digests to the policy that denies each
 */
public record Denials(Map<String, String> digests, List<TrustPolicySpec.DeniedSigner> signers) {
    public static final Denials NONE = new Denials(Map.of(), List.of());

    public Denials {
        digests = Map.copyOf(digests);
        signers = List.copyOf(signers);
    }

    static Denials of(String policy, TrustPolicySpec.@Nullable Deny deny) {
        Map<String, String> digests = new LinkedHashMap<>();
        for (String digest : deny == null || deny.digests() == null ? List.<String>of() : deny.digests()) {
            digests.put(digest, policy);
        }
        return new Denials(digests, deny == null || deny.signers() == null ? List.of() : deny.signers());
    }

    Denials and(Denials other) {
        Map<String, String> all = new LinkedHashMap<>(other.digests);
        all.putAll(digests);
        return new Denials(
                all, Stream.concat(signers.stream(), other.signers.stream()).toList());
    }

    /** The name of the policy that denies the digest. */
    public Optional<String> deniedBy(Digest digest) {
        return Optional.ofNullable(digests.get(digest.toString()));
    }

    boolean denies(Signer signer) {
        return signers.stream().anyMatch(denied -> denies(denied, signer));
    }

    private static boolean denies(TrustPolicySpec.DeniedSigner denied, Signer signer) {
        if (denied.key() != null) {
            return Signers.isKey(signer, denied.key());
        }
        return signer instanceof Signer.Identity(var issuer, var subject)
                && subject.equals(denied.subject())
                && (denied.issuer() == null || denied.issuer().equals(issuer));
    }
}
