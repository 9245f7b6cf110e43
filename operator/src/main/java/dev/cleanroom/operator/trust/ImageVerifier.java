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
import dev.cleanroom.operator.trust.registry.Outcome;
import dev.cleanroom.operator.trust.registry.Platform;
import dev.cleanroom.operator.trust.registry.Registries;
import dev.cleanroom.operator.trust.registry.RegistryClient;
import dev.cleanroom.operator.trust.registry.Repository;
import dev.cleanroom.operator.trust.sigstore.Artifact;
import dev.cleanroom.operator.trust.sigstore.UnresolvedCode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Image reference to verified digest. In this order:
 *
 * <ol>
 *   <li>What is denied by its digest, what no policy is about, and what an unusable policy may be about, is decided without
 *       asking a registry.
 *   <li>The reference is resolved, once; from here on there is only the digest.
 *   <li>Of an index, the image of the wanted platform is chosen; what is verified is the index, whose bytes name the image.
 *   <li>What is attached to the digest is read, and every policy about the image must accept.
 * </ol>
 *
 * Each answer holds for a while, for its policies, its tenant and the suspects that were known; the policies of a request
 * are those of its moment, so a change of one is never answered with what was true before.
 */
public final class ImageVerifier implements ImageTrust {
    /** Answers that are kept. */
    static final int MOST_ANSWERS = 10_000;

    static final Duration ACCEPTED_IS_VALID = Duration.ofHours(1);

    /** For how long a tag is taken to mean what it meant. */
    static final Duration TAG_IS_VALID = Duration.ofMinutes(5);

    static final Duration REJECTED_IS_VALID = Duration.ofMinutes(1);
    static final Duration ASKED_AGAIN_AFTER = Duration.ofSeconds(15);

    private final Tenants tenants;
    private final Clock clock;
    private final ExpiringAnswers<Question, ImageDecision> decisions;
    private final ExpiringAnswers<Evidence, Concluded> conclusions;
    private final Consumer<ImageDecision> decided;
    private final Turns turns = new Turns();
    private final EvidenceReader.Limits limits;

    private record Question(String reference, @Nullable String platform, Scope scope) {}

    private record Evidence(Repository repository, Digest digest, Scope scope) {}

    /** @param until when it ceases to be an answer: what rests on it must not last longer */
    private record Concluded(Tally.Conclusion conclusion, Instant until) {}

    /**
     * Whose answer it is.
     *
     * @param tenant empty where nobody's credentials are used: then the answer is everybody's
     * @param suspects none for most; the first who knows of one more asks again, and no clocks are compared
     */
    private record Scope(String policies, Optional<Tenant> tenant, Set<String> suspects) {}

