package dev.cleanroom.operator.cli;

import dev.cleanroom.operator.trust.ImageDecision;
import dev.cleanroom.operator.trust.ImageRequest;
import dev.cleanroom.operator.trust.ImageVerifier;
import dev.cleanroom.operator.trust.PullSecretSource;
import dev.cleanroom.operator.trust.policy.PolicySet;
import dev.cleanroom.operator.trust.registry.Credentials;
import dev.cleanroom.operator.trust.registry.Patience;
import dev.cleanroom.operator.trust.registry.Registries;
import dev.cleanroom.operator.trust.registry.RegistryOptions;
import dev.cleanroom.operator.trust.sigstore.UnresolvedCode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/** Decides about one image with policies that need not be applied yet, with the same code as the operator. */
record PolicyTrial(String image, Optional<String> platform, PolicyTrial.Files files) {
    private static final ImageRequest.Tenant NOBODY_ELSE = new ImageRequest.Tenant("", List.of(), List.of());

    record Files(List<Path> policies, List<Path> pullSecrets, Optional<Path> registries) {}

    /** Where to print the decision, and other problems. */
    record Printers(PrintWriter out, PrintWriter err, boolean json) {}

    /** The content of all files. */
    private record Given(PolicyFiles policies, Credentials credentials, RegistryOptions options) {}

    /** @return the exit code */
    int run(Printers printers) {
        Given given;
        try {
            given = new Given(
                    PolicyFiles.read(files.policies()),
                    PullSecretFiles.read(files.pullSecrets()),
                    RegistriesFile.read(files.registries()));
        } catch (IllegalArgumentException e) {
            printers.err().println(ImageReport.printable(String.valueOf(e.getMessage())));
            printers.err().flush();
            return VerifyCommand.CALLED_WRONGLY;
        }
        ImageReport report = ImageReport.of(image, decide(given, printers.err()));
        PrintWriter out = printers.out();
        if (printers.json()) {
            out.println(report.json());
        } else {
            report.lines().forEach(out::println);
        }
        out.flush();
        return report.outcome().exitCode();
    }

    /** As in the operator, nothing is decided after an unexpected exception. */
    private ImageDecision decide(Given given, PrintWriter err) {
        try (Registries registries = new Registries(given.options(), Patience.DEFAULT, Clock.systemUTC())) {
            PolicySet policies = given.policies().set();
            ImageDecision decision = new ImageVerifier(
                            registries,
                            tenant -> new PullSecretSource.PullCredentials.Readable(given.credentials()),
                            Clock.systemUTC(),
                            Runnable::run,
                            decided -> {})
                    .decide(new ImageRequest(image, platform.orElse(null), NOBODY_ELSE, policies))
                    .join();
            policies.unusable().stream()
                    .filter(policy -> !isReason(decision, policy))
                    .map(policy -> "policy " + policy.name() + " cannot be used: " + policy.message())
                    .map(ImageReport::printable)
                    .forEach(err::println);
            err.flush();
            return decision;
        } catch (RuntimeException e) {
            return new ImageDecision.Unresolved(
                    UnresolvedCode.VerifierFailed.name(),
                    "the verification failed with " + e.getClass().getName()
                            + ", which is a bug in Cleanroom: please report it");
        }
    }

    private static boolean isReason(ImageDecision decision, PolicySet.Unusable policy) {
        return decision instanceof ImageDecision.Unresolved(var code, var message)
                && message.endsWith(policy.message());
    }
}
