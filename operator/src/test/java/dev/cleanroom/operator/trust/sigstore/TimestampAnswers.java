package dev.cleanroom.operator.trust.sigstore;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoGeneratorBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.tsp.TSPAlgorithms;
import org.bouncycastle.tsp.TimeStampRequest;
import org.bouncycastle.tsp.TimeStampRequestGenerator;
import org.bouncycastle.tsp.TimeStampResponseGenerator;
import org.bouncycastle.tsp.TimeStampTokenGenerator;

/** What a timestamp authority answers (RFC 3161): granted, whatever is asked. */
@SuppressWarnings("JavaUtilDate") // what BouncyCastle's builders take
record TimestampAnswers(KeyPair key, X509Certificate certificate) {

    byte[] about(byte[] stamped, Instant time) {
        return to(
                new TimeStampRequestGenerator().generate(TSPAlgorithms.SHA256, HashAlgorithm.SHA2_256.hash(stamped)),
                time);
    }

    /** @param request as it came over the wire */
    byte[] to(byte[] request, Instant time) {
        try {
            return to(new TimeStampRequest(request), time);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] to(TimeStampRequest request, Instant time) {
        try {
            var digests = new JcaDigestCalculatorProviderBuilder().build();
            var tokens = new TimeStampTokenGenerator(
                    new JcaSimpleSignerInfoGeneratorBuilder().build("SHA256withECDSA", key.getPrivate(), certificate),
                    digests.get(new AlgorithmIdentifier(TSPAlgorithms.SHA256)),
                    new ASN1ObjectIdentifier("1.2.3"));
            if (request.getCertReq()) {
                tokens.addCertificates(new JcaCertStore(List.of(certificate)));
            }
            return new TimeStampResponseGenerator(tokens, TSPAlgorithms.ALLOWED)
                    .generate(request, BigInteger.ONE, Date.from(time))
                    .getEncoded();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
