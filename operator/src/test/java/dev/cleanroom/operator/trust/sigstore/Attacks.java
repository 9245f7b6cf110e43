package dev.cleanroom.operator.trust.sigstore;

import static dev.cleanroom.operator.trust.sigstore.PrivateSigstore.base64;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.operator.trust.sigstore.Expectation.Purpose;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * What the tests of attacks share: a private Sigstore signs what the attacker wants signed. The attacker holds whatever
 * the attack says, and signs again what was changed, so that nothing but the attack is wrong. docs/trust-attacks.md has
 * the list, with the code each is refused with.
 */
abstract class Attacks {
    static final String V1 = "https://in-toto.io/Statement/v1";
    static final String SIGN = Purpose.ImageSignature.PREDICATE_TYPE;
    static final String OTHER = "0".repeat(64);
    static final String ENTRY = "/verificationMaterial/tlogEntries/0";

    final PrivateSigstore sigstore = new PrivateSigstore();

    Signing with(Consumer<Signing> attack) {
        var signing = new Signing(sigstore);
        attack.accept(signing);
        return signing;
    }

    String code(Consumer<Signing> attack) {
        return new Verifying(sigstore).code(with(attack));
    }

    /** A statement with these subjects. */
    String subjects(String subjects) {
        return code(signing -> signing.payload = Signing.statement(V1, subjects, SIGN, "{}"));
    }

    String payload(String payload) {
        return code(signing -> signing.payload = payload.getBytes(StandardCharsets.UTF_8));
    }

    String tampered(Consumer<Signing> attack, Consumer<ObjectNode> tampering) {
        Signing signing = with(attack);
        ObjectNode bundle = signing.bundle();
        tampering.accept(bundle);
        return new Verifying(sigstore).code(signing, bundle);
    }

    static ObjectNode at(ObjectNode bundle, String pointer) {
        return (ObjectNode) bundle.at(pointer);
    }

    static void right(Signing signing) {}

    static void v2(Signing signing) {
        signing.log = Signing.Log.V2;
        signing.stamped = true;
    }

    static void chain(ObjectNode bundle, PrivateSigstore theirs) {
        try {
            bundle.put("mediaType", "application/vnd.dev.sigstore.bundle+json;version=0.2");
            ObjectNode material = at(bundle, "/verificationMaterial");
            var leaf = material.remove("certificate");
            ArrayNode chain = material.putObject("x509CertificateChain").putArray("certificates");
            chain.add(leaf);
            chain.addObject().put("rawBytes", base64(theirs.root.getEncoded()));
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The result with a trust root that was changed. */
    String root(Signing signing, Consumer<ObjectNode> change) {
        ObjectNode json = sigstore.trustRootJson();
        change.accept(json);
        return Verifying.code(Refusal.toResult(() -> new BundleVerifier(
                        Optional.of(TrustRoot.parse(Signing.bytes(json))), new Verifying(sigstore).clock())
                .verify(Signing.bytes(signing.bundle()), Signing.IMAGE, Verifying.expected(signing))));
    }

    /** The log took in an entry with another value. */
    String entry(Consumer<Signing> shape, String pointer, String field, String value) {
        return code(signing -> {
            shape.accept(signing);
            signing.entry = body -> {
                at(body, pointer).put(field, value);
                return body;
            };
        });
    }

    String checkpoint(UnaryOperator<String> change) {
        return tampered(Attacks::right, bundle -> {
            ObjectNode checkpoint = at(bundle, ENTRY + "/inclusionProof/checkpoint");
            checkpoint.put("envelope", change.apply(checkpoint.path("envelope").asText()));
        });
    }
}
