package dev.cleanroom.operator.trust.sigstore;

import static dev.cleanroom.operator.trust.sigstore.PrivateSigstore.base64;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every field of a right bundle is changed and taken away, one at a time: none is accepted, and each for its reason. */
class MutantsTest {
    private static final PrivateSigstore SIGSTORE = new PrivateSigstore();
    private static final Verifying VERIFYING = new Verifying(SIGSTORE);
    private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/]{16,}={0,2}");

    /** Shapes of bundles, between them everything that is verified. */
    enum Shape {
        KEYLESS_V1,
        KEYLESS_V2,
        KEYLESS_MESSAGE,
        KEY_V1;

        Signing signing() {
            var signing = new Signing(SIGSTORE);
            signing.byKey = this == KEY_V1;
            signing.message = this == KEYLESS_MESSAGE;
            if (this == KEYLESS_V2) {
                signing.log = Signing.Log.V2;
                signing.stamped = true;
            }
            return signing;
        }
    }

    /**
     * What is wrong when a field is changed or gone. Two fields decide nothing: the hint, and by key the log's promise
     * where its proof is there.
     */
    private static final Map<String, Set<String>> CODES = Map.ofEntries(
            Map.entry("/dsseEnvelope", Set.of("BundleMalformed")),
            Map.entry("/dsseEnvelope/payload", Set.of("BundleMalformed", "SignatureInvalid")),
            Map.entry("/dsseEnvelope/payloadType", Set.of("BundleMalformed", "SignatureInvalid")),
            Map.entry("/dsseEnvelope/signatures", Set.of("SignatureCountWrong")),
            Map.entry("/dsseEnvelope/signatures/0", Set.of("SignatureCountWrong")),
            Map.entry("/dsseEnvelope/signatures/0/sig", Set.of("BundleMalformed", "SignatureInvalid")),
            Map.entry("/mediaType", Set.of("BundleMalformed", "BundleVersionUnknown")),
            Map.entry("/messageSignature", Set.of("BundleMalformed")),
            Map.entry("/messageSignature/messageDigest", Set.of("BundleMalformed")),
            Map.entry("/messageSignature/messageDigest/algorithm", Set.of("AlgorithmUnsupported", "BundleMalformed")),
            Map.entry("/messageSignature/messageDigest/digest", Set.of("BundleMalformed", "MessageDigestMismatch")),
            Map.entry("/messageSignature/signature", Set.of("BundleMalformed", "SignatureInvalid")),
            Map.entry("/verificationMaterial", Set.of("BundleMalformed")),
            Map.entry("/verificationMaterial/certificate", Set.of("BundleMalformed")),
            Map.entry(
                    "/verificationMaterial/certificate/rawBytes",
                    Set.of("BundleMalformed", "CertificateMalformed", "CertificateUntrusted")),
            Map.entry("/verificationMaterial/publicKey", Set.of("BundleMalformed")),
            Map.entry("/verificationMaterial/publicKey/hint", Set.of("Accepted")),
            Map.entry("/verificationMaterial/timestampVerificationData", Set.of("NoTrustedTime")),
            Map.entry("/verificationMaterial/timestampVerificationData/rfc3161Timestamps", Set.of("NoTrustedTime")),
            Map.entry("/verificationMaterial/timestampVerificationData/rfc3161Timestamps/0", Set.of("NoTrustedTime")),
            Map.entry(
                    "/verificationMaterial/timestampVerificationData/rfc3161Timestamps/0/signedTimestamp",
                    Set.of("BundleMalformed")),
            Map.entry("/verificationMaterial/tlogEntries", Set.of("EntryMissing")),
            Map.entry("/verificationMaterial/tlogEntries/0", Set.of("EntryMissing")),
            Map.entry(
                    "/verificationMaterial/tlogEntries/0/canonicalizedBody",
                    Set.of(
                            "BundleMalformed",
                            "EntryMalformed",
                            "EntryArtifactMismatch",
                            "EntryVerifierMismatch",
                            "EntrySignatureMismatch")),
            Map.entry(
                    "/verificationMaterial/tlogEntries/0/inclusionPromise", Set.of("NoTrustedTime", "Accepted by key")),
            Map.entry(
                    "/verificationMaterial/tlogEntries/0/inclusionPromise/signedEntryTimestamp",
                    Set.of("BundleMalformed", "PromiseInvalid")),
            Map.entry("/verificationMaterial/tlogEntries/0/inclusionProof", Set.of("InclusionProofMissing")),
            Map.entry("/verificationMaterial/tlogEntries/0/inclusionProof/checkpoint", Set.of("CheckpointMissing")),
            Map.entry(
                    "/verificationMaterial/tlogEntries/0/inclusionProof/checkpoint/envelope",
                    Set.of(
                            "BundleMalformed",
                            "CheckpointMalformed",
                            "CheckpointMismatch",
                            "CheckpointNotByLog",
                            "CheckpointSignatureInvalid")),
            Map.entry("/verificationMaterial/tlogEntries/0/inclusionProof/hashes", Set.of("InclusionProofInvalid")),
            Map.entry("/verificationMaterial/tlogEntries/0/inclusionProof/hashes/0", Set.of("InclusionProofInvalid")),
            Map.entry("/verificationMaterial/tlogEntries/0/inclusionProof/logIndex", Set.of("InclusionProofInvalid")),
            Map.entry(
                    "/verificationMaterial/tlogEntries/0/inclusionProof/rootHash",
                    Set.of("BundleMalformed", "InclusionProofInvalid")),
            Map.entry(
                    "/verificationMaterial/tlogEntries/0/inclusionProof/treeSize",
                    Set.of("BundleMalformed", "InclusionProofInvalid")),
            Map.entry("/verificationMaterial/tlogEntries/0/integratedTime", Set.of("PromiseInvalid")),
            Map.entry("/verificationMaterial/tlogEntries/0/kindVersion", Set.of("BundleMalformed")),
            Map.entry(
                    "/verificationMaterial/tlogEntries/0/kindVersion/kind",
                    Set.of("BundleMalformed", "EntryMalformed")),
            Map.entry(
                    "/verificationMaterial/tlogEntries/0/kindVersion/version",
                    Set.of("BundleMalformed", "EntryMalformed")),
            Map.entry("/verificationMaterial/tlogEntries/0/logId", Set.of("BundleMalformed")),
            Map.entry("/verificationMaterial/tlogEntries/0/logId/keyId", Set.of("BundleMalformed", "LogUnknown")),
            Map.entry(
                    "/verificationMaterial/tlogEntries/0/logIndex", Set.of("PromiseInvalid", "InclusionProofInvalid")));

    @ParameterizedTest
    @EnumSource(Shape.class)
    void noFieldCanBeChangedOrTakenAway(Shape shape) {
        Signing signing = shape.signing();
        ObjectNode right = signing.bundle();
        assertThat(VERIFYING.code(signing, right)).isEqualTo("Accepted");
        for (String path : paths(right)) {
            for (ObjectNode mutant : mutants(right, path)) {
                String code = VERIFYING.code(signing, mutant);
                assertThat(CODES.get(path))
                        .as(path)
                        .containsAnyOf(code, shape == Shape.KEY_V1 ? code + " by key" : code);
            }
        }
    }

    private static List<String> paths(JsonNode node) {
        var paths = new ArrayList<String>();
        if (node.isObject()) {
            for (var field : node.properties()) {
                paths.add("/" + field.getKey());
                paths(field.getValue()).forEach(path -> paths.add("/" + field.getKey() + path));
            }
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                paths.add("/" + i);
                for (String path : paths(node.get(i))) {
                    paths.add("/" + i + path);
                }
            }
        }
        return paths;
    }

    private static List<ObjectNode> mutants(ObjectNode right, String path) {
        var mutants = new ArrayList<ObjectNode>();
        int slash = path.lastIndexOf('/');
        String name = path.substring(slash + 1);
        ObjectNode without = right.deepCopy();
        if (without.at(path.substring(0, slash)) instanceof ArrayNode list) {
            list.remove(Integer.parseInt(name));
        } else {
            ((ObjectNode) without.at(path.substring(0, slash))).remove(name);
        }
        mutants.add(without);
        JsonNode value = right.at(path);
        // A timestamp has parts nobody signs: they are tried byte by byte below.
        if (value.isTextual() && !name.equals("signedTimestamp")) {
            for (String changed : changed(value.textValue())) {
                ObjectNode mutant = right.deepCopy();
                if (mutant.at(path.substring(0, slash)) instanceof ArrayNode list) {
                    list.set(Integer.parseInt(name), changed);
                } else {
                    ((ObjectNode) mutant.at(path.substring(0, slash))).put(name, changed);
                }
                mutants.add(mutant);
            }
        }
        return mutants;
    }

    /** A bit at the start, in the middle and at the end; a number is one more. */
    private static List<String> changed(String text) {
        if (text.matches("[0-9]+")) {
            return List.of(String.valueOf(Long.parseLong(text) + 1));
        }
        var all = new ArrayList<String>();
        if (BASE64.matcher(text).matches()) {
            int length = Base64.getDecoder().decode(text).length;
            for (int at : List.of(0, length / 2, length - 1)) {
                byte[] bytes = Base64.getDecoder().decode(text);
                bytes[at] ^= 1;
                all.add(base64(bytes));
            }
        } else {
            int at = text.length() / 2;
            all.add(text.substring(0, at) + (text.charAt(at) == 'x' ? 'y' : 'x') + text.substring(at + 1));
        }
        return all;
    }

    /** Byte by byte, what is DER inside: no mutant passes, and none brings the verifier down. */
    @ParameterizedTest
    @EnumSource(
            value = Shape.class,
            names = {"KEYLESS_V2", "KEYLESS_V1"})
    void noByteOfCertificateOrTimestampCanBeChanged(Shape shape) {
        Signing signing = shape.signing();
        ObjectNode right = signing.bundle();
        Verdict unchanged = VERIFYING.verdict(signing, right);
        var pointers = new ArrayList<>(List.of("/verificationMaterial/certificate"));
        if (signing.stamped) {
            pointers.add("/verificationMaterial/timestampVerificationData/rfc3161Timestamps/0");
        }
        for (String pointer : pointers) {
            String field = pointer.endsWith("certificate") ? "rawBytes" : "signedTimestamp";
            byte[] bytes =
                    Base64.getDecoder().decode(right.at(pointer).path(field).textValue());
            for (int i = 0; i < bytes.length; i++) {
                ObjectNode mutant = right.deepCopy();
                byte[] changed = bytes.clone();
                changed[i] ^= (byte) (1 << (i % 8));
                ((ObjectNode) mutant.at(pointer)).put(field, base64(changed));
                Verdict verdict = VERIFYING.verdict(signing, mutant);
                if (field.equals("signedTimestamp") && verdict instanceof Verdict.Accepted) {
                    // What nobody signs, such as a text beside the status; it must not say anything else.
                    assertThat(verdict).as("byte %d", i).isEqualTo(unchanged);
                } else {
                    assertThat(verdict).as("byte %d of %s", i, field).isInstanceOf(Verdict.Rejected.class);
                }
            }
        }
    }

    @Test
    void noPrefixOfABundleIsABundle() {
        Signing signing = Shape.KEYLESS_V2.signing();
        byte[] bytes = Signing.bytes(signing.bundle());
        for (int length = 0; length < bytes.length; length += 7) {
            assertThat(VERIFYING.code(signing, Arrays.copyOf(bytes, length)))
                    .isEqualTo(RejectionCode.BundleMalformed.name());
        }
    }
}
