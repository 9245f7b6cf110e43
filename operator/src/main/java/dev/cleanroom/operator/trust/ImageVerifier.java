package dev.cleanroom.operator.trust;

import dev.cleanroom.operator.trust.ExpiringAnswers.Answer;
import dev.cleanroom.operator.trust.ImageRequest.Tenant;
import dev.cleanroom.operator.trust.policy.Denials;
import dev.cleanroom.operator.trust.policy.PolicyCode;
import dev.cleanroom.operator.trust.policy.PolicySet;
import dev.cleanroom.operator.trust.policy.Tally;
import dev.cleanroom.operator.trust.registry.Descriptor;
import dev.cleanroom.operator.trust.registry.Digest;
import dev.cleanroom.operator.trust.registry.FailureCode;
import dev.cleanroom.operator.trust.registry.ImageReference;
import dev.cleanroom.operator.trust.registry.Manifest;
import dev.cleanroom.operator.trust.registry.Platform;
import dev.cleanroom.operator.trust.registry.Registries;
import dev.cleanroom.operator.trust.registry.RegistryAnswer;
import dev.cleanroom.operator.trust.registry.RegistryClient;
import dev.cleanroom.operator.trust.registry.Repository;
import dev.cleanroom.operator.trust.sigstore.Artifact;
import dev.cleanroom.operator.trust.sigstore.UnresolvedCode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Resolves an image reference to a verified digest, in these steps:
 *
 * <ol>
 *   <li>An image that is denied by digest, that no policy matches, or that an unusable policy may match, is decided
 *       without asking the registry.
 *   <li>The reference is resolved once. From then on only the digest is used.
 *   <li>From an index, the image for the wanted platform is chosen. The index is what is verified: its bytes name the
 *       image.
 *   <li>The proofs attached to the digest are read, and every matching policy must accept the image.
 * </ol>
 *
 * Each answer is kept for a limited time, for its policies, its tenant and the suspects that were known. A request contains
 * the policies of its moment, so after a policy has changed no earlier answer is used.
 */
public final class ImageVerifier implements ImageTrust {
    /** How many answers are kept. */
    static final int MOST_ANSWERS = 10_000;

    static final Duration ACCEPTED_IS_VALID = Duration.ofHours(1);

    /** How long a tag is assumed to refer to the same digest. */
    static final Duration TAG_IS_VALID = Duration.ofMinutes(5);

    static final Duration REJECTED_IS_VALID = Duration.ofMinutes(1);
    static final Duration ASKED_AGAIN_AFTER = Duration.ofSeconds(15);

    private final Tenants tenants;
    private final Clock clock;
    private final ExpiringAnswers<Question, ImageDecision> decisions;
    private final ExpiringAnswers<DigestQuestion, Concluded> conclusions;
    private final Consumer<ImageDecision> decided;
    private final Turns turns = new Turns();
    private final ProofReader.Limits limits;

    private record Question(String reference, @Nullable String platform, Scope scope) {}

    private record DigestQuestion(Repository repository, Digest digest, Scope scope) {}

    /** @param until when the conclusion expires; a decision that uses it must not be kept longer */
    private record Concluded(Tally.Conclusion conclusion, Instant until) {}

    /** @param tenant empty when no credentials are used, so that all tenants without credentials share the answer */
    private record Scope(String policies, Optional<Tenant> tenant, Set<String> suspects) {}

    /**
     * @param executor runs work that blocks, each task in its own thread
     * @param decided called with each decision for which a registry was asked
     */
    public ImageVerifier(
            Registries registries,
            PullSecretSource secrets,
            Clock clock,
            Executor executor,
            Consumer<ImageDecision> decided) {
        this.decided = decided;
        this.tenants = new Tenants(registries, secrets, clock);
        this.clock = clock;
        this.decisions = new ExpiringAnswers<>(MOST_ANSWERS, clock, executor);
        this.limits = ProofReader.Limits.with(clock);
        this.conclusions = new ExpiringAnswers<>(MOST_ANSWERS, clock, Runnable::run);
    }

