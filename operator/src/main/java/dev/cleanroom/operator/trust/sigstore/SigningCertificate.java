package dev.cleanroom.operator.trust.sigstore;

import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.ASN1UTF8String;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;

/**
 * The certificate of a keyless signature (sigstore/fulcio, docs/certificate-specification.md and oid-info.md), and the
 * checks of it in addition to its chain.
 *
 * @param chains all chains to authorities of the trust root; not empty
 */
public record SigningCertificate(X509Certificate leaf, List<CertificateChain> chains) {
    private static final String CODE_SIGNING = "1.3.6.1.5.5.7.3.3";
    private static final String SUBJECT_ALTERNATIVE_NAME = "2.5.29.17";
    private static final String ISSUER = "1.3.6.1.4.1.57264.1.8";
    /** The superseded extension, which Fulcio still writes in addition to the other. */
    private static final String ISSUER_RAW = "1.3.6.1.4.1.57264.1.1";

    private static final String OTHER_NAME = "1.3.6.1.4.1.57264.1.7";
    private static final int DIGITAL_SIGNATURE = 0;

    /** Reads the identity after the chain was verified and before times are checked. */
    public static SigningCertificate of(X509Certificate leaf, List<X509Certificate> between, TrustRoot root)
            throws Refusal {
        List<CertificateChain> chains = root.certificateAuthorities().stream()
                .flatMap(authority -> CertificateChain.build(leaf, between, authority).stream())
                .toList();
        if (chains.isEmpty()) {
            throw Refusal.rejected(
                    RejectionCode.CertificateUntrusted, "no authority of the trust root issued the certificate");
        }
        if (leaf.getBasicConstraints() >= 0) {
            throw Refusal.rejected(
                    RejectionCode.CertificateIsAuthority, "the certificate is for an authority, not for a signer");
        }
        if (!isForCodeSigning(leaf)) {
            throw Refusal.rejected(
                    RejectionCode.CertificateNotForCodeSigning,
                    "the certificate's key usage is not digitalSignature and codeSigning");
        }
        return new SigningCertificate(leaf, chains);
    }

    private static boolean isForCodeSigning(X509Certificate leaf) {
        try {
            List<String> usages = leaf.getExtendedKeyUsage();
            boolean[] key = leaf.getKeyUsage();
            return usages != null && usages.contains(CODE_SIGNING) && key != null && key[DIGITAL_SIGNATURE];
        } catch (CertificateParsingException e) {
            return false;
        }
    }

    public VerificationKey key() throws Refusal {
        return VerificationKey.of(leaf.getPublicKey())
                .orElseThrow(() -> Refusal.rejected(
                        RejectionCode.AlgorithmUnsupported, "the certificate's kind of key is not supported"));
    }

    /** Checks that one chain, with its leaf, was valid at each of these times. */
    public void mustBeValidAt(List<Instant> times) throws Refusal {
        for (Instant time : times) {
            if (!Certificates.isValidAt(leaf, time)) {
                throw Refusal.rejected(
                        RejectionCode.TimeOutsideCertificate,
                        "the certificate was valid from " + leaf.getNotBefore().toInstant() + " to "
                                + leaf.getNotAfter().toInstant() + ", but the signature was made at " + time);
            }
        }
        if (chainsValidAt(times).isEmpty()) {
            throw Refusal.rejected(
                    RejectionCode.TimeOutsideIssuer,
                    "the certificate's authority was not valid or not trusted at the time of the signature: " + times);
        }
    }

    private List<CertificateChain> chainsValidAt(List<Instant> times) {
        return chains.stream()
                .filter(chain -> times.stream().allMatch(chain::issuersAreValidAt))
                .toList();
    }

    /** Uses a chain that was valid at that time, since two authorities may have the same name. */
    public void mustBePublished(TrustRoot root, List<Instant> times) throws Refusal {
        Optional<Refusal> refusal = Optional.empty();
        for (CertificateChain chain : chainsValidAt(times)) {
            try {
                new CertificateTransparency(root.certificateLogs()).mustHave(leaf, chain.issuer());
                return;
            } catch (Refusal e) {
                refusal = refusal.or(() -> Optional.of(e));
            }
        }
        throw refusal.orElseThrow();
    }

    /** The only subject, and its issuer. */
    public VerificationResult.Signer.CertificateIdentity identity() throws Refusal {
        return new VerificationResult.Signer.CertificateIdentity(issuer(), subject());
    }

    private String subject() throws Refusal {
        byte[] extension = leaf.getExtensionValue(SUBJECT_ALTERNATIVE_NAME);
        if (extension != null) {
            try {
                GeneralName[] names =
                        GeneralNames.getInstance(octets(extension)).getNames();
                Optional<String> name = names.length == 1 ? subject(names[0]) : Optional.empty();
                if (name.isPresent() && !name.get().isEmpty()) {
                    return name.get();
                }
            } catch (RuntimeException e) {
                // BouncyCastle throws exceptions of many kinds for hostile DER.
                throw ambiguous();
            }
        }
        throw ambiguous();
    }

    private static Refusal ambiguous() {
        return Refusal.rejected(
                RejectionCode.IdentityAmbiguous,
                "the certificate must have exactly one subject alternative name that is a URI, an e-mail address or"
                        + " Fulcio's otherName");
    }

    private static Optional<String> subject(GeneralName name) {
        return switch (name.getTagNo()) {
            case GeneralName.uniformResourceIdentifier, GeneralName.rfc822Name ->
                Optional.of(((ASN1String) name.getName()).getString());
            case GeneralName.otherName -> {
                ASN1Sequence other = ASN1Sequence.getInstance(name.getName());
                yield other.getObjectAt(0).toString().equals(OTHER_NAME)
                        ? Optional.of(ASN1UTF8String.getInstance((ASN1TaggedObject) other.getObjectAt(1), true)
                                .getString())
                        : Optional.empty();
            }
            default -> Optional.empty();
        };
    }

    private String issuer() throws Refusal {
        byte[] current = leaf.getExtensionValue(ISSUER);
        byte[] raw = leaf.getExtensionValue(ISSUER_RAW);
        String issuer = "";
        try {
            if (current != null) {
                issuer = ASN1UTF8String.getInstance(octets(current)).getString();
            }
            if (raw != null) {
                String old = new String(octets(raw), StandardCharsets.UTF_8);
                if (current != null && !old.equals(issuer)) {
                    throw Refusal.rejected(
                            RejectionCode.IssuerMissing, "the certificate has two different issuers in its extensions");
                }
                issuer = old;
            }
        } catch (RuntimeException e) {
            throw Refusal.rejected(RejectionCode.IssuerMissing, "the certificate's issuer extension cannot be parsed");
        }
        if (issuer.isEmpty()) {
            throw Refusal.rejected(
                    RejectionCode.IssuerMissing, "the certificate has no extension with the issuer of its identity");
        }
        return issuer;
    }

    private static byte[] octets(byte[] extension) {
        return ASN1OctetString.getInstance(extension).getOctets();
    }
}
