package dev.cleanroom.operator.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.cleanroom.operator.trust.ImageDecision;
import dev.cleanroom.operator.trust.VerifiedImage;
import dev.cleanroom.operator.trust.policy.Tally;
import dev.cleanroom.operator.trust.registry.FailureCode;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A decision as it is printed. Fields that do not apply are null, and absent from JSON.
 *
 * @param reference as it was given
 * @param pinned the reference that a pod would run
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({"outcome", "reference", "pinned", "digest", "code", "message", "policies"})
record ImageReport(
        Outcome outcome,
        String reference,
        @Nullable String pinned,
        @Nullable String digest,
        @Nullable String code,
        @Nullable String message,
        @Nullable List<AcceptedBy> policies) {

    /** Each with an exit code, so that a script can distinguish a rejected image from an unavailable registry. */
    enum Outcome {
        Accepted(0),
        Rejected(1),
        Unresolved(3);

        private final int exitCode;

        Outcome(int exitCode) {
            this.exitCode = exitCode;
        }

        int exitCode() {
            return exitCode;
        }
    }

    /** @param generation null if the policy in the file has none, because it is not from a cluster */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonPropertyOrder({"name", "generation", "signers"})
    record AcceptedBy(String name, @Nullable Long generation, List<String> signers) {
        static AcceptedBy of(Tally.Acceptance acceptance) {
            long generation = acceptance.policy().generation();
            return new AcceptedBy(
                    acceptance.policy().name(),
                    generation == PolicyFiles.NOT_STORED ? null : generation,
                    acceptance.signers());
        }

        private String line() {
            return "policy " + name + ": signed by " + String.join(", ", signers);
        }
    }

    static ImageReport of(String reference, ImageDecision decision) {
        return switch (decision) {
            case ImageDecision.Accepted(VerifiedImage image) ->
                new ImageReport(
                        Outcome.Accepted,
                        reference,
                        image.pinned(),
                        image.digest(),
                        null,
                        null,
                        image.policies().stream().map(AcceptedBy::of).toList());
            case ImageDecision.Rejected(String code, String message, var by) ->
                new ImageReport(Outcome.Rejected, reference, null, null, code, message, null);
            case ImageDecision.Unresolved(String code, String message) ->
                new ImageReport(Outcome.Unresolved, reference, null, null, code, message, null);
        };
    }

    String json() {
        try {
            return JsonMapper.builder()
                    .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                    .build()
                    .writerWithDefaultPrettyPrinter()
                    .writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    List<String> lines() {
        Stream<String> lines = policies == null
                ? Stream.of(
                        outcome + "  " + code,
                        String.valueOf(message),
                        "Cause and remedy of " + code + ": " + explainedIn(String.valueOf(code)))
                : Stream.concat(
                        Stream.of(outcome + "  " + pinned), policies.stream().map(AcceptedBy::line));
        return lines.map(ImageReport::printable).toList();
    }

    private static String explainedIn(String code) {
        boolean ofTheRegistry =
                Stream.of(FailureCode.values()).map(FailureCode::name).anyMatch(code::equals);
        return ofTheRegistry ? "docs/registry.md" : "docs/verification.md";
    }

    /** Replaces everything that could move the cursor or break the line; files and registries may be hostile. */
    static String printable(String text) {
        return text.replaceAll("[\\p{Cntrl}\\p{Cf}\\u0080-\\u009f\\u2028\\u2029]", "?");
    }
}
