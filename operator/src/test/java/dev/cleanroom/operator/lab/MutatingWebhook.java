package dev.cleanroom.operator.lab;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfigurationBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/** A mutating webhook of one namespace, which changes each pod that is created as the test says at that moment. */
public final class MutatingWebhook implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SEEN = "example.com/seen-by-webhook";

    private final AtomicReference<UnaryOperator<ObjectNode>> change = new AtomicReference<>(UnaryOperator.identity());
    private final HttpsServer server;
    private final KubernetesClient admin;
    private final MutatingWebhookConfiguration configuration;

    private MutatingWebhook(HttpsServer server, KubernetesClient admin, MutatingWebhookConfiguration configuration) {
        this.server = server;
        this.admin = admin;
        this.configuration = configuration;
        server.createContext("/", this::answer);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    /** Returns once the API server calls it. */
    public static MutatingWebhook in(String namespace, KubernetesClient admin, Path directory) throws Exception {
        SelfSigned certificate = SelfSigned.in(directory);
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(certificate.context()));
        MutatingWebhookConfiguration configuration = new MutatingWebhookConfigurationBuilder()
                .withNewMetadata()
                .withName(namespace)
                .endMetadata()
                .addNewWebhook()
                .withName("pods.example.com")
                .withAdmissionReviewVersions("v1")
                .withSideEffects("None")
                .withFailurePolicy("Fail")
                .withNewNamespaceSelector()
                .addToMatchLabels("kubernetes.io/metadata.name", namespace)
                .endNamespaceSelector()
                .addNewRule()
                .withApiGroups("")
                .withApiVersions("v1")
                .withResources("pods")
                .withOperations("CREATE", "UPDATE")
                .endRule()
                .withNewClientConfig()
                .withUrl("https://127.0.0.1:" + server.getAddress().getPort() + "/")
                .withCaBundle(
                        Base64.getEncoder().encodeToString(certificate.pem().getBytes(StandardCharsets.US_ASCII)))
                .endClientConfig()
                .endWebhook()
                .build();
        MutatingWebhook webhook = new MutatingWebhook(server, admin, configuration);
        admin.resource(configuration).create();
        webhook.awaitCalls(namespace);
        return webhook;
    }

    private void awaitCalls(String namespace) {
        Pod probe = new PodBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName("probe")
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("c")
                .withImage("registry.example.com/probe:1")
                .endContainer()
                .endSpec()
                .build();
        change.set(pod -> {
            pod.withObject("/metadata").withObject("/annotations").put(SEEN, "true");
            return pod;
        });
        Environments.until(
                "the webhook to be called",
                () -> org.assertj.core.api.Assertions.assertThat(admin.resource(probe)
                                .dryRun(true)
                                .create()
                                .getMetadata()
                                .getAnnotations())
                        .containsKey(SEEN));
        change.set(UnaryOperator.identity());
    }

    /** From now on each pod is changed so. */
    public void change(UnaryOperator<ObjectNode> next) {
        change.set(next);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            ObjectNode request =
                    (ObjectNode) JSON.readTree(exchange.getRequestBody()).path("request");
            ObjectNode pod = (ObjectNode) request.path("object");
            ObjectNode changed = change.get().apply(pod.deepCopy());
            ArrayNode patch = JSON.createArrayNode();
            for (String field : new String[] {"metadata", "spec"}) {
                if (!changed.path(field).equals(pod.path(field))) {
                    patch.addObject()
                            .put("op", "replace")
                            .put("path", "/" + field)
                            .set("value", changed.path(field));
                }
            }
            ObjectNode review = JSON.createObjectNode();
            review.put("apiVersion", "admission.k8s.io/v1").put("kind", "AdmissionReview");
            ObjectNode response = review.putObject("response");
            response.put("uid", request.path("uid").asText()).put("allowed", true);
            if (!patch.isEmpty()) {
                response.put("patchType", "JSONPatch").put("patch", JSON.writeValueAsBytes(patch));
            }
            byte[] body = JSON.writeValueAsBytes(review);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        admin.resource(configuration).delete();
        server.stop(0);
    }
}
