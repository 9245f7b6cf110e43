package dev.cleanroom.operator.lab;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** Where a {@link RecordingProxy} forwards to: opens connections as a kubeconfig says, a client certificate included. */
final class Upstream {
    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;

    private final URI server;
    private final SSLContext tls;

    Upstream(Config config) {
        this.server = URI.create(config.getMasterUrl());
        try {
            this.tls = SSLUtils.sslContext(config);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException("no TLS context can be made of the kubeconfig", e);
        }
    }

    Connection open() throws IOException {
        boolean secure = "https".equals(server.getScheme());
        int port = server.getPort() > 0 ? server.getPort() : secure ? 443 : 80;
        Socket plain = new Socket();
        plain.setTcpNoDelay(true);
        plain.connect(new InetSocketAddress(server.getHost(), port), CONNECT_TIMEOUT_MILLIS);
        if (!secure) {
            return new Connection(plain);
        }
        SSLSocket encrypted = (SSLSocket) tls.getSocketFactory().createSocket(plain, server.getHost(), port, true);
        SSLParameters parameters = encrypted.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        encrypted.setSSLParameters(parameters);
        encrypted.startHandshake();
        return new Connection(encrypted);
    }

    /** One connection to the API server, kept for the requests of one client connection. */
    static final class Connection implements AutoCloseable {
        /** The API server drops idle connections after 90 s; a reused one must not meet that. */
        private static final Duration LONGEST_IDLE = Duration.ofSeconds(45);

        private final Socket socket;
        private final InputStream in;
        private final OutputStream out;
        private long lastUse = System.nanoTime();

        private Connection(Socket socket) throws IOException {
            this.socket = socket;
            this.in = new BufferedInputStream(socket.getInputStream());
            this.out = socket.getOutputStream();
        }

        void send(HttpHead head, byte[] body) throws IOException {
            byte[] first = head.bytes();
            byte[] all = new byte[first.length + body.length];
            System.arraycopy(first, 0, all, 0, first.length);
            System.arraycopy(body, 0, all, first.length, body.length);
            out.write(all);
            out.flush();
        }

        InputStream in() {
            return in;
        }

        OutputStream out() {
            return out;
        }

        void used() {
            lastUse = System.nanoTime();
        }

        boolean fresh() {
            return System.nanoTime() - lastUse < LONGEST_IDLE.toNanos();
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (IOException e) {
                // It is being thrown away; there is nobody to tell.
            }
        }
    }
}
