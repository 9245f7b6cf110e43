package dev.cleanroom.operator.trust.sigstore;

import java.util.List;

/** What a policy asks of one signature. */
public record Expectation(SignedBy signedBy, Purpose purpose, Witnesses witnesses) {

    /** By whom. */
    public sealed interface SignedBy {
        record Key(VerificationKey key) implements SignedBy {}

        /** Any one of these; an empty list is nobody, and never anybody. */
        record Keyless(List<Identity> identities) implements SignedBy {
            public Keyless {
                identities = List.copyOf(identities);
            }
        }
    }

    /** What for. */
    public sealed interface Purpose {
        /** "This image is mine": a statement with cosign's predicate type for it, and nothing else passes for one. */
        record ImageSignature() implements Purpose {
            public static final String PREDICATE_TYPE = "https://sigstore.dev/cosign/sign/v1";
        }

        /** A statement with exactly this predicate type. */
        record Attestation(String predicateType) implements Purpose {}

        /** A signature over the artifact itself, or any statement about it: what the conformance suite asks. */
        record Anything() implements Purpose {}
    }

    /**
     * Who else must have seen the signature, at the least. Whatever comes with it is verified, needed or not, where there
     * is a trust root.
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
