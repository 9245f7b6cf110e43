package dev.cleanroom.operator.trust;

import dev.cleanroom.operator.trust.ImageRequest.Tenant;
import dev.cleanroom.operator.trust.policy.PolicySet;
import dev.cleanroom.operator.trust.registry.Credentials;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.BeforeEach;

/** What the tests share that ask for whole decisions about a signed image, {@code builders/maven:3.9}. */
abstract class Deciding extends Attaching {
    static final Tenant NOBODY = new Tenant("team", List.of(), List.of());

    final List<ImageDecision> told = new ArrayList<>();
    PullSecretSource secrets = tenant -> new PullSecretSource.PullCredentials.Readable(Credentials.NONE);
    final ImageVerifier verifier = verifier(Runnable::run);

    ImageVerifier verifier(Executor executor) {
        return new ImageVerifier(
                setting.registries(), tenant -> secrets.read(tenant), setting.clock, executor, told::add);
    }

    @BeforeEach
    void signedImage() {
        serve("3.9", IMAGE);
        attach(signature(), saying(SIGNATURE));
        serveList();
    }

    ImageRequest request(String reference, Tenant tenant, PolicySet policies) {
        return new ImageRequest(fake.host() + "/builders/maven" + reference, null, tenant, policies);
    }

    ImageDecision decide(String reference, Tenant tenant, PolicySet policies) {
        return verifier.decide(request(reference, tenant, policies)).join();
    }

    String decide(PolicySet policies) {
        return outcome(decide(":3.9", NOBODY, policies));
    }

    static String outcome(ImageDecision decision) {
        return switch (decision) {
            case ImageDecision.Accepted accepted -> "Accepted";
            case ImageDecision.Rejected rejected -> rejected.code();
            case ImageDecision.Unresolved unresolved -> unresolved.code() + "?";
        };
    }
}