    /**
     * @param executor for work that blocks: a thread each
     * @param decided told of each decision that took a registry
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
        this.limits = EvidenceReader.Limits.with(clock);
        this.conclusions = new ExpiringAnswers<>(MOST_ANSWERS, clock, Runnable::run);
    }

    @Override
    public CompletableFuture<ImageDecision> decide(ImageRequest request) {
        return switch (ImageReference.parse(request.reference())) {
            case Outcome.Failed<ImageReference> failed ->
                now(new ImageDecision.Rejected(failed.code().name(), failed.message(), Set.of()));
            case Outcome.Found<ImageReference>(ImageReference reference) ->
                withoutRegistry(reference, request.policies())
                        .map(ImageVerifier::now)
                        .orElseGet(() -> decisions
                                .get(question(reference, request), () -> told(answered(reference, request)))
                                .exceptionally(ImageVerifier::failed));
        };
    }

    private static CompletableFuture<ImageDecision> now(ImageDecision decision) {
        return CompletableFuture.completedFuture(decision);
    }

    /** A fault of ours is nothing decided: closed, told, and asked again. */
    private static ImageDecision failed(Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        return new ImageDecision.Unresolved(
                UnresolvedCode.VerifierFailed.name(),
                "the verifier failed: " + cause.getClass().getName());
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
        Optional<PolicySet.Unusable> unusable = policies.unusableAbout(reference.repository());
        if (unusable.isPresent()) {
            return Optional.of(new ImageDecision.Unresolved(
                    PolicyCode.PolicyUnusable.name(),
                    "policy " + unusable.get().name() + " is about this image and cannot be used: "
                            + unusable.get().message()));
        }
        if (policies.about(reference.repository()).isEmpty()) {
            return Optional.of(new ImageDecision.Rejected(
                    PolicyCode.NoMatchingPolicy.name(),
                    "no TrustPolicy is about " + reference.repository()
                            + ", and what nobody vouches for does not run; an administrator lists what there is with:"
                            + " kubectl get tpol",
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

    private Answer<ImageDecision> told(Answer<ImageDecision> answer) {
        decided.accept(answer.value());
        return answer;
    }

    /** A fault is an answer too, for a while: who waits for it is woken by it, asks again, and would be at it for ever. */
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
            case Outcome.Failed<Manifest> failed -> unresolved(failed, reference);
            case Outcome.Found<Manifest>(Manifest manifest) -> {
                Optional<ImageDecision> denied =
                        denied(manifest, request.policies().denials());
                if (denied.isPresent()) {
                    yield new Answer<>(denied.get(), REJECTED_IS_VALID);
                }
                yield switch (running(registry, reference, manifest, request.platform())) {
                    case Outcome.Failed<Digest> failed -> unresolved(failed, reference);
                    case Outcome.Found<Digest>(Digest running) ->
                        decided(registry, reference, manifest.digest(), running, request);
                };
            }
        };
    }

    /** Of an index, every image: which one a node would choose is not known here. */
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

    private static Outcome<Digest> running(
            RegistryClient registry, ImageReference reference, Manifest manifest, @Nullable String platform) {
        if (!(manifest instanceof Manifest.Index index)) {
            return new Outcome.Found<>(manifest.digest());
        }
        if (index.hasIndex()) {
            return new Outcome.Failed<>(
                    FailureCode.MediaTypeRefused,
                    "an index lists another index: what a node would take from that is not looked at",
                    Optional.empty());
        }
        if (platform == null) {
            return new Outcome.Found<>(index.digest());
        }
        return switch (registry.choose(reference.repository(), index, Platform.parse(platform))) {
            case Outcome.Failed<Manifest.Image>(var code, var message, var retryAfter) ->
                new Outcome.Failed<>(code, message, retryAfter);
            case Outcome.Found<Manifest.Image>(Manifest.Image image) -> new Outcome.Found<>(image.digest());
        };
    }

    private Answer<ImageDecision> decided(
            RegistryClient registry, ImageReference reference, Digest verified, Digest running, ImageRequest request) {
        var evidence = new Evidence(reference.repository(), verified, scope(request));
        Concluded concluded = conclusions
                .get(evidence, () -> concluded(registry, evidence, request.policies()))
                .join();
        Duration left = Duration.between(clock.instant(), concluded.until());
        return switch (concluded.conclusion()) {
            case Tally.Conclusion.Accepted(List<Tally.Acceptance> policies, var until) ->
                new Answer<>(
                        new ImageDecision.Accepted(new VerifiedImage(reference.repository(), running, policies)),
                        reference.digest() == null ? least(TAG_IS_VALID, left) : left);
            case Tally.Conclusion.Rejected(var code, var message, var by) ->
                new Answer<>(new ImageDecision.Rejected(code, about(verified, message), by), left);
            case Tally.Conclusion.Unresolved(var code, var message) ->
                new Answer<>(new ImageDecision.Unresolved(code, about(verified, message)), left);
        };
    }

    private static Duration least(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private Answer<Concluded> concluded(RegistryClient registry, Evidence evidence, PolicySet policies) {
        var tally = new Tally(
                policies.about(evidence.repository()),
                policies.denials(),
                Artifact.ofDigest(evidence.digest().toString()),
                clock);
        Optional<Tally.Unread> unread =
                new EvidenceReader(registry, evidence.repository(), evidence.digest(), tally, limits).read();
        Tally.Conclusion conclusion = tally.conclude(unread);
        Instant now = clock.instant();
        Duration validFor = switch (conclusion) {
            case Tally.Conclusion.Accepted accepted ->
                accepted.until()
                        .map(until -> least(ACCEPTED_IS_VALID, Duration.between(now, until)))
                        .orElse(ACCEPTED_IS_VALID);
            case Tally.Conclusion.Rejected rejected -> REJECTED_IS_VALID;
            case Tally.Conclusion.Unresolved unresolved -> ASKED_AGAIN_AFTER;
        };
        return new Answer<>(new Concluded(conclusion, now.plus(validFor)), validFor);
    }

    private static <T> Answer<ImageDecision> unresolved(Outcome.Failed<T> failed, ImageReference reference) {
        return new Answer<>(
                new ImageDecision.Unresolved(failed.code().name(), reference + ": " + failed.message()),
                // "At once" is not for a registry to say.
                failed.retryAfter()
                        .filter(time -> time.compareTo(ASKED_AGAIN_AFTER) > 0)
                        .orElse(ASKED_AGAIN_AFTER));
    }

    private static String about(Digest digest, String message) {
        return digest + ": " + message;
    }
}
