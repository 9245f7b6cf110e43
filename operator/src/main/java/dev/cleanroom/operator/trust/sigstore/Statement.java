package dev.cleanroom.operator.trust.sigstore;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cleanroom.operator.trust.sigstore.Expectation.Purpose;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * An in-toto statement (in-toto/attestation, spec v1, Statement; v0.1 has the same fields).
 *
 * @param predicate an object, or missing: signatures by cosign 3.0.0 to 3.0.4 have none
 */
public record Statement(String predicateType, JsonNode predicate) {
    public static final String PAYLOAD_TYPE = "application/vnd.in-toto+json";

    static final int MAX_SUBJECTS = 1000;

    /** The most subjects that a message shows. */
    private static final int MOST_SHOWN = 2;

    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    static final Set<String> TYPES = Set.of("https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1");

    /**
     * Parses a payload whose signature is valid. The artifact must be one of its subjects by SHA-256; no other digest
     * counts.
     */
    public static Statement parse(SignedContent.Envelope envelope, Artifact artifact) throws Refusal {
        if (!envelope.payloadType().equals(PAYLOAD_TYPE)) {
            throw Refusal.rejected(
                    RejectionCode.PayloadTypeUnexpected,
                    "the payload's type is " + Refusal.quote(envelope.payloadType()) + ", and must be " + PAYLOAD_TYPE);
        }
        Json statement = Json.parse(envelope.payload(), "statement", Statement::malformed);
        String type = statement.text("_type");
        if (!TYPES.contains(type)) {
            throw Refusal.rejected(
                    RejectionCode.StatementTypeUnknown,
                    "the statement's _type " + Refusal.quote(type) + " is not supported");
        }
        List<String> subjects = new ArrayList<>();
        for (Json subject : statement.objects("subject", MAX_SUBJECTS)) {
            subject.object("digest").optionalText("sha256").ifPresent(subjects::add);
        }
        if (!subjects.contains(artifact.hex())) {
            throw Refusal.rejected(
                    RejectionCode.SubjectMismatch,
                    "the statement is not about sha256:" + artifact.hex() + " but about " + shown(subjects));
        }
        JsonNode predicate = statement.node().path("predicate");
        if (!predicate.isObject() && !predicate.isMissingNode() && !predicate.isNull()) {
            throw malformed("predicate is not an object");
        }
        return new Statement(statement.text("predicateType"), predicate);
    }

    private static String shown(List<String> subjects) {
        List<String> digests =
                subjects.stream().filter(SHA256.asMatchPredicate()).distinct().toList();
        return digests.isEmpty()
                ? "artifacts without a SHA-256"
                : digests.stream()
                                .limit(MOST_SHOWN)
                                .map(digest -> "sha256:" + digest)
                                .collect(Collectors.joining(", "))
                        + (digests.size() > MOST_SHOWN ? " and " + (digests.size() - MOST_SHOWN) + " more" : "");
    }

    public void mustServe(Purpose purpose) throws Refusal {
        String wanted = switch (purpose) {
            case Purpose.ImageSignature() -> Purpose.ImageSignature.PREDICATE_TYPE;
            case Purpose.Attestation(var type) -> type;
            case Purpose.Anything() -> predicateType;
        };
        if (!predicateType.equals(wanted)) {
            throw Refusal.rejected(
                    RejectionCode.PredicateTypeUnexpected,
                    "the statement's predicateType is " + Refusal.quote(predicateType) + ", and must be " + wanted);
        }
    }

    private static Refusal malformed(String message) {
        return Refusal.rejected(RejectionCode.StatementMalformed, "the statement is malformed: " + message);
    }
}
