package dev.cleanroom.operator.trust.sigstore;

import java.util.List;

/** What a policy requires of one signature. */
public record Expectation(SignedBy signedBy, Purpose purpose, Witnesses witnesses) {

    /** Who must have signed. */
    public sealed interface SignedBy {
        record Key(VerificationKey key) implements SignedBy {}

        /** Any one of these identities; an empty list means that nobody may sign. */
        record Keyless(List<ExpectedIdentity> identities) implements SignedBy {
            public Keyless {
                identities = List.copyOf(identities);
            }
        }
    }

    /** What the signature must state. */
    public sealed interface Purpose {
        /** The signer approves the image: a statement with cosign's predicate type for signatures, and no other. */
        record ImageSignature() implements Purpose {
            public static final String PREDICATE_TYPE = "https://sigstore.dev/cosign/sign/v1";
        }

        /** A statement with exactly this predicate type. */
        record Attestation(String predicateType) implements Purpose {}

        /** A signature over the artifact itself, or any statement about it, as the conformance suite requires. */
        record Anything() implements Purpose {}
    }

    /**
     * How many logs and timestamp authorities must confirm the signature, at least. If there is a trust root, all log
     * entries and timestamps of the signature are verified, required or not.
     *
     * @param logs distinct transparency logs
     * @param timestamps distinct timestamp authorities
     */
    public record Witnesses(int logs, int timestamps) {
        public static final Witnesses NONE = new Witnesses(0, 0);
        public static final Witnesses ONE_LOG = new Witnesses(1, 0);

        public Witnesses {
            if (logs < 0 || timestamps < 0) {
                throw new IllegalArgumentException("negative");
            }
        }
    }
}
