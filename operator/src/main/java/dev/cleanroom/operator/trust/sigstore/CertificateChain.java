package dev.cleanroom.operator.trust.sigstore;

import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A leaf and its issuers up to an authority of the trust root (RFC 5280, section 6). Signatures, names and constraints
 * are checked when the chain is built. The validity of every certificate is checked for each trusted time: the path
 * validation of the platform does not check the dates of the anchor.
 *
 * @param certificates the leaf first, the anchor last
 */
record CertificateChain(List<X509Certificate> certificates, TrustRoot.Authority authority) {

    /**
     * @param between issuers that came with the leaf; trusted no more than the leaf
     * @return empty when the leaf does not chain to the authority
     */
    static Optional<CertificateChain> build(
            X509Certificate leaf, List<X509Certificate> between, TrustRoot.Authority authority) {
        if (authority.chain().getFirst().equals(leaf)) {
            return validated(authority.chain(), authority);
        }
        var direct = new ArrayList<X509Certificate>();
        direct.add(leaf);
        direct.addAll(authority.chain());
        var longer = new ArrayList<X509Certificate>();
        longer.add(leaf);
        longer.addAll(between);
        longer.addAll(authority.chain());
        return validated(direct, authority)
                .or(() -> between.isEmpty() ? Optional.empty() : validated(longer, authority));
    }

    private static Optional<CertificateChain> validated(
            List<X509Certificate> certificates, TrustRoot.Authority authority) {
        try {
            var path = certificates.subList(0, certificates.size() - 1);
            if (!path.isEmpty()) {
                var parameters = new PKIXParameters(Set.of(new TrustAnchor(certificates.getLast(), null)));
                parameters.setRevocationEnabled(false);
                parameters.setDate(whenAllAreValid(certificates));
                CertPathValidator.getInstance("PKIX")
                        .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
            }
            return Optional.of(new CertificateChain(List.copyOf(certificates), authority));
        } catch (CertPathValidatorException | CertificateException e) {
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // the platform has PKIX and X.509
        }
    }

    /** The latest start of all certificates: if they were ever valid together, they were at that time. */
    @SuppressWarnings("JavaUtilDate") // what the platform's path validation takes
    private static Date whenAllAreValid(List<X509Certificate> certificates) {
        return certificates.stream()
                .map(X509Certificate::getNotBefore)
                .max(Date::compareTo)
                .orElseThrow();
    }

    X509Certificate leaf() {
        return certificates.getFirst();
    }

    /** The certificate that signed the leaf; the leaf itself when it is an anchor. */
    X509Certificate issuer() {
        return certificates.get(Math.min(1, certificates.size() - 1));
    }

    boolean issuersAreValidAt(Instant time) {
        return authority.validFor().contains(time)
                && certificates.stream().skip(1).allMatch(issuer -> Certificates.isValidAt(issuer, time));
    }
}
