package dev.cleanroom.operator.trust.sigstore;

import static dev.cleanroom.operator.trust.sigstore.PrivateSigstore.JSON;
import static dev.cleanroom.operator.trust.sigstore.PrivateSigstore.base64;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;

/**
 * The transparency logs of a {@link PrivateSigstore}, as Rekor v1 and v2 take entries in (sigstore/rekor, openapi.yaml;
 * sigstore/rekor-tiles, rekor_service.proto).
 */
final class LogServer implements AutoCloseable {
    private static final long INDEX = 1001;

    private final PrivateSigstore sigstore;
    private final HttpServer server;

    LogServer(PrivateSigstore sigstore) {
        this.sigstore = sigstore;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/api/v1/log/entries", this::take);
        server.createContext("/api/v2/log/entries", this::takeV2);
        server.start();
    }

    String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void take(HttpExchange exchange) throws IOException {
        byte[] body = Signing.bytes(entry(JSON.readTree(exchange.getRequestBody())));
        ObjectNode entry = answer(body, Instant.now().getEpochSecond());
        // Clients look their entry up by it.
        exchange.getResponseHeaders().add("ETag", entry.fieldNames().next());
        answer(exchange, entry);
    }

    private void takeV2(HttpExchange exchange) throws IOException {
        JsonNode proposed = JSON.readTree(exchange.getRequestBody()).path("hashedRekordRequestV002");
        ObjectNode body = JSON.createObjectNode().put("apiVersion", "0.0.2").put("kind", "hashedrekord");
        ObjectNode spec = body.putObject("spec").putObject("hashedRekordV002");
        spec.putObject("data").put("algorithm", "SHA2_256").set("digest", proposed.path("digest"));
        // In the order of RFC 8785, as clients take what the log has for written.
        ObjectNode signature = spec.putObject("signature");
        signature.set("content", proposed.at("/signature/content"));
        JsonNode by = proposed.at("/signature/verifier");
        signature
                .putObject("verifier")
                .put("keyDetails", by.path("keyDetails").asText())
                .set("x509Certificate", by.path("x509Certificate"));
        byte[] bytes = Signing.bytes(body);
        ObjectNode entry = JSON.createObjectNode().put("logIndex", "1");
        entry.putObject("logId").put("keyId", base64(PrivateSigstore.id(sigstore.logV2Key)));
        entry.putObject("kindVersion").put("kind", "hashedrekord").put("version", "0.0.2");
        entry.set("inclusionProof", sigstore.proof(bytes, true));
        answer(exchange, entry.put("canonicalizedBody", base64(bytes)));
    }

    private static void answer(HttpExchange exchange, ObjectNode entry) throws IOException {
        byte[] answer = Signing.bytes(entry);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(201, answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }

    /** What is kept of what was proposed: of an envelope its hashes and signatures. */
    private static ObjectNode entry(JsonNode proposed) throws IOException {
        if (!proposed.path("kind").asText().equals("dsse")) {
            return (ObjectNode) proposed;
        }
        JsonNode content = proposed.at("/spec/proposedContent");
        String text = content.path("envelope").asText();
        JsonNode envelope = JSON.readTree(text);
        ObjectNode entry = JSON.createObjectNode().put("apiVersion", "0.0.1").put("kind", "dsse");
        ObjectNode spec = entry.putObject("spec");
        hash(spec.putObject("envelopeHash"), text.getBytes(StandardCharsets.UTF_8));
        hash(
                spec.putObject("payloadHash"),
                Base64.getDecoder().decode(envelope.path("payload").asText()));
        spec.putArray("signatures")
                .addObject()
                .put("signature", envelope.at("/signatures/0/sig").asText())
                .put("verifier", content.at("/verifiers/0").asText());
        return entry;
    }

    private static void hash(ObjectNode hash, byte[] content) {
        hash.put("algorithm", "sha256").put("value", HexFormat.of().formatHex(HashAlgorithm.SHA2_256.hash(content)));
    }

    private ObjectNode answer(byte[] body, long time) {
        ObjectNode answer = JSON.createObjectNode();
        byte[] leaf = HashAlgorithm.SHA2_256.hash(PrivateSigstore.concat(new byte[] {0}, body));
        ObjectNode entry = answer.putObject(HexFormat.of().formatHex(leaf));
        entry.put("body", base64(body))
                .put("integratedTime", time)
                .put("logID", HexFormat.of().formatHex(PrivateSigstore.id(sigstore.logKey)))
                .put("logIndex", INDEX);
        ObjectNode verification = entry.putObject("verification");
        verification.put("signedEntryTimestamp", base64(sigstore.promise(body, time, INDEX)));
        ObjectNode proven = sigstore.proof(body, false);
        ObjectNode proof = verification.putObject("inclusionProof");
        proof.put("logIndex", proven.path("logIndex").asLong())
                .put("treeSize", proven.path("treeSize").asLong());
        proof.put("rootHash", hex(proven.path("rootHash")))
                .put("checkpoint", proven.at("/checkpoint/envelope").asText());
        proof.putArray("hashes").add(hex(proven.at("/hashes/0")));
        return answer;
    }

    private static String hex(JsonNode base64) {
        return HexFormat.of().formatHex(Base64.getDecoder().decode(base64.asText()));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
