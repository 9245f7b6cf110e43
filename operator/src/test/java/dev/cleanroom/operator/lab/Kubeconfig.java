package dev.cleanroom.operator.lab;

import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/** Reads and writes kubeconfig files of one context. */
public final class Kubeconfig {
    private Kubeconfig() {}

    /** The configuration in a file, with nothing of this process's environment mixed in. */
    public static Config read(Path file) {
        return Config.fromKubeconfig(file.toFile());
    }

    /** The certificate authority of a configuration as base64 of PEM; empty when it has none. */
    static String certificateAuthority(Config config) {
        if (config.getCaCertData() != null) {
            return config.getCaCertData();
        }
        if (config.getCaCertFile() == null) {
            return "";
        }
        try {
            return Base64.getEncoder().encodeToString(Files.readAllBytes(Path.of(config.getCaCertFile())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The bearer token of a configuration; empty when it has none. */
    public static String token(Config config) {
        String token = config.getAutoOAuthToken() != null ? config.getAutoOAuthToken() : config.getOauthToken();
        return token == null ? "" : token;
    }

    /** Writes a kubeconfig; the certificate authority (base64) and the token may be empty. */
    public static Path write(Path file, String server, String certificateAuthority, String token) {
        String authority =
                certificateAuthority.isEmpty() ? "" : "    certificate-authority-data: " + certificateAuthority + "\n";
        String user = token.isEmpty() ? "{}" : "{token: " + token + "}";
        String text = """
                apiVersion: v1
                kind: Config
                current-context: lab
                contexts:
                - name: lab
                  context: {cluster: lab, user: lab}
                users:
                - name: lab
                  user: %s
                clusters:
                - name: lab
                  cluster:
                    server: %s
                """.formatted(user, server) + authority;
        try {
            return Files.writeString(file, text, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
