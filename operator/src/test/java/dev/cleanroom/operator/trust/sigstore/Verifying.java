package dev.cleanroom.operator.trust.sigstore;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.operator.trust.sigstore.Expectation.Purpose;
import dev.cleanroom.operator.trust.sigstore.Expectation.SignedBy;
import dev.cleanroom.operator.trust.sigstore.Expectation.Witnesses;
import dev.cleanroom.operator.trust.sigstore.ExpectedIdentity.TextMatch;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/** Verifies what {@link Signing} made, with that Sigstore's trust root, a day later. */
record Verifying(TrustRoot root, Clock clock) {
    Verifying(PrivateSigstore sigstore) {
        this(sigstore.trustRoot(), Clock.fixed(PrivateSigstore.SIGNED.plus(Duration.ofDays(1)), ZoneOffset.UTC));
    }

    static SignedBy keyless() {
        try {
            return new SignedBy.Keyless(List.of(
                    new ExpectedIdentity(TextMatch.exactly(Signing.ISSUER), TextMatch.exactly(Signing.SUBJECT))));
        } catch (Refusal e) {
            throw new IllegalStateException(e);
        }
    }

    static Expectation expected(Signing signing) {
        return new Expectation(
                signing.byKey
                        ? new SignedBy.Key(
                                VerificationKey.of(signing.key.getPublic()).orElseThrow())
                        : keyless(),
                signing.message ? new Purpose.Anything() : new Purpose.ImageSignature(),
                Witnesses.ONE_LOG);
    }

    String code(Signing signing, ObjectNode bundle) {
        return code(signing, Signing.bytes(bundle));
    }

    String code(Signing signing, byte[] bundle) {
        return code(bundle, expected(signing));
    }

    String code(Signing signing) {
        return code(signing, signing.bundle());
    }

    String code(byte[] bundle, Expectation expected) {
        return code(new BundleVerifier(Optional.of(root), clock).verify(bundle, Signing.IMAGE, expected));
    }

    VerificationResult result(Signing signing, ObjectNode bundle) {
        return new BundleVerifier(Optional.of(root), clock)
                .verify(Signing.bytes(bundle), Signing.IMAGE, expected(signing));
    }

    static String code(VerificationResult result) {
        return result instanceof VerificationResult.Refused refused ? refused.reason() : "Accepted";
    }
}
