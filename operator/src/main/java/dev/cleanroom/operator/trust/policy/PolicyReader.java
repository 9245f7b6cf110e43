package dev.cleanroom.operator.trust.policy;

import dev.cleanroom.api.schema.Durations;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.api.v1alpha1.TrustPolicySpec;
import dev.cleanroom.api.v1alpha1.TrustPolicySpec.ConfigMapKey;
import dev.cleanroom.api.v1alpha1.TrustPolicySpec.Format;
import dev.cleanroom.api.v1alpha1.TrustPolicySpec.SignerIdentity;
import dev.cleanroom.api.v1alpha1.TrustPolicyStatus.TrustRootInUse;
import dev.cleanroom.operator.kube.ContentHash;
import dev.cleanroom.operator.trust.policy.PolicySet.Unusable;
import dev.cleanroom.operator.trust.sigstore.Expectation.SignedBy;
import dev.cleanroom.operator.trust.sigstore.ExpectedIdentity;
import dev.cleanroom.operator.trust.sigstore.ExpectedIdentity.TextMatch;
import dev.cleanroom.operator.trust.sigstore.Refusal;
import dev.cleanroom.operator.trust.sigstore.TrustRoot;
import dev.cleanroom.operator.trust.sigstore.VerificationKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Parses a stored TrustPolicy. Every mistake in it is found here, before any image is verified. */
public final class PolicyReader {
    /** The most parts of all patterns of a policy together: a few MB, as each part is an object. */
    static final int MOST_PATTERN_PARTS = 50_000;

    private final ConfigMaps configMaps;
    private final List<String> content = new ArrayList<>();
    private final List<TrustRootInUse> trustRoots = new ArrayList<>();
    private final Lock turn = new ReentrantLock();
    private int patternParts;

    private PolicyReader(ConfigMaps configMaps) {
        this.configMaps = configMaps;
    }

    /** A policy that can be used, or why it cannot be used. */
    public sealed interface ParsedPolicy {
        Denials denials();

        /** @param fingerprint equal only for policies that decide alike */
        record Usable(Policy policy, Denials denials, List<TrustRootInUse> trustRoots, String fingerprint)
                implements ParsedPolicy {}

        /** A policy that cannot be used. Its denials apply nevertheless. */
        record Broken(Unusable unusable, Denials denials) implements ParsedPolicy {}
    }

    /** A mistake in the policy: the field and what is wrong with it. */
    private static final class Problem extends Exception {
        private static final long serialVersionUID = 1L;

        Problem(String field, String message) {
            super(field + ": " + message, null, false, false);
        }
    }

    public static ParsedPolicy read(TrustPolicy policy, ConfigMaps configMaps) {
        String name = policy.getMetadata().getName();
        if (policy.unreadable() != null || policy.getSpec() == null) {
            return new ParsedPolicy.Broken(
                    new Unusable(
                            name,
                            List.of(),
                            "it cannot be parsed: " + policy.unreadable()
                                    + "; correct the field, or upgrade the operator to the version of the CRD"),
                    Denials.NONE);
        }
        TrustPolicySpec spec = policy.getSpec();
        List<ImagePattern> images = List.of();
        Denials denials = Denials.NONE;
        try {
            denials = Denials.of(policy);
            images = images(spec);
            return new PolicyReader(configMaps).usable(policy, images, denials);
        } catch (Problem problem) {
            return new ParsedPolicy.Broken(new Unusable(name, images, String.valueOf(problem.getMessage())), denials);
        } catch (RuntimeException e) {
            // A policy from before the current schema may be invalid. It must not make the other policies unusable.
            return new ParsedPolicy.Broken(
                    new Unusable(
                            name,
                            images,
                            "it cannot be parsed (" + e.getClass().getSimpleName()
                                    + "); apply it again, and the API server reports what is wrong"),
                    denials);
        }
    }

    private static List<ImagePattern> images(TrustPolicySpec spec) throws Problem {
        List<ImagePattern> images = new ArrayList<>();
        for (String text : each(spec.images()).toList()) {
            if (text.length() > ImagePattern.MOST_CHARACTERS) {
                throw new Problem(
                        "spec.images[" + images.size() + "]",
                        "must have at most " + ImagePattern.MOST_CHARACTERS + " characters");
            }
            images.add(ImagePattern.of(text));
        }
        return images;
    }

