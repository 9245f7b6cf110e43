package dev.cleanroom.operator.trust.policy;

import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.trust.Policies;
import dev.cleanroom.operator.trust.policy.Tally.Conclusion;
import dev.cleanroom.operator.trust.registry.ImageReference;
import dev.cleanroom.operator.trust.registry.RegistryAnswer;
import dev.cleanroom.operator.trust.registry.Repository;
import dev.cleanroom.operator.trust.sigstore.PrivateSigstore;
import dev.cleanroom.operator.trust.sigstore.Signing;
import java.security.KeyPair;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.GeneralName;

/** What the tests of judging share: a private Sigstore, two keys, and policies that know them. */
abstract class Judging {
    static final Repository MAVEN = repository("registry.example.com/builders/maven");
    static final String IMAGES = "images: [\"registry.example.com/builders/**\"]\n";
    static final String PROVENANCE = "https://slsa.dev/provenance/v1";
    static final String SBOM = "https://cyclonedx.org/bom";
    static final String SOMEBODY = "https://git.example.com/somebody/ci.yml@refs/heads/main";

    final PrivateSigstore sigstore = new PrivateSigstore();
    final KeyPair release = PrivateSigstore.ec("secp256r1");
    final KeyPair security = PrivateSigstore.ec("secp256r1");
    Instant now = PrivateSigstore.SIGNED.plus(Duration.ofDays(1));
    String trustRoot = sigstore.trustRootJson().toString();

    private static Repository repository(String reference) {
        return switch (ImageReference.parse(reference)) {
            case RegistryAnswer.Found<ImageReference>(ImageReference read) -> read.repository();
            case RegistryAnswer.Failed<ImageReference> failed -> throw new AssertionError(failed.message());
        };
    }

    /** Where a policy says {@code root}, the trust root is. */
    ConfigMaps configMaps() {
        return (name, key) -> name.equals("root") ? Optional.of(trustRoot) : Optional.empty();
    }

    static String pem(KeyPair key) {
        return PrivateSigstore.pem("PUBLIC KEY", key.getPublic().getEncoded());
    }

    static String byKey(String name, KeyPair key) {
        return Policies.byKey(name, pem(key));
    }

    static String ci() {
        return byIdentity("ci", "subject: \"" + Signing.SUBJECT + "\"");
    }

    /** @param subject the field that says whose */
    static String byIdentity(String name, String subject) {
        return "{name: " + name + ", keyless: {identities: [{issuer: \"" + Signing.ISSUER + "\", " + subject
                + "}], trustRoot: {configMapRef: {name: root, key: trusted_root.json}}}}";
    }

    static TrustPolicy policy(String authorities, String... more) {
        return Policies.named(
                "builders", IMAGES + "authorities: [" + authorities + "]\n" + String.join("\n", more) + "\n");
    }

    PolicySet set(TrustPolicy... policies) {
        return new PolicySets().of(List.of(policies), configMaps());
    }

    byte[] signed(Consumer<Signing> how) {
        var signing = new Signing(sigstore);
        how.accept(signing);
        return Signing.bytes(signing.bundle());
    }

    byte[] signedBy(KeyPair key) {
        return signed(signing -> {
            signing.byKey = true;
            signing.key = key;
        });
    }

    static Consumer<Signing> as(String subject) {
        return signing -> signing.names = List.of(new GeneralName(GeneralName.uniformResourceIdentifier, subject));
    }

    static Consumer<Signing> attesting(String type, String predicate) {
        return signing -> {
            signing.predicateType = type;
            signing.payload = Signing.statement(
                    "https://in-toto.io/Statement/v1",
                    "[{\"name\":\"\",\"digest\":{\"sha256\":\"" + Signing.IMAGE.hex() + "\"}}]",
                    type,
                    predicate);
        };
    }

    byte[] attestedBy(KeyPair key, String type, String predicate) {
        return signed(attesting(type, predicate).andThen(signing -> {
            signing.byKey = true;
            signing.key = key;
        }));
    }

    Conclusion judge(PolicySet policies, byte[]... bundles) {
        var tally = new Tally(
                policies.matching(MAVEN), policies.denials(), MAVEN, Signing.IMAGE, Clock.fixed(now, ZoneOffset.UTC));
        Stream.of(bundles).forEach(tally::bundle);
        return tally.conclude(Optional.empty());
    }

    Conclusion judge(TrustPolicy policy, byte[]... bundles) {
        return judge(set(policy), bundles);
    }

    String outcome(TrustPolicy policy, byte[]... bundles) {
        return outcome(judge(policy, bundles));
    }

    static String outcome(Conclusion conclusion) {
        return switch (conclusion) {
            case Conclusion.Accepted accepted -> "Accepted";
            case Conclusion.Rejected rejected -> rejected.code();
            case Conclusion.Unresolved unresolved -> unresolved.code() + "?";
        };
    }

    static String message(Conclusion conclusion) {
        return switch (conclusion) {
            case Conclusion.Accepted accepted -> throw new AssertionError("accepted");
            case Conclusion.Rejected rejected -> rejected.message();
            case Conclusion.Unresolved unresolved -> unresolved.message();
        };
    }
}
