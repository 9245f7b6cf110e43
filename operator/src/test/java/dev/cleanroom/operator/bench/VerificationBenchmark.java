package dev.cleanroom.operator.bench;

import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.trust.ImageDecision;
import dev.cleanroom.operator.trust.ImageRequest;
import dev.cleanroom.operator.trust.ImageVerifier;
import dev.cleanroom.operator.trust.Policies;
import dev.cleanroom.operator.trust.PullSecretSource;
import dev.cleanroom.operator.trust.policy.PolicySet;
import dev.cleanroom.operator.trust.policy.PolicySets;
import dev.cleanroom.operator.trust.policy.Tally;
import dev.cleanroom.operator.trust.registry.Credentials;
import dev.cleanroom.operator.trust.registry.HostOptions;
import dev.cleanroom.operator.trust.registry.Patience;
import dev.cleanroom.operator.trust.registry.Registries;
import dev.cleanroom.operator.trust.registry.RegistryOptions;
import dev.cleanroom.operator.trust.registry.Repository;
import dev.cleanroom.operator.trust.sigstore.PrivateSigstore;
import dev.cleanroom.operator.trust.sigstore.Signing;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** What verifying costs when no network is asked, and how seldom it is done. */
final class VerificationBenchmark implements Benchmark {
    private static final int ENVIRONMENTS = 200;
    private static final int NAMESPACES = 20;

    /** One answer of the cache takes less than a clock tells apart. */
    private static final int CACHED_AT_ONCE = 100;

    private static final Repository MAVEN = new Repository("registry.example.com", "builders/maven");
    private static final Clock NEXT_DAY = Clock.fixed(PrivateSigstore.SIGNED.plus(Duration.ofDays(1)), ZoneOffset.UTC);

    private final int times;

    /** @param times each is measured, after as many that do not count */
    VerificationBenchmark(int times) {
        this.times = times;
    }

    @Override
    public String name() {
        return "verification";
    }

    @Override
    public List<Row> run(Bed bed) {
        try (SignedImage image = new SignedImage()) {
            return List.of(byKey(), keyless(), cached(image), counts(image));
        }
    }

    private Row byKey() {
        var signing = new Signing(new PrivateSigstore());
        signing.byKey = true;
        signing.log = Signing.Log.NONE;
        String pem = PrivateSigstore.pem("PUBLIC KEY", signing.key.getPublic().getEncoded());
        PolicySet policies = Policies.set(Policies.builders("registry.example.com", pem));
        return offline("offline verification of one signature by key, warm, p50", signing, policies);
    }

    /** With all that there can be: certificate chain, its CT log, a log entry with promise and proof, a timestamp. */
    private Row keyless() {
        var sigstore = new PrivateSigstore();
        var signing = new Signing(sigstore);
        signing.stamped = true;
        String root = sigstore.trustRootJson().toString();
        TrustPolicy policy = Policies.named("builders", """
                images: ["registry.example.com/builders/**"]
                authorities:
                - name: ci
                  keyless:
                    identities: [{issuer: "%s", subject: "%s"}]
                    trustRoot: {configMapRef: {name: root, key: trusted_root.json}}
                """.formatted(Signing.ISSUER, Signing.SUBJECT));
        PolicySet policies = new PolicySets().of(List.of(policy), (name, key) -> Optional.of(root));
        return offline(
                "offline verification of one keyless signature, log entry and timestamp, warm, p50", signing, policies);
    }

    private Row offline(String claim, Signing signing, PolicySet policies) {
        byte[] bundle = Signing.bytes(signing.bundle());
        byte[] signature = PrivateSigstore.sign(signing.key.getPrivate(), signing.payload);
        Sample verified = new Sample();
        Sample bare = new Sample();
        for (int i = -times; i < times; i++) {
            double ours = millis(() -> accepts(policies, bundle));
            double jdk = millis(() -> verifies(signing, signature));
            if (i >= 0) {
                verified.add(ours);
                bare.add(jdk);
            }
        }
        return new Row(
                claim,
                "5 ms or less",
                "%.2f ms".formatted(verified.median()),
                "p99 %.2f ms, %s of %d".formatted(verified.percentile(99), verified.range("%.2f"), verified.size()),
                "one signature by the JDK alone %.2f ms (p99 %.2f)".formatted(bare.median(), bare.percentile(99)));
    }

    private static boolean accepts(PolicySet policies, byte[] bundle) {
        var tally = new Tally(policies.matching(MAVEN), policies.denials(), MAVEN, Signing.IMAGE, NEXT_DAY);
        tally.bundle(bundle);
        return tally.conclude(Optional.empty()) instanceof Tally.Conclusion.Accepted;
    }

