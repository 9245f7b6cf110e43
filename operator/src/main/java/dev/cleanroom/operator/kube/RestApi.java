package dev.cleanroom.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** {@link Api} on the client's own HTTP layer, which handles TLS, and tokens and their renewal. */
public final class RestApi implements Api {
    /** After this time without an answer, a write is decided again. */
    private static final long REQUEST_SECONDS = 20;

    /** A pod's own grace period leaves time for a report that nobody reads when the operator deletes the pod. */
    private static final Long POD_GRACE_SECONDS = 10L;

    /** How many objects one request for a list asks for. A longer list takes several requests. */
    private static final int PAGE = 500;

    private static final String JSON = "application/json";
    private static final String FIELD_MANAGER = "cleanroom-operator";

    private final KubernetesClient client;
    private final KubernetesSerialization json;
    private final String server;
    private final Set<String> ownAudiences;

    public RestApi(KubernetesClient client) {
        this.client = client;
        this.json = client.getKubernetesSerialization();
        Config config = client.getConfiguration();
        this.ownAudiences = TokenAudiences.of(
                config.getAutoOAuthToken() != null ? config.getAutoOAuthToken() : config.getOauthToken());
        this.server = server(client);
    }

    /** The address to which paths are appended. */
    static String server(KubernetesClient client) {
        String url = client.getConfiguration().getMasterUrl();
        return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }

    @Override
    public Answer create(ObjectKey key, HasMetadata object) {
        return send(request(key.resource().path(key.namespace()) + "?fieldManager=" + FIELD_MANAGER)
                .post(JSON, json.asJson(object)));
    }

    @Override
    public Answer apply(ObjectKey key, HasMetadata object) {
        return apply(key.path(), object);
    }

    private Answer apply(String path, HasMetadata object) {
        return send(request(path + "?force=true&fieldManager=" + FIELD_MANAGER)
                .patch("application/apply-patch+yaml", json.asJson(object)));
    }

    @Override
    public Answer jsonPatch(ObjectKey key, List<Operation> operations) {
        return jsonPatch(key, operations, FIELD_MANAGER);
    }

    @Override
    public Answer flip(ObjectKey key, List<Operation> operations) {
        return jsonPatch(key, operations, FLIP_MANAGER);
    }

    private Answer jsonPatch(ObjectKey key, List<Operation> operations, String manager) {
        return send(request(key.path() + "?fieldManager=" + manager)
                .patch("application/json-patch+json", json.asJson(operations)));
    }

    /** The caches drop this part of an object: it is a third of the object, and no decision reads it. */
    @Override
    public FieldTimes fieldTimes(ObjectKey key) {
        HttpResponse<byte[]> response = answered(request(key.path()));
        return response.isSuccessful() ? FieldTimes.of(parse(response, JsonNode.class)) : FieldTimes.UNKNOWN;
    }

    @Override
    public Answer applyStatus(ObjectKey key, HasMetadata fresh) {
        return apply(key.path() + "/status", fresh);
    }

    @Override
    public Answer delete(ObjectKey key, String uid, String resourceVersion) {
        var options = new DeleteOptionsBuilder()
                .withApiVersion("v1")
                .withKind("DeleteOptions")
                .withNewPreconditions(resourceVersion, uid)
                .withGracePeriodSeconds(key.resource() == Resource.POD ? POD_GRACE_SECONDS : null)
                .build();
        return send(request(key.path()).delete(JSON, json.asJson(options)));
    }

    @Override
    public Answer get(ObjectKey key) {
        return send(request(key.path()));
    }

    @Override
    public <T extends HasMetadata> Optional<List<T>> list(
            Resource resource, @Nullable String namespace, String labelSelector, Class<T> type) {
        List<T> items = new ArrayList<>();
        String next = "";
        do {
            HttpResponse<byte[]> response = exchange(listing(resource, namespace, PAGE, labelSelector, next));
            if (response.code() == 404) {
                return Optional.empty();
            }
            JsonNode page = page(resource, response);
            for (JsonNode item : page.path("items")) {
                items.add(json.convertValue(item, type));
            }
            next = page.at("/metadata/continue").asText("");
        } while (!next.isEmpty());
        return Optional.of(items);
    }

