package dev.cleanroom.operator.trust.registry;

import static dev.cleanroom.operator.trust.registry.FailureCode.AddressRefused;
import static dev.cleanroom.operator.trust.registry.FailureCode.CaBundleMalformed;
import static dev.cleanroom.operator.trust.registry.FailureCode.Malformed;
import static dev.cleanroom.operator.trust.registry.FailureCode.PlainHttpRefused;
import static dev.cleanroom.operator.trust.registry.FailureCode.TimedOut;
import static dev.cleanroom.operator.trust.registry.FailureCode.TlsFailed;
import static dev.cleanroom.operator.trust.registry.FailureCode.TooLarge;
import static dev.cleanroom.operator.trust.registry.FailureCode.Unreachable;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ProtocolException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;

/**
 * One HTTP exchange, within limits and to permitted addresses only, without redirects or authentication. All tenants
 * share the connections: credentials belong to a request, never to a connection.
 */
final class Transport implements AutoCloseable {
    /** The most bytes of a response that is not a success; only its status counts. */
    static final long MOST_ERROR_BYTES = 64 * 1024;

    /** The most characters of all header fields. The limit of the JDK is 384 KiB. */
    static final int MOST_HEADER_CHARACTERS = 32 * 1024;

    private final RegistryOptions options;
    private final Patience patience;
    private final Resolver resolver;

    /** Platform threads: a DNS lookup would block the carrier of a virtual thread. */
    private final ExecutorService threads = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("registry-", 0).factory());

    /**
     * Clients by CA bundle: one for each bundle in the options, and one with the platform's authorities under the empty
     * text.
     */
    private final Map<String, HttpClient> clients = new ConcurrentHashMap<>();

    /** Resolves names to addresses; {@link InetAddress#getAllByName} except in tests. */
    interface Resolver {
        InetAddress[] addresses(String host) throws UnknownHostException;
    }

    Transport(RegistryOptions options, Patience patience, Resolver resolver) {
        this.options = options;
        this.patience = patience;
        this.resolver = resolver;
    }

    HostOptions options(URI uri) {
        return options.of(uri.getRawAuthority());
    }

    /**
     * Sends a request, and passes the body of a success to the sink. Another thread writes to the sink, but not after
     * this method has returned normally.
     *
     * @param most the most bytes of a success
     */
    Response exchange(HttpRequest request, OutputStream sink, long most, Deadline deadline) throws RegistryException {
        return exchange(request, sink, most, deadline.left(patience.request()));
    }

    /** The same for an upload, which may take as long as the deadline allows. */
    Response upload(HttpRequest request, Deadline deadline) throws RegistryException {
        return exchange(request, OutputStream.nullOutputStream(), MOST_ERROR_BYTES, deadline.left(patience.upload()));
    }

    private Response exchange(HttpRequest request, OutputStream sink, long most, Duration time)
            throws RegistryException {
        URI uri = request.uri();
        check(uri, time);
        HttpResponse<Long> answer = within(time, client(options(uri)).sendAsync(request, info -> {
            if (info.statusCode() / 100 != 2) {
                return BoundedBody.discarding(MOST_ERROR_BYTES);
            }
            return BoundedBody.to(sink, most);
        }));
        int characters = answer.headers().map().entrySet().stream()
                .mapToInt(header -> header.getValue().stream()
                        .mapToInt(value -> header.getKey().length() + value.length())
                        .sum())
                .sum();
        if (characters > MOST_HEADER_CHARACTERS) {
            throw new RegistryException(
                    TooLarge, "the answer's header has more than " + MOST_HEADER_CHARACTERS + " characters");
        }
        String encoding = answer.headers().firstValue("Content-Encoding").orElse("identity");
        if (!encoding.equalsIgnoreCase("identity") && answer.statusCode() / 100 == 2) {
            // No encoding was requested: the size of content that is decompressed cannot be limited.
            throw new RegistryException(Malformed, "the answer has a content encoding, which was not requested");
        }
        return new Response(uri, answer.statusCode(), answer.headers());
    }

    private void check(URI uri, Duration time) throws RegistryException {
        String host = uri.getHost();
        if (host == null || uri.getRawUserInfo() != null) {
            throw new RegistryException(Malformed, "the address has no host, or contains a user name");
        }
        HostOptions of = options(uri);
        if (!"https".equals(uri.getScheme()) && !("http".equals(uri.getScheme()) && of.plainHttp())) {
            throw new RegistryException(PlainHttpRefused, "plain HTTP is not allowed for this host");
        }
        if (!of.anyAddress()) {
            for (InetAddress address : within(time, threads.submit(lookup(host)))) {
                if (Addresses.refused(address)) {
                    throw new RegistryException(
                            AddressRefused, "the host has a loopback, link-local or metadata address");
                }
            }
        }
    }

    private Callable<InetAddress[]> lookup(String host) {
        return () -> resolver.addresses(host);
    }

    private static <T> T within(Duration time, Future<T> future) throws RegistryException {
        try {
            return future.get(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new RegistryException(TimedOut, "the whole answer did not arrive within " + time.toSeconds() + " s");
        } catch (ExecutionException e) {
            throw failure(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RegistryException(TimedOut, "interrupted while waiting");
        } finally {
            // The exchange is cancelled, which closes its connection.
            future.cancel(true);
        }
    }

    /**
     * Chooses the code by the first cause that is known. Messages of the JDK may quote hostile text and are not passed
     * on.
     */
    private static RegistryException failure(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case RegistryException known -> {
                    return known;
                }
                case HttpTimeoutException timeout -> {
                    return new RegistryException(TimedOut, "the connection could not be established in time");
                }
                case SSLException tls -> {
                    return new RegistryException(
                            TlsFailed,
                            "the TLS connection failed: the certificate is not for this host, or its authority is"
                                    + " not known");
                }
                case ProtocolException protocol -> {
                    return new RegistryException(Malformed, "the answer is not valid HTTP");
                }
                case UnknownHostException unknown -> {
                    return new RegistryException(Unreachable, "the host has no address");
                }
                default -> {}
            }
        }
        return new RegistryException(
                Unreachable, "the connection failed, or was closed before the whole answer arrived");
    }

    private HttpClient client(HostOptions of) throws RegistryException {
        String bundle = of.caBundle() == null ? "" : of.caBundle();
        HttpClient known = clients.get(bundle);
        if (known != null) {
            return known;
        }
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(patience.connect())
                .proxy(HttpClient.Builder.NO_PROXY)
                .executor(threads);
        if (!bundle.isEmpty()) {
            builder.sslContext(trusting(bundle));
        }
        HttpClient made = builder.build();
        HttpClient first = clients.putIfAbsent(bundle, made);
        return first == null ? made : first;
    }

    private static SSLContext trusting(String bundle) throws RegistryException {
        try {
            return CaBundle.context(bundle);
        } catch (GeneralSecurityException | IOException e) {
            throw new RegistryException(CaBundleMalformed, "the CA bundle has no valid certificate");
        }
    }

    @Override
    public void close() {
        clients.values().forEach(HttpClient::shutdownNow);
        threads.shutdownNow();
    }
}
