package dev.cleanroom.operator.trust.sigstore;

import static dev.cleanroom.operator.trust.sigstore.PrivateSigstore.pem;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A person with a certificate of a {@link PrivateSigstore}, issued now, and its timestamp authority and transparency log
 * as servers on this machine: what a signing tool is given from outside.
 */
public final class CodeSigner implements AutoCloseable {
    public static final String ISSUER = Signing.ISSUER;
    public static final String SUBJECT = Signing.SUBJECT;

    private final PrivateSigstore sigstore = new PrivateSigstore();
    private final Signing signing = new Signing(sigstore);
    private final X509Certificate certificate;
    private final HttpServer authority;
    private final LogServer log = new LogServer(sigstore);
    private final AuthorityServer fulcio = new AuthorityServer(sigstore);

    public CodeSigner() {
        signing.issued = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        signing.rawIssuer = ISSUER; // public authorities write both, and cosign reads only this one in its old format
        certificate = signing.certificate();
        try {
            authority = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        authority.createContext("/timestamp", exchange -> {
            byte[] answer = new TimestampAnswers(sigstore.tsaKey, sigstore.tsa)
                    .to(exchange.getRequestBody().readAllBytes(), Instant.now());
            exchange.getResponseHeaders().add("Content-Type", "application/timestamp-reply");
            exchange.sendResponseHeaders(201, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        authority.start();
    }

    public String timestampAddress() {
        return "http://127.0.0.1:" + authority.getAddress().getPort() + "/timestamp";
    }

    public String logAddress() {
        return log.address();
    }

    /** Where {@link #token} is worth a certificate. */
    public String authorityAddress() {
        return fulcio.address();
    }

    public String token() {
        return AuthorityServer.token(ISSUER, SUBJECT);
    }

    /** PKCS #8. */
    public String keyPem() {
        return pem("PRIVATE KEY", signing.key.getPrivate().getEncoded());
    }

    public String certificatePem() {
        return PrivateSigstore.pem(certificate);
    }

    /** From whoever issued the certificate to the root. */
    public String chainPem() {
        return PrivateSigstore.pem(sigstore.authority) + PrivateSigstore.pem(sigstore.root);
    }

    /** A trusted_root.json without the log: what is signed is stamped, and need not be logged. */
    public String trustRoot() {
        ObjectNode root = sigstore.trustRootJson();
        root.putArray("tlogs");
        return root.toString();
    }

    /** A trusted_root.json. */
    public ObjectNode trustRootWithLog() {
        return sigstore.trustRootJson();
    }

    @Override
    public void close() {
        fulcio.close();
        log.close();
        authority.stop(0);
    }
}
