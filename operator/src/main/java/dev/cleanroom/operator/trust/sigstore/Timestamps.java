package dev.cleanroom.operator.trust.sigstore;

import java.io.IOException;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.cmp.PKIStatus;
import org.bouncycastle.asn1.cms.CMSObjectIdentifiers;
import org.bouncycastle.asn1.tsp.TimeStampResp;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.tsp.TSPException;
import org.bouncycastle.tsp.TimeStampResponse;
import org.bouncycastle.tsp.TimeStampToken;

/**
 * Verifies timestamps over the bytes of a signature by authorities of the trust root (RFC 3161).
 *
 * <ol>
 *   <li>the response was granted and has a token over exactly these bytes;
 *   <li>the certificate that the token names signed it, and is in the trust root, or is in the response and chains to
 *       the trust root;
 *   <li>this certificate, and every one up to its anchor, was valid at that time;
 *   <li>the token names this certificate (ESSCertID), which is for timestamps only.
 * </ol>
 */
public record Timestamps(List<TrustRoot.Authority> authorities) {
    static final int MAX_BYTES = 64 << 10;
    static final int MAX_CERTIFICATES = 8;

    /** @param authority the authority's certificate: two timestamps of one authority count once */
    public record TrustedTime(X509Certificate authority, Instant time) {}

    /** @param stamped the bytes that the timestamp must be for */
    public TrustedTime verify(byte[] response, byte[] stamped) throws Refusal {
        TimeStampToken token = token(response);
        HashAlgorithm algorithm = HashAlgorithm.oid(
                        token.getTimeStampInfo().getMessageImprintAlgOID().getId())
                .orElseThrow(() -> malformed("its hash algorithm is not SHA-256, SHA-384 or SHA-512"));
        if (!MessageDigest.isEqual(
                algorithm.hash(stamped), token.getTimeStampInfo().getMessageImprintDigest())) {
            throw Refusal.rejected(
                    RejectionCode.TimestampMismatch, "the timestamp is for other bytes than this signature");
        }
        Instant time = token.getTimeStampInfo().getGenTime().toInstant();
        List<CertificateChain> signers = signers(token);
        if (signers.isEmpty()) {
            throw Refusal.rejected(
                    RejectionCode.TimestampUntrusted, "no timestamp authority of the trust root signed the timestamp");
        }
        List<CertificateChain> valid = signers.stream()
                .filter(chain -> Certificates.isValidAt(chain.leaf(), time) && chain.issuersAreValidAt(time))
                .toList();
        if (valid.isEmpty()) {
            throw Refusal.rejected(
                    RejectionCode.TimestampAuthorityNotValid,
                    "the timestamp authority, or a certificate in its chain, was not valid at " + time);
        }
        X509Certificate signer = valid.getFirst().leaf();
        mustBeForTimestamps(token, signer);
        return new TrustedTime(signer, time);
    }

    private static TimeStampToken token(byte[] bytes) throws Refusal {
        if (bytes.length > MAX_BYTES) {
            throw malformed("it is longer than " + MAX_BYTES + " bytes");
        }
        try {
            // Unlike a stream, this accepts no bytes after the end.
            var response = new TimeStampResponse(TimeStampResp.getInstance(ASN1Primitive.fromByteArray(bytes)));
            TimeStampToken token = response.getTimeStampToken();
            if (token != null
                    && token.toCMSSignedData()
                            .toASN1Structure()
                            .getContentType()
                            .equals(CMSObjectIdentifiers.signedData)
                    && (response.getStatus() == PKIStatus.GRANTED
                            || response.getStatus() == PKIStatus.GRANTED_WITH_MODS)) {
                return token;
            }
        } catch (IOException | TSPException | RuntimeException e) {
            // BouncyCastle throws exceptions of many kinds for hostile DER.
            throw malformed("it cannot be parsed");
        }
        throw malformed("its status is not 'granted'");
    }

    /** The chains with a leaf whose key signed the token. */
    private List<CertificateChain> signers(TimeStampToken token) throws Refusal {
        List<X509Certificate> embedded = embedded(token);
        var signers = new ArrayList<CertificateChain>();
        for (TrustRoot.Authority authority : authorities) {
            var leaves = new ArrayList<>(embedded);
            leaves.addFirst(authority.chain().getFirst());
            for (X509Certificate leaf : leaves) {
                if (isSignedBy(token, leaf)) {
                    CertificateChain.build(leaf, List.of(), authority).ifPresent(signers::add);
                }
            }
        }
        return signers;
    }

    private static List<X509Certificate> embedded(TimeStampToken token) throws Refusal {
        var certificates = new ArrayList<X509Certificate>();
        try {
            for (X509CertificateHolder holder : token.getCertificates().getMatches(null)) {
                if (certificates.size() == MAX_CERTIFICATES) {
                    throw malformed("it has more than " + MAX_CERTIFICATES + " certificates");
                }
                Certificates.parse(holder.getEncoded()).ifPresent(certificates::add);
            }
        } catch (IOException | RuntimeException e) {
            throw malformed("its certificates cannot be parsed");
        }
        return certificates;
    }

    private static boolean isSignedBy(TimeStampToken token, X509Certificate leaf) {
        if (VerificationKey.of(leaf.getPublicKey()).isEmpty()) {
            return false;
        }
        try {
            // The name beside the signature is not signed, but it must match nevertheless.
            return token.getSID().match(new JcaX509CertificateHolder(leaf))
                    && token.isSignatureValid(new JcaSimpleSignerInfoVerifierBuilder().build(leaf.getPublicKey()));
        } catch (CertificateException | TSPException | OperatorCreationException | RuntimeException e) {
            return false; // not a signature of this key
        }
    }

    private static void mustBeForTimestamps(TimeStampToken token, X509Certificate signer) throws Refusal {
        try {
            token.validate(new JcaSimpleSignerInfoVerifierBuilder().build(signer));
        } catch (TSPException | OperatorCreationException | RuntimeException e) {
            throw Refusal.rejected(
                    RejectionCode.TimestampUntrusted,
                    "the timestamp's certificate is not for timestamps, or is not the one that the token names");
        }
    }

    private static Refusal malformed(String message) {
        return Refusal.rejected(RejectionCode.TimestampMalformed, "the timestamp is malformed: " + message);
    }
}
