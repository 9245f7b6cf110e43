package dev.cleanroom.operator.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Implements the command line of sigstore-conformance (docs/cli_protocol.md, "verify-bundle"), so that the suite can
 * test the verifier. The exit code is 0 when accepted, 1 when not, 2 for wrong arguments or a file that cannot be read.
 *
 * <p>The process inspects the methods of every command when it starts, so none of them may mention a class of the
 * verifier.
 */
@Command(
        name = "verify-bundle",
        hidden = true,
        description = "Verifies a Sigstore bundle, offline.",
        mixinStandardHelpOptions = true)
final class VerifyBundleCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--bundle", required = true, description = "File with the bundle.")
    private Path bundle = Path.of("");

    @Option(names = "--key", description = "File with the public key that must have signed, PEM.")
    private Optional<Path> key = Optional.empty();

    @Option(names = "--certificate-identity", description = "The signer: the certificate's subject.")
    private Optional<String> identity = Optional.empty();

    @Option(names = "--certificate-oidc-issuer", description = "The issuer of the subject's identity.")
    private Optional<String> issuer = Optional.empty();

    @Option(
            names = "--trusted-root",
            defaultValue = "${env:CLEANROOM_TRUSTED_ROOT}",
            description = "File with the trust root, which is never downloaded. CLEANROOM_TRUSTED_ROOT")
    private Optional<Path> trustedRoot = Optional.empty();

    @Option(names = "--staging", description = "Requires --trusted-root, because no trust root is downloaded.")
    private boolean staging;

    @Parameters(paramLabel = "FILE_OR_DIGEST", description = "The artifact, or sha256:<64 hex digits>.")
    private String artifact = "";

    @Override
    public Integer call() {
        if (staging && trustedRoot.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "--staging requires --trusted-root, because no trust root is downloaded");
        }
        var files = new BundleFiles(bundle, artifact, trustedRoot, new BundleFiles.Signer(key, identity, issuer));
        PrintWriter out = spec.commandLine().getOut();
        try {
            return files.verify(out) ? 0 : 1;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
        }
    }
}