    private static boolean verifies(Signing signing, byte[] signature) {
        try {
            Signature verifier = Signature.getInstance("SHA256withECDSA");
            verifier.initVerify(signing.key.getPublic());
            verifier.update(signing.payload);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static double millis(BooleanSupplier work) {
        long start = System.nanoTime();
        boolean well = work.getAsBoolean();
        double millis = (System.nanoTime() - start) / 1e6;
        if (!well) {
            throw new IllegalStateException("what should be accepted is not");
        }
        return millis;
    }

    private Row cached(SignedImage image) {
        try (Registries registries = registries(image);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            ImageVerifier verifier = verifier(registries, threads, new AtomicInteger());
            ImageRequest request = request(image, 0, policies(image, 1));
            double first = millis(() -> accepts(verifier, request));
            Sample cached = new Sample();
            for (int i = -times; i < times; i++) {
                double one = millis(() -> {
                            boolean accepted = true;
                            for (int answer = 0; answer < CACHED_AT_ONCE; answer++) {
                                accepted &= accepts(verifier, request);
                            }
                            return accepted;
                        })
                        / CACHED_AT_ONCE;
                if (i >= 0) {
                    cached.add(one);
                }
            }
            return new Row(
                    "the same image asked again: the cached answer, p50",
                    "0.1 ms or less",
                    "%.5f ms".formatted(cached.median()),
                    "p99 %.5f ms, %d times %d".formatted(cached.percentile(99), cached.size(), CACHED_AT_ONCE),
                    String.format(Locale.ROOT, "asked first, from a registry of this process: %.1f ms", first));
        }
    }

    private Row counts(SignedImage image) {
        AtomicInteger decided = new AtomicInteger();
        try (Registries registries = registries(image);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            ImageVerifier verifier = verifier(registries, threads, decided);
            long resolvedBefore = image.resolutions();
            int askedBefore = image.requests();
            askAtOnce(image, verifier, threads, 1);
            long resolved = image.resolutions() - resolvedBefore;
            int verified = decided.get();
            int asked = image.requests() - askedBefore;
            askAtOnce(image, verifier, threads, 1);
            int again = image.requests() - askedBefore - asked;
            askAtOnce(image, verifier, threads, 2);
            return new Row(
                    "%d environments of %d namespaces with one image: resolutions and verifications a policy generation"
                            .formatted(ENVIRONMENTS, NAMESPACES),
                    "1 and 1",
                    "%d and %d".formatted(resolved, verified),
                    "the next generation: %d and %d"
                            .formatted(image.resolutions() - resolvedBefore - resolved, decided.get() - verified),
                    "requests to the registry: %d; asked again by all: %d".formatted(asked, again));
        }
    }

    private static void askAtOnce(SignedImage image, ImageVerifier verifier, ExecutorService threads, long generation) {
        PolicySet policies = policies(image, generation);
        List<Future<Boolean>> answers = new ArrayList<>();
        for (int i = 0; i < ENVIRONMENTS; i++) {
            ImageRequest request = request(image, i % NAMESPACES, policies);
            answers.add(threads.submit(() -> accepts(verifier, request)));
        }
        if (!answers.stream().allMatch(VerificationBenchmark::join)) {
            throw new IllegalStateException("what should be accepted is not");
        }
    }

    private static boolean join(Future<Boolean> answer) {
        try {
            return answer.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean accepts(ImageVerifier verifier, ImageRequest request) {
        return verifier.decide(request).join() instanceof ImageDecision.Accepted;
    }

    private static ImageRequest request(SignedImage image, int namespace, PolicySet policies) {
        return new ImageRequest(
                image.reference(), null, new ImageRequest.Tenant("team-" + namespace, List.of(), List.of()), policies);
    }

    private static PolicySet policies(SignedImage image, long generation) {
        TrustPolicy policy = Policies.builders(image.host(), image.pem());
        policy.getMetadata().setGeneration(generation);
        return Policies.set(policy);
    }

    private static Registries registries(SignedImage image) {
        return new Registries(
                new RegistryOptions(Map.of(image.host(), new HostOptions(true, true, List.of(), null))),
                Patience.DEFAULT,
                Clock.systemUTC());
    }

    private static ImageVerifier verifier(Registries registries, ExecutorService threads, AtomicInteger decided) {
        return new ImageVerifier(
                registries,
                tenant -> new PullSecretSource.PullCredentials.Readable(Credentials.NONE),
                Clock.systemUTC(),
                threads,
                decision -> decided.incrementAndGet());
    }
}
