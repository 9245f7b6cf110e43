package dev.cleanroom.operator.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** One repository of a registry, as who may push to it changes it. */
final class RegistryContent {
    private final String repository;
    private final HttpClient client = HttpClient.newHttpClient();

    /** @param repository its URL */
    RegistryContent(String repository) {
        this.repository = repository;
    }

    /** Takes away what refers to a digest; to be undone by what is returned. */
    Runnable withdrawReferrers(String digest) {
        Map<String, HttpResponse<byte[]>> removed = new LinkedHashMap<>();
        for (JsonNode referrer : json(get("/referrers/" + digest)).path("manifests")) {
            String path = "/manifests/" + referrer.path("digest").asText();
            removed.put(path, get(path));
            send(request(path).DELETE());
        }
        if (removed.isEmpty()) {
            throw new AssertionError("nothing refers to " + digest + " in " + repository);
        }
        return () -> removed.forEach((path, manifest) -> send(request(path)
                .header(
                        "Content-Type",
                        manifest.headers().firstValue("Content-Type").orElseThrow())
                .PUT(BodyPublishers.ofByteArray(manifest.body()))));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(repository + path));
    }

    private HttpResponse<byte[]> get(String path) {
        return send(request(path).GET());
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) {
        try {
            HttpResponse<byte[]> response = client.send(request.build(), BodyHandlers.ofByteArray());
            if (response.statusCode() / 100 != 2) {
                throw new AssertionError(response + ": " + new String(response.body(), StandardCharsets.UTF_8));
            }
            return response;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode json(HttpResponse<byte[]> response) {
        try {
            return new ObjectMapper().readTree(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