    private ParsedPolicy usable(TrustPolicy stored, List<ImagePattern> images, Denials denials) throws Problem {
        TrustPolicySpec spec = stored.getSpec();
        List<Policy.Authority> authorities = new ArrayList<>();
        List<TrustPolicySpec.Authority> named = each(spec.authorities()).toList();
        for (int i = 0; i < named.size(); i++) {
            authorities.add(authority(named.get(i), "spec.authorities[" + i + "]"));
        }
        if (!authorities.isEmpty() && images.isEmpty()) {
            throw new Problem("spec.images", "is empty: list the images that the authorities sign");
        }
        List<Policy.Attestation> attestations = new ArrayList<>();
        List<TrustPolicySpec.Attestation> asked = each(spec.attestations()).toList();
        for (int i = 0; i < asked.size(); i++) {
            attestations.add(attestation(asked.get(i), authorities, "spec.attestations[" + i + "]"));
        }
        var policy = new Policy(
                new Policy.Id(
                        stored.getMetadata().getName(), stored.getMetadata().getGeneration()),
                images,
                authorities,
                threshold(spec, authorities.size()),
                new Policy.Demands(attestations, formats(spec)));
        content.add(stored.getMetadata().getUid());
        content.add(String.valueOf(stored.getMetadata().getGeneration()));
        return new ParsedPolicy.Usable(policy, denials, List.copyOf(trustRoots), ContentHash.of(content));
    }

    /** The schema has the same rule: for what was stored under another one, or is stored nowhere yet. */
    private static int threshold(TrustPolicySpec spec, int authorities) throws Problem {
        if (spec.threshold() == null) {
            return authorities;
        }
        if (authorities > 0 && (spec.threshold() < 0 || spec.threshold() > authorities)) {
            throw new Problem("spec.threshold", "must be at least 0, and not more than there are authorities");
        }
        if (authorities > 0
                && spec.threshold() == 0
                && each(spec.attestations()).findAny().isEmpty()) {
            throw new Problem(
                    "spec.threshold",
                    "is 0, and without attestations the policy would require nothing of an image: list attestations,"
                            + " or require a signature");
        }
        return spec.threshold();
    }

    private static Set<Format> formats(TrustPolicySpec spec) throws Problem {
        Set<Format> formats = spec.formats() == null ? Set.of(Format.values()) : Set.copyOf(spec.formats());
        if (formats.isEmpty()) {
            throw new Problem(
                    "spec.formats", "is empty, so no signature would be accepted; leave it out to accept all formats");
        }
        return formats;
    }

    private Policy.Authority authority(TrustPolicySpec.Authority authority, String field) throws Problem {
        if (authority.key() != null) {
            return new Policy.Authority(authority.name(), key(authority.key(), field + ".key"), Optional.empty());
        }
        TrustPolicySpec.Keyless keyless = authority.keyless();
        if (keyless == null) {
            throw new Problem(field, "needs either key or keyless");
        }
        if (keyless.identities().isEmpty()) {
            throw new Problem(
                    field + ".keyless.identities", "is empty, so no signer would be accepted; add an identity");
        }
        List<ExpectedIdentity> identities = new ArrayList<>();
        for (int i = 0; i < keyless.identities().size(); i++) {
            identities.add(identity(keyless.identities().get(i), field + ".keyless.identities[" + i + "]"));
        }
        String rootField = field + ".keyless.trustRoot.configMapRef";
        String json = value(keyless.trustRoot().configMapRef(), rootField);
        TrustRoot root = parsed(rootField, () -> TrustRoot.parse(json.getBytes(StandardCharsets.UTF_8)));
        trustRoots.add(new TrustRootInUse(authority.name(), root.digest()));
        content.add(root.digest());
        mustBelieveSomebody(root, rootField);
        return new Policy.Authority(authority.name(), new SignedBy.Keyless(identities), Optional.of(root));
    }

