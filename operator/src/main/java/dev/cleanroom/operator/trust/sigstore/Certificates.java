package dev.cleanroom.operator.trust.sigstore;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.x509.Certificate;

/** Parses X.509 certificates (RFC 5280): exactly one, in DER, with nothing after it. */
public final class Certificates {
    /** Certificates of Fulcio are smaller than 3 KiB. */
    static final int MAX_BYTES = 64 << 10;

    private Certificates() {}

    public static Optional<X509Certificate> parse(byte[] der) {
        if (der.length > MAX_BYTES) {
            return Optional.empty();
        }
        try {
            var certificate = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
            return isDer(der) ? Optional.of(certificate) : Optional.empty();
        } catch (CertificateException | IOException | RuntimeException e) {
            return Optional.empty(); // BouncyCastle throws exceptions of many kinds for hostile DER
        }
    }

    /** The factory also accepts PEM, bytes after a certificate, and a signature with unused bits. */
    private static boolean isDer(byte[] bytes) throws IOException {
        var certificate = Certificate.getInstance(bytes);
        return certificate.getSignature().getPadBits() == 0
                && Arrays.equals(certificate.getEncoded(ASN1Encoding.DER), bytes);
    }

    static boolean isValidAt(X509Certificate certificate, Instant time) {
        return !time.isBefore(certificate.getNotBefore().toInstant())
                && !time.isAfter(certificate.getNotAfter().toInstant());
    }

    static boolean isSelfIssued(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
    }
}
