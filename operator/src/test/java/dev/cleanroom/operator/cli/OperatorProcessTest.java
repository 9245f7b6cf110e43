package dev.cleanroom.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Fault;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.lab.OperatorProcess;
import dev.cleanroom.operator.lab.RecordingProxy;
import dev.cleanroom.operator.lab.Requests;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The process as those see it who run it: probes, metrics, logs, how it stops and why it does not start. */
@LabTest
@Timeout(180)
class OperatorProcessTest {
    private static final Set<String> LABELS =
            Set.of("controller", "outcome", "kind", "verb", "result", "le", "quantile", "state", "rail", "code");
    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_]+)=\"([^\"]*)\"");

    private static final Pattern MESSAGE = Pattern.compile("\"formattedMessage\":\"[^\"]*\"");

    @Test
    void probesAnswerBeforeTheApiServerDoes(Lab lab) {
        String namespace = lab.namespace();
        RecordingProxy proxy = lab.proxy();
        Fault.Hold hold = proxy.hold(Requests.any());
        OperatorProcess operator = lab.launch(lab.kubeconfig(proxy), "--leader-elect=false", "--namespaces", namespace);

        Environments.until("a request to be held", () -> assertThat(hold.held()).isPositive());
        assertThat(status(operator, "/livez")).isEqualTo(200);
        assertThat(status(operator, "/readyz")).isEqualTo(503);
        assertThat(status(operator, "/metrics")).isEqualTo(200);

        proxy.clearFaults();
        hold.release();
        operator.awaitReady();
    }

    @Test
    void metricsCarryNoNamesAndTheLogSaysOnceWhatWasCreatedAndWhy(Lab lab) throws Exception {
        String namespace = lab.namespace();
        OperatorProcess operator =
                lab.operator(lab.operatorKubeconfig(), "--leader-elect=false", "--namespaces", namespace);
        Environments environments = lab.environments(namespace);
        environments.create(Manifests.task("payments-of-tuesday", "standard"));
        environments.awaitCondition("payments-of-tuesday", "Ready", "True", "Running");

        String metrics = operator.get("/metrics").orElseThrow().body();
        assertThat(metrics).contains("cleanroom_writes_total{", "cleanroom_reconcile_seconds_count{");
        assertThat(metrics).doesNotContain("payments-of-tuesday").doesNotContain(namespace);
        Set<String> labels = new TreeSet<>();
        for (Matcher found = LABEL.matcher(metrics); found.find(); ) {
            labels.add(found.group(1));
        }
        assertThat(labels).isSubsetOf(LABELS);
        assertThat(lines(operator))
                .extracting(line -> line.path("formattedMessage").asText())
                .filteredOn(message -> message.startsWith("Created Pod "))
                .containsExactly("Created Pod " + namespace + "/payments-of-tuesday-0-1 (reason: SlotEmpty)");
    }

    @Test
    void linesAreJsonAndSayWhichResourceTheyAreAbout(Lab lab) throws Exception {
        String namespace = lab.namespace();
        RecordingProxy proxy = lab.proxy();
        proxy.answer(Requests.method("POST").and(Requests.on("pods")), 1, Fault.Answer.quotaExceeded());
        OperatorProcess operator =
                lab.operator(lab.kubeconfig(proxy), "--leader-elect=false", "--namespaces", namespace);
        Environments environments = lab.environments(namespace);
        environments.create(Manifests.task("payments", "standard"));
        environments.awaitCondition("payments", "Stalled", "True", "QuotaExceeded");

        assertThat(lines(operator))
                .filteredOn(line -> line.path("formattedMessage").asText().contains("exceeded quota"))
                .isNotEmpty()
                .allSatisfy(line -> {
                    assertThat(line.path("mdc").path("resource.namespace").asText())
                            .isEqualTo(namespace);
                    assertThat(line.path("mdc").path("resource.name").asText()).isEqualTo("payments");
                });
    }

    private static List<JsonNode> lines(OperatorProcess operator) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : operator.logLines()) {
            lines.add(new ObjectMapper().readTree(line));
        }
        return lines;
    }

    @Test
    void whatIsInFlightEndsBeforeTheProcessDoes(Lab lab) {
        String namespace = lab.namespace();
        RecordingProxy proxy = lab.proxy();
        Fault.Hold hold = proxy.hold(Requests.method("POST").and(Requests.on("pods")));
        OperatorProcess operator =
                lab.operator(lab.kubeconfig(proxy), "--leader-elect=false", "--namespaces", namespace);
        Environments environments = lab.environments(namespace);
        environments.create(Manifests.task("early", "standard"));
        Environments.until(
                "a pod's creation to be under way",
                () -> assertThat(hold.held()).isEqualTo(1));

        operator.signalTermination();
        Environments.until(
                "the operator to hear it",
                () -> assertThat(operator.logLines()).anyMatch(line -> line.contains("Stopping")));
        environments.create(Manifests.task("late", "standard"));
        hold.release();

        assertThat(operator.awaitExit()).isZero();
        assertThat(environments.podNames("early")).containsExactly("early-0-1");
        // The reconcile that was in flight has written its status too: its last write.
        assertThat(environments.get("early").getStatus().observedGeneration()).isEqualTo(1);
        assertThat(environments.podNames("late")).isEmpty();
    }

    @Test
    void crdsThatAreMissingAreTold(Lab lab) {
        String namespace = lab.namespace();
        RecordingProxy proxy = lab.proxy();
        proxy.answer(
                request -> request.api().group().equals("cleanroom.dev"), Integer.MAX_VALUE, Fault.Answer.notFound());
        OperatorProcess operator = lab.launch(lab.kubeconfig(proxy), "--leader-elect=false", "--namespaces", namespace);

        assertThat(operator.awaitExit()).isEqualTo(1);
        assertThat(operator.logLines())
                .anyMatch(line -> told(line, "the server could not find the requested resource")
                        && line.contains("the CRDs of this version are installed"));
    }

    @Test
    void rolesThatAreMissingAreTold(Lab lab) {
        String namespace = lab.namespace();
        RecordingProxy proxy = lab.proxy();
        proxy.answer(Requests.on("pods"), Integer.MAX_VALUE, Fault.Answer.forbidden());
        OperatorProcess operator = lab.launch(lab.kubeconfig(proxy), "--leader-elect=false", "--namespaces", namespace);

        assertThat(operator.awaitExit()).isEqualTo(1);
        assertThat(operator.logLines())
                .anyMatch(line -> told(line, "user cannot do that")
                        && line.contains("the service account has the operator's roles"));
    }

    @Test
    void anApiServerThatIsNotThereIsTold(Lab lab) {
        RecordingProxy proxy = lab.proxy();
        var nowhere = lab.kubeconfig(proxy);
        proxy.kill();
        OperatorProcess operator = lab.launch(nowhere, "--leader-elect=false");

        assertThat(operator.awaitExit()).isEqualTo(1);
        assertThat(operator.logLines())
                .anyMatch(line -> told(line, "ConnectException") && line.contains("the cluster is reachable"));
    }

    @Test
    void aFlagThatIsNotUnderstoodIsNamed(Lab lab) {
        OperatorProcess operator = lab.launch(lab.operatorKubeconfig(), "--lease-duration", "soon");

        assertThat(operator.awaitExit()).isEqualTo(2);
        assertThat(operator.logLines()).anyMatch(line -> line.contains("--lease-duration") && line.contains("soon"));
    }

    /** The cause stands in the message itself, not only in the stack below it. */
    private static boolean told(String line, String cause) {
        Matcher message = MESSAGE.matcher(line);
        return message.find()
                && message.group().contains("cannot start")
                && message.group().contains(cause);
    }

    private static int status(OperatorProcess operator, String path) {
        return operator.get(path).map(HttpResponse::statusCode).orElse(0);
    }
}