    /** A trust root with which no signature could ever verify is reported once here, and not with each image. */
    private static void mustBelieveSomebody(TrustRoot root, String field) throws Problem {
        if (root.certificateAuthorities().isEmpty()) {
            throw new Problem(
                    field, "the trust root has no certificate authority, so no signature can be verified: add one");
        }
        if (root.certificateLogs().isEmpty()) {
            throw new Problem(
                    field,
                    "the trust root has no certificate transparency log, and every certificate must be in one: add"
                            + " one");
        }
        if (root.logs().isEmpty() && root.timestampAuthorities().isEmpty()) {
            throw new Problem(
                    field,
                    "the trust root has neither a transparency log nor a timestamp authority, so nothing proves when a"
                            + " signature was made: add one");
        }
    }

    private SignedBy key(TrustPolicySpec.Key key, String field) throws Problem {
        ConfigMapKey reference = key.configMapRef();
        String source = reference == null ? field + ".pem" : field + ".configMapRef";
        String pem = reference == null ? String.valueOf(key.pem()) : value(reference, source);
        VerificationKey read = parsed(source, () -> VerificationKey.fromPem(pem.strip()));
        content.add(read.fingerprint());
        return new SignedBy.Key(read);
    }

    private ExpectedIdentity identity(SignerIdentity identity, String field) throws Problem {
        return new ExpectedIdentity(
                match(identity.issuer(), identity.issuerPattern(), field + ".issuer"),
                match(identity.subject(), identity.subjectPattern(), field + ".subject"));
    }

    private TextMatch match(@Nullable String exact, @Nullable String pattern, String field) throws Problem {
        if (pattern == null) {
            return parsed(field, () -> TextMatch.exactly(exact == null ? "" : exact));
        }
        TextMatch.Matching matching = parsed(field + "Pattern", () -> TextMatch.matching(pattern));
        patternParts += matching.pattern().size();
        if (patternParts > MOST_PATTERN_PARTS) {
            throw new Problem(
                    field + "Pattern",
                    "with it, the patterns of the policy have together more than " + MOST_PATTERN_PARTS
                            + " parts once their repeats are written out: make them smaller, or write several policies");
        }
        return matching;
    }

    private Policy.Attestation attestation(
            TrustPolicySpec.Attestation asked, List<Policy.Authority> authorities, String field) throws Problem {
        Set<String> names = each(asked.authorities()).collect(Collectors.toSet());
        List<Policy.Authority> signers = authorities.stream()
                .filter(authority -> names.isEmpty() || names.contains(authority.name()))
                .toList();
        if (signers.isEmpty()) {
            throw new Problem(field + ".authorities", "names no authority of this policy");
        }
        if (asked.maxAge() != null
                && signers.stream().allMatch(authority -> authority.root().isEmpty())) {
            throw new Problem(
                    field + ".maxAge",
                    "the age of attestation " + asked.name()
                            + " can never be known: its authorities sign with a key, which proves no"
                            + " time; name a keyless authority, or leave maxAge out");
        }
        Optional<PredicateCheck> check = Optional.empty();
        if (asked.cel() != null) {
            try {
                check = Optional.of(PredicateCheck.compile(asked.cel(), turn));
            } catch (PredicateCheck.InvalidExpression e) {
                throw new Problem(field + ".cel", "cannot be used as a CEL expression of type bool: " + e.getMessage());
            }
        }
        return new Policy.Attestation(
                asked.name(),
                asked.predicateType(),
                signers,
                check,
                Optional.ofNullable(asked.maxAge()).map(Durations::parse));
    }

    private String value(ConfigMapKey reference, String field) throws Problem {
        return configMaps
                .value(reference.name(), reference.key())
                .orElseThrow(() -> new Problem(
                        field,
                        "the operator's namespace has no ConfigMap " + reference.name() + " with a key "
                                + reference.key() + "; create it: kubectl create configmap " + reference.name()
                                + " -n " + configMaps.namespace() + " --from-file=" + reference.key() + "=FILE"));
    }

    private static <T> T parsed(String field, Refusal.Verification<T> parsing) throws Problem {
        try {
            return parsing.run();
        } catch (Refusal e) {
            throw new Problem(field, e.result().reason() + ": " + e.result().message());
        }
    }

    private static <T> Stream<T> each(@Nullable List<T> list) {
        return list == null ? Stream.empty() : list.stream();
    }
}
