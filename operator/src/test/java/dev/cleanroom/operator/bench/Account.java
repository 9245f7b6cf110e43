package dev.cleanroom.operator.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleanroom.operator.lab.Kubeconfig;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Plain HTTP/1.1 requests to the API server as one account, on virtual threads, nothing retried. */
final class Account implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    /** Names and labels only: what is counted needs no more. */
    private static final String METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

    private static final String METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
    private static final String JSON = "application/json";
    private static final int PAGE = 500;

    private final ObjectMapper mapper = new ObjectMapper();
    private final HttpClient http;
    private final String server;
    private final String token;

    private Account(HttpClient http, String server, String token) {
        this.http = http;
        this.server = server;
        this.token = token;
    }

    static Account of(Config config) {
        try {
            HttpClient http = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .sslContext(SSLUtils.sslContext(config))
                    .executor(Executors.newVirtualThreadPerTaskExecutor())
                    .build();
            String url = config.getMasterUrl();
            return new Account(
                    http, url.endsWith("/") ? url.substring(0, url.length() - 1) : url, Kubeconfig.token(config));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Creates an object; returns what is stored. */
    String post(String path, String body) {
        return send(request(path).header("Content-Type", JSON).POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    /** Changes an object; returns what is stored. */
    String merge(String path, String body) {
        return send(request(path)
                .header("Content-Type", "application/merge-patch+json")
                .method("PATCH", HttpRequest.BodyPublishers.ofString(body)));
    }

    void delete(String path) {
        send(request(path).DELETE());
    }

    JsonNode get(String path) {
        return parse(send(request(path)));
    }

    boolean isEmpty(String collection) {
        return parse(send(request(collection + "?limit=1").header("Accept", METADATA_LIST)))
                .path("items")
                .isEmpty();
    }

    /** The collection's resourceVersion, from which a watch shows everything that comes after. */
    String version(String collection) {
        return parse(send(request(collection + "?limit=1").header("Accept", METADATA_LIST)))
                .path("metadata")
                .path("resourceVersion")
                .asText();
    }

    void each(String collection, Consumer<JsonNode> item) {
        pages(collection, JSON, item);
    }

    void eachMetadata(String collection, Consumer<JsonNode> item) {
        pages(collection, METADATA_LIST, item);
    }

    /** The events of a watch, a line of JSON each, until it is closed. */
    Stream<String> watch(String collection, String version) {
        HttpRequest request = request(collection + "?watch=1&resourceVersion=" + version)
                .header("Accept", METADATA)
                .build();
        HttpResponse<Stream<String>> response = exchange(request, HttpResponse.BodyHandlers.ofLines());
        if (response.statusCode() != 200) {
            throw new IllegalStateException("watching " + collection + ": HTTP " + response.statusCode());
        }
        return response.body();
    }

    JsonNode parse(String json) {
        try {
            return mapper.readTree(json);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    private void pages(String collection, String accept, Consumer<JsonNode> item) {
        String more = "";
        do {
            JsonNode page =
                    parse(send(request(collection + "?limit=" + PAGE + more).header("Accept", accept)));
            page.path("items").forEach(item);
            String next = page.path("metadata").path("continue").asText();
            more = next.isEmpty() ? "" : "&continue=" + next;
        } while (!more.isEmpty());
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server + path));
        return token.isEmpty() ? request : request.header("Authorization", "Bearer " + token);
    }

    private String send(HttpRequest.Builder builder) {
        HttpRequest request = builder.timeout(TIMEOUT).build();
        HttpResponse<String> response = exchange(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() >= 300) {
            throw new IllegalStateException(request.method() + " "
                    + request.uri().getPath() + ": HTTP " + response.statusCode() + " " + response.body());
        }
        return response.body();
    }

    private <T> HttpResponse<T> exchange(HttpRequest request, HttpResponse.BodyHandler<T> body) {
        try {
            return http.send(request, body);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    request.method() + " " + request.uri().getPath(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