    @Override
    public Set<String> ownAudiences() {
        return ownAudiences;
    }

    @Override
    public boolean anyExists(Resource resource, String namespace, String labelSelector) {
        HttpResponse<byte[]> response = exchange(listing(resource, namespace, 1, labelSelector, ""));
        // The query has no resourceVersion, so this is a quorum read. That is why it does not use a cache.
        return !page(resource, response).path("items").isEmpty();
    }

    /** @param next the continue token of the page before; empty for the first page */
    private HttpRequest.Builder listing(
            Resource resource, @Nullable String namespace, int limit, String labelSelector, String next) {
        return request(resource.path(namespace) + "?limit=" + limit + "&labelSelector=" + encoded(labelSelector)
                + (next.isEmpty() ? "" : "&continue=" + encoded(next)));
    }

    private static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    private HttpRequest.Builder request(String path) {
        return client.getHttpClient().newHttpRequestBuilder().uri(URI.create(server + path));
    }

    /** Only the code decides, because a proxy in between may answer with a body of its own. */
    private Answer send(HttpRequest.Builder request) {
        HttpResponse<byte[]> response = answered(request);
        if (response.isSuccessful()) {
            return switch (parse(response)) {
                case HasMetadata object -> new Answer.Ok(object);
                case Status _ -> new Answer.Ok(null);
                case null -> new Answer.Ok(null);
                default -> throw notAnApiServer(response, null);
            };
        }
        return Answer.Rejected.of(response.code(), status(response));
    }

    /** @throws ApiUnavailableException also if the server answers that it cannot answer now */
    private HttpResponse<byte[]> answered(HttpRequest.Builder request) {
        HttpResponse<byte[]> response = exchange(request);
        int code = response.code();
        if (code == 429 || code == 401 || code >= 500) {
            Status status = status(response);
            Answer.Rejected answer = Answer.Rejected.of(code, status);
            // Only an API server answers with a Status; of the other codes it says that it does not answer this client
            // now.
            throw code >= 500 && status != null
                    ? new ApiUnavailableException(answer)
                    : new ApiUnavailableException(answer.message(), null);
        }
        return response;
    }

    private @Nullable Status status(HttpResponse<byte[]> response) {
        try {
            return parse(response) instanceof Status status ? status : null;
        } catch (ApiUnavailableException e) {
            return null;
        }
    }

    private HttpResponse<byte[]> exchange(HttpRequest.Builder request) {
        var sent = client.getHttpClient().sendAsync(request.build(), byte[].class);
        try {
            return sent.get(REQUEST_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new ApiUnavailableException("the API server did not answer: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            sent.cancel(true);
            throw new ApiUnavailableException("the API server did not answer within " + REQUEST_SECONDS + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ApiUnavailableException("interrupted while waiting for the API server", e);
        }
    }

    private @Nullable KubernetesResource parse(HttpResponse<byte[]> response) {
        byte[] body = response.body();
        return body == null || body.length == 0 ? null : parse(response, KubernetesResource.class);
    }

    private JsonNode page(Resource resource, HttpResponse<byte[]> response) {
        if (response.code() != 200) {
            throw new ApiUnavailableException("cannot list " + resource.plural() + ": HTTP " + response.code(), null);
        }
        JsonNode page = parse(response, JsonNode.class);
        if (!page.path("items").isArray() && !page.path("items").isNull()) {
            throw notAnApiServer(response, null);
        }
        return page;
    }

    private <T> T parse(HttpResponse<byte[]> response, Class<T> type) {
        try {
            return json.unmarshal(text(response), type);
        } catch (RuntimeException e) {
            throw notAnApiServer(response, e);
        }
    }

    private static ApiUnavailableException notAnApiServer(HttpResponse<byte[]> response, @Nullable Throwable cause) {
        return new ApiUnavailableException(
                "the answer is not an API server's: HTTP " + response.code() + " with another body", cause);
    }

    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }
}