    @Override
    public CompletableFuture<ImageDecision> decide(ImageRequest request) {
        return switch (ImageReference.parse(request.reference())) {
            case RegistryAnswer.Failed<ImageReference> failed ->
                CompletableFuture.completedFuture(
                        new ImageDecision.Rejected(failed.code().name(), failed.message(), Set.of()));
            case RegistryAnswer.Found<ImageReference>(ImageReference reference) ->
                withoutRegistry(reference, request.policies())
                        .map(CompletableFuture::completedFuture)
                        .orElseGet(() -> decisions
                                .get(question(reference, request), () -> reported(answered(reference, request)))
                                .exceptionally(ImageVerifier::failed));
        };
    }

    /** After an unexpected exception nothing is decided: the image does not run, and it is tried again. */
    private static ImageDecision failed(Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        return new ImageDecision.Unresolved(
                UnresolvedCode.VerifierFailed.name(),
                "the verification failed with " + cause.getClass().getName()
                        + ", which is a bug in Cleanroom: please report it");
    }

    private static Question question(ImageReference reference, ImageRequest request) {
        return new Question(reference.toString(), request.platform(), scope(request));
    }

    private static Scope scope(ImageRequest request) {
        return new Scope(
                request.policies().fingerprint(),
                Optional.of(request.tenant()).filter(Tenant::hasSecrets),
                request.suspects());
    }

    private static Optional<ImageDecision> withoutRegistry(ImageReference reference, PolicySet policies) {
        Optional<ImageDecision> denied =
                Optional.ofNullable(reference.digest()).flatMap(digest -> denied(digest, policies.denials()));
        if (denied.isPresent()) {
            return denied;
        }
        Optional<PolicySet.Unusable> unusable = policies.unusableMatching(reference.repository());
        if (unusable.isPresent()) {
            return Optional.of(new ImageDecision.Unresolved(
                    PolicyCode.PolicyUnusable.name(),
                    "policy " + unusable.get().name() + " matches this image and cannot be used: "
                            + unusable.get().message()));
        }
        if (policies.matching(reference.repository()).isEmpty()) {
            return Optional.of(new ImageDecision.Rejected(
                    PolicyCode.NoMatchingPolicy.name(),
                    "no TrustPolicy matches " + reference.repository()
                            + ", and an image that no policy matches does not run; an administrator can add it to"
                            + " spec.images of a policy: kubectl get tpol",
                    Set.of()));
        }
        return Optional.empty();
    }

    private static Optional<ImageDecision> denied(Digest digest, Denials denials) {
        return denials.deniedBy(digest)
                .map(policy -> new ImageDecision.Rejected(
                        PolicyCode.DigestDenied.name(),
                        "policy " + policy.name() + " denies " + digest,
                        Set.of(policy)));
    }

    private Answer<ImageDecision> reported(Answer<ImageDecision> answer) {
        decided.accept(answer.value());
        return answer;
    }

    /**
     * An exception also becomes an answer that is kept for a time. Otherwise the reconcile that it wakes would ask
     * again at once, without end.
     */
    private Answer<ImageDecision> answered(ImageReference reference, ImageRequest request) {
        try {
            return turns.take(request.tenant().namespace(), () -> judged(reference, request));
        } catch (RuntimeException | Error e) {
            return new Answer<>(failed(e), ASKED_AGAIN_AFTER);
        }
    }

    private Answer<ImageDecision> judged(ImageReference reference, ImageRequest request) {
        return switch (tenants.access(request.tenant())) {
            case Tenants.Access.Missing(var why) -> new Answer<>(why, ASKED_AGAIN_AFTER);
            case Tenants.Access.Granted(var registry) -> judged(registry, reference, request);
        };
    }

    private Answer<ImageDecision> judged(RegistryClient registry, ImageReference reference, ImageRequest request) {
        return switch (registry.manifest(reference)) {
            case RegistryAnswer.Failed<Manifest> failed -> unresolved(failed, reference);
            case RegistryAnswer.Found<Manifest>(Manifest manifest) -> {
                Optional<ImageDecision> denied =
                        denied(manifest, request.policies().denials());
                if (denied.isPresent()) {
                    yield new Answer<>(denied.get(), REJECTED_IS_VALID);
                }
                yield switch (running(registry, reference, manifest, request.platform())) {
                    case RegistryAnswer.Failed<Digest> failed -> unresolved(failed, reference);
                    case RegistryAnswer.Found<Digest>(Digest running) ->
                        decided(registry, reference, manifest, running, request);
                };
            }
        };
    }

