package dev.cleanroom.operator.incident;

import dev.cleanroom.operator.lab.Fault;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.lab.RecordedRequest;
import dev.cleanroom.operator.lab.RecordingProxy;
import dev.cleanroom.operator.lab.Requests;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The cut that an incident makes waits for nothing but the API server itself, and says when that refuses it. */
@LabTest
class CutOffTest {
    private static final Predicate<RecordedRequest> FLIPS =
            Requests.method("PATCH").and(Requests.on("pods"));

    private RecordingProxy proxy;
    private Suspects suspects;

    @BeforeEach
    void open(Lab lab) {
        proxy = lab.proxy();
        suspects = Suspects.in(lab);
        lab.operator(
                lab.kubeconfig(proxy),
                "--leader-elect=false",
                "--namespaces",
                suspects.environments().namespace());
    }

    @Test
    void aPodIsCutOffThoughNothingElseCanBeRead() {
        suspects.run(Manifests.task("payments", "standard"));
        suspects.run(Manifests.environment("""
                apiVersion: cleanroom.dev/v1alpha1
                kind: BuildEnvironment
                metadata: {name: reports}
                spec:
                  image: %s
                  command: [mvn, verify]
                  response: {order: PreserveFirst}
                """.formatted(Manifests.IMAGE)));
        proxy.answer(Requests.on("volumesnapshots"), Integer.MAX_VALUE, Fault.Answer.forbidden());

        suspects.quarantine("reports-0-1");
        suspects.incidents().create(suspects.environments().pod("payments-0-1"), "seen in the proxy's log");

        suspects.awaitState("payments-0-1", "quarantined");
        suspects.awaitState("reports-0-1", "quarantined");
    }

    @Test
    void aCutThatIsRefusedIsToldAndTriedAgain() {
        suspects.run(Manifests.task("payments", "standard"));
        proxy.answer(
                FLIPS,
                Integer.MAX_VALUE,
                new Fault.Answer(422, "Invalid", "induced: ValidatingAdmissionPolicy 'others' denied request", 0));

        String name = suspects.incidents().create(suspects.environments().pod("payments-0-1"), "seen in a log");

        suspects.incidents().awaitCondition(name, "Isolated", "False", "WriteRefused");
        suspects.incidents().awaitCondition(name, "Ready", "False", "WriteRefused");
        proxy.clearFaults();
        suspects.incidents().awaitCondition(name, "Isolated", "True", "Quarantined");
    }
}
