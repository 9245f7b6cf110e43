package dev.cleanroom.operator.kube;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** Why there was no answer, in words for a person: the server's own, or the innermost cause that says something. */
public final class NoAnswer {
    private NoAnswer() {}

    public static String why(KubernetesClientException thrown) {
        if (thrown.getStatus() != null && thrown.getStatus().getMessage() != null) {
            return "it cannot answer now (HTTP " + thrown.getCode() + "): "
                    + thrown.getStatus().getMessage() + "; ask again";
        }
        String why = "what is there does not answer as an API server does";
        for (Throwable cause = thrown; cause != null && cause != cause.getCause(); cause = cause.getCause()) {
            switch (cause) {
                case UnresolvedAddressException _, UnknownHostException _ -> {
                    return "its name has no address";
                }
                case ConnectException _ -> why = "nothing listens there, or it cannot be reached from here";
                case HttpTimeoutException _, TimeoutException _ -> why = "no answer in time";
                case SSLException tls -> why = "TLS: " + tls.getMessage();
                default -> {}
            }
        }
        return why;
    }
}
