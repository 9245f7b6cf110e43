package dev.cleanroom.operator.trust.sigstore;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.operator.trust.cosign.LegacySignature;
import dev.cleanroom.operator.trust.cosign.LegacyVerifier;
import dev.cleanroom.operator.trust.sigstore.Expectation.Purpose;
import dev.cleanroom.operator.trust.sigstore.Expectation.SignedBy;
import dev.cleanroom.operator.trust.sigstore.Expectation.Witnesses;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A right signature, and what its verifier is given.
 *
 * @param json a bundle; or, of the format before bundles, a layer as {@code payload} in base64 and its {@code annotations}
 */
public record Specimen(String name, ObjectNode json, Given given) {

    /** @param root a trusted_root.json; absent, a key alone decides */
    public record Given(Artifact image, SignedBy by, Purpose purpose, Optional<ObjectNode> root, Clock clock) {
        boolean byKey() {
            return by instanceof SignedBy.Key;
        }

        /** As policies ask: in a log where the root has one, else stamped. */
        public Expectation expectation() {
            Witnesses witnesses = root.isEmpty()
                    ? Witnesses.NONE
                    : root.get().path("tlogs").isEmpty() ? new Witnesses(0, 1) : Witnesses.ONE_LOG;
            return new Expectation(by, purpose, witnesses);
        }

        Optional<TrustRoot> trustRoot() {
            try {
                return root.isPresent() ? Optional.of(TrustRoot.parse(Signing.bytes(root.get()))) : Optional.empty();
            } catch (Refusal e) {
                throw new IllegalStateException(e);
            }
        }
    }

    public boolean isBundle() {
        return !json.has("annotations");
    }

    /** Accepted, or the code. */
    public String code(ObjectNode mutant) {
        return Verifying.code(result(mutant));
    }

    public VerificationResult result(ObjectNode mutant) {
        return isBundle()
                ? new BundleVerifier(given.trustRoot(), given.clock())
                        .verify(Signing.bytes(mutant), given.image(), given.expectation())
                : new LegacyVerifier(given.trustRoot(), given.clock(), Optional.empty())
                        .verify(legacy(mutant), given.image(), given.expectation());
    }

    private static LegacySignature legacy(ObjectNode layer) {
        Map<String, String> annotations = new HashMap<>();
        layer.path("annotations")
                .properties()
                .forEach(field ->
                        annotations.put(field.getKey(), field.getValue().asText()));
        byte[] payload = Json.decode(layer.path("payload").asText()).orElse(new byte[0]);
        return new LegacySignature(payload, annotations);
    }

    @Override
    public String toString() {
        return name;
    }
}
