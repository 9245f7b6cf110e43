package dev.cleanroom.operator.trust.sigstore;

import static dev.cleanroom.operator.trust.sigstore.PrivateSigstore.JSON;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.x509.GeneralName;

/**
 * The certificate authority of a {@link PrivateSigstore}, as Fulcio answers (sigstore/fulcio, fulcio.proto): whoever shows
 * an identity token and signs its subject gets a certificate for that key, logged, for minutes.
 */
final class AuthorityServer implements AutoCloseable {
    private final PrivateSigstore sigstore;
    private final HttpServer server;

    AuthorityServer(PrivateSigstore sigstore) {
        this.sigstore = sigstore;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/api/v2/signingCert", this::issue);
        server.start();
    }

    String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** As an issuer would hand out, unsigned: this authority knows whom it serves. */
    static String token(String issuer, String subject) {
        ObjectNode claims = JSON.createObjectNode().put("iss", issuer).put("sub", subject);
        claims.put("aud", "sigstore")
                .put("exp", Instant.now().plusSeconds(600).getEpochSecond())
                .put("iat", Instant.now().getEpochSecond());
        return base64Url("{\"alg\":\"RS256\",\"typ\":\"JWT\"}") + "." + base64Url(claims.toString()) + "."
                + base64Url("signature");
    }

    private static String base64Url(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private void issue(HttpExchange exchange) throws IOException {
        String token = exchange.getRequestHeaders().getFirst("Authorization").replaceFirst("^Bearer ", "");
        JsonNode claims = JSON.readTree(Base64.getUrlDecoder().decode(token.split("[.]")[1]));
        JsonNode asked = JSON.readTree(exchange.getRequestBody()).path("publicKeyRequest");
        String subject = claims.path("sub").asText();
        byte[] answer;
        int status;
        try {
            PublicKey key = VerificationKey.fromPem(
                            asked.at("/publicKey/content").asText().strip())
                    .key();
            boolean proven = has(key, subject, asked.path("proofOfPossession").asText());
            status = proven ? 200 : 400;
            answer = proven ? certificate(key, claims.path("iss").asText(), subject) : new byte[0];
        } catch (Refusal | GeneralSecurityException e) {
            throw new IOException(e);
        }
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, answer.length == 0 ? -1 : answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }

    private static boolean has(PublicKey key, String subject, String proof) throws GeneralSecurityException {
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initVerify(key);
        signature.update(subject.getBytes(StandardCharsets.UTF_8));
        return signature.verify(Base64.getDecoder().decode(proof));
    }

    private byte[] certificate(PublicKey key, String issuer, String subject) {
        var signing = new Signing(sigstore);
        signing.key = new KeyPair(key, null);
        signing.issuer = issuer;
        signing.names = List.of(new GeneralName(GeneralName.uniformResourceIdentifier, subject));
        signing.issued = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        ObjectNode answer = JSON.createObjectNode();
        answer.putObject("signedCertificateEmbeddedSct")
                .putObject("chain")
                .putArray("certificates")
                .add(PrivateSigstore.pem(signing.certificate()))
                .add(PrivateSigstore.pem(sigstore.authority))
                .add(PrivateSigstore.pem(sigstore.root));
        return Signing.bytes(answer);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
