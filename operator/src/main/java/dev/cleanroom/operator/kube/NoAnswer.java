package dev.cleanroom.operator.kube;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** Explains to a person why there was no answer: by the server's own message, or by the innermost known cause. */
public final class NoAnswer {
    private NoAnswer() {}

    public static String why(KubernetesClientException thrown) {
        if (thrown.getStatus() != null && thrown.getStatus().getMessage() != null) {
            return "it cannot answer now (HTTP " + thrown.getCode() + "): "
                    + thrown.getStatus().getMessage() + "; try again";
        }
        String why = "the server there does not answer as an API server does";
        for (Throwable cause = thrown; cause != null && cause != cause.getCause(); cause = cause.getCause()) {
            switch (cause) {
                case UnresolvedAddressException _, UnknownHostException _ -> {
                    return "its host name cannot be resolved";
                }
                case ConnectException _ ->
                    why = "no connection: no server listens there, or it cannot be reached from here";
                case HttpTimeoutException _, TimeoutException _ -> why = "it did not answer in time";
                case SSLException tls -> why = "TLS: " + tls.getMessage();
                default -> {}
            }
        }
        return why;
    }
}