    /** For an index, every image in it is checked, because it is not known which one a node would choose. */
    private static Optional<ImageDecision> denied(Manifest manifest, Denials denials) {
        Optional<ImageDecision> whole = denied(manifest.digest(), denials);
        if (whole.isPresent() || !(manifest instanceof Manifest.Index index)) {
            return whole;
        }
        return index.manifests().stream()
                .map(Descriptor::digest)
                .map(digest -> denied(digest, denials))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static RegistryAnswer<Digest> running(
            RegistryClient registry, ImageReference reference, Manifest manifest, @Nullable String platform) {
        if (!(manifest instanceof Manifest.Index index)) {
            return new RegistryAnswer.Found<>(manifest.digest());
        }
        if (index.hasIndex()) {
            return new RegistryAnswer.Failed<>(
                    FailureCode.MediaTypeRefused,
                    "the index lists another index, so it is not known which image a node would run; refer to an image"
                            + " or to an index of images",
                    Optional.empty());
        }
        if (platform == null) {
            return new RegistryAnswer.Found<>(index.digest());
        }
        return switch (registry.choose(reference.repository(), index, Platform.parse(platform))) {
            case RegistryAnswer.Failed<Manifest.Image>(var code, var message, var retryAfter) ->
                new RegistryAnswer.Failed<>(code, message, retryAfter);
            case RegistryAnswer.Found<Manifest.Image>(Manifest.Image image) ->
                new RegistryAnswer.Found<>(image.digest());
        };
    }

    private Answer<ImageDecision> decided(
            RegistryClient registry,
            ImageReference reference,
            Manifest manifest,
            Digest running,
            ImageRequest request) {
        Digest verified = manifest.digest();
        var question = new DigestQuestion(reference.repository(), verified, scope(request));
        Concluded concluded = conclusions
                .get(question, () -> concluded(registry, question, manifest, request.policies()))
                .join();
        Duration left = Duration.between(clock.instant(), concluded.until());
        return switch (concluded.conclusion()) {
            case Tally.Conclusion.Accepted(List<Tally.Acceptance> policies, var until) ->
                new Answer<>(
                        new ImageDecision.Accepted(new VerifiedImage(reference.repository(), running, policies)),
                        reference.digest() == null ? Collections.min(List.of(TAG_IS_VALID, left)) : left);
            case Tally.Conclusion.Rejected(var code, var message, var by) ->
                new Answer<>(new ImageDecision.Rejected(code, message, by), left);
            case Tally.Conclusion.Unresolved(var code, var message) ->
                new Answer<>(new ImageDecision.Unresolved(code, verified + ": " + message), left);
        };
    }

    private Answer<Concluded> concluded(
            RegistryClient registry, DigestQuestion question, Manifest manifest, PolicySet policies) {
        var tally = new Tally(
                policies.matching(question.repository()),
                policies.denials(),
                question.repository(),
                Artifact.ofDigest(question.digest().toString()),
                clock);
        Optional<Tally.Unread> unread =
                new ProofReader(registry, question.repository(), question.digest(), tally, limits).read();
        Tally.Conclusion conclusion =
                new ProofsElsewhere(registry, question.repository()).explained(tally, tally.conclude(unread), manifest);
        Instant now = clock.instant();
        Duration validFor = switch (conclusion) {
            case Tally.Conclusion.Accepted accepted ->
                accepted.until()
                        .map(until -> Collections.min(List.of(ACCEPTED_IS_VALID, Duration.between(now, until))))
                        .orElse(ACCEPTED_IS_VALID);
            case Tally.Conclusion.Rejected rejected -> REJECTED_IS_VALID;
            case Tally.Conclusion.Unresolved unresolved -> ASKED_AGAIN_AFTER;
        };
        return new Answer<>(new Concluded(conclusion, now.plus(validFor)), validFor);
    }

    private static <T> Answer<ImageDecision> unresolved(RegistryAnswer.Failed<T> failed, ImageReference reference) {
        return new Answer<>(
                new ImageDecision.Unresolved(failed.code().name(), reference + ": " + failed.message()),
                // A registry cannot ask for a retry sooner than this.
                failed.retryAfter()
                        .filter(time -> time.compareTo(ASKED_AGAIN_AFTER) > 0)
                        .orElse(ASKED_AGAIN_AFTER));
    }
}
