package dev.cleanroom.operator.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Result;
import dev.cleanroom.operator.kube.plan.Write;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What the log says of each write: what was done, to what, and why. */
class WriteLogTest {
    private static final Pod STORED = new Pod();
    private static final ObjectKey POD = new ObjectKey(Resource.POD, "team-a", "payments-0-1");
    private static final ObjectKey LIST = new ObjectKey(Resource.TRUST_POLICY, null, "cleanroom-denied");
    private static final ObjectKey EVENT = new ObjectKey(Resource.EVENT, "team-a", "payments.1a2b");
    private static final Write CREATE = new Write.Create(POD, STORED, "SlotEmpty");
    private static final Write DELETE = new Write.Delete(POD, new Write.Precondition("uid", "1"), "ScaledDown");

    private final Logger logger = (Logger) LoggerFactory.getLogger(WriteLog.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final Telemetry telemetry = new Telemetry();

    @BeforeEach
    void listen() {
        logger.setLevel(Level.DEBUG);
        logger.setAdditive(false);
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(lines);
        logger.setAdditive(true);
        logger.setLevel(null);
    }

    private void write(Result result) {
        telemetry.write(result.write(), result);
    }

    private List<String> lines() {
        return lines.list.stream()
                .map(line -> line.getLevel() + " " + line.getFormattedMessage())
                .toList();
    }

    @Test
    void whatWasCreatedOrDeletedAndWhyIsSaidAtInfo() {
        write(new Result.Done(CREATE, STORED));
        write(new Result.Done(new Write.Apply(LIST, STORED, "DenyListOpened"), STORED));
        write(new Result.Done(DELETE, null));
        assertThat(lines())
                .containsExactly(
                        "INFO Created Pod team-a/payments-0-1 (reason: SlotEmpty)",
                        "INFO Applied TrustPolicy cleanroom-denied (reason: DenyListOpened)",
                        "INFO Deleted Pod team-a/payments-0-1 (reason: ScaledDown)");
    }

    @Test
    void whatAnEarlierOrAnotherRunDidIsNotSaidAgain() {
        write(new Result.Done(CREATE, STORED, true));
        write(new Result.Done(DELETE, null, true));
        write(new Result.Done(new Write.Confirm(POD, "DenyAllBeforePods"), STORED));
        assertThat(lines())
                .containsExactly(
                        "DEBUG Pod team-a/payments-0-1 exists already (reason: SlotEmpty)",
                        "DEBUG Pod team-a/payments-0-1 is gone already (reason: ScaledDown)",
                        "DEBUG Confirmed Pod team-a/payments-0-1 (reason: DenyAllBeforePods)");
    }

    @Test
    void whatOnlyRecordsIsForDebugging() {
        write(new Result.Done(new Write.ApplyStatus(POD, STORED, "StatusChanged"), STORED));
        write(new Result.Done(
                new Write.Patch(POD, new Write.Precondition("uid", "1"), Map.of(), "EgressChanged"), STORED));
        write(new Result.Done(new Write.TestedPatch(POD, List.<Api.Operation>of(), List.of(), "Quarantined"), STORED));
        write(new Result.Done(new Write.Create(EVENT, STORED, "Noted"), STORED));
        assertThat(lines())
                .containsExactly(
                        "DEBUG Updated the status of Pod team-a/payments-0-1 (reason: StatusChanged)",
                        "DEBUG Patched Pod team-a/payments-0-1 (reason: EgressChanged)",
                        "DEBUG Patched Pod team-a/payments-0-1 (reason: Quarantined)",
                        "DEBUG Created Event team-a/payments.1a2b (reason: Noted)");
    }

    @Test
    void whatWasNotDoneSaysWhatFollows() {
        write(new Result.Conflict(DELETE));
        write(new Result.Outdated(DELETE));
        write(new Result.NameTaken(CREATE, STORED));
        write(new Result.Refused(CREATE, 403, "Forbidden", "exceeded quota"));
        write(new Result.Untold(new Write.Create(EVENT, STORED, "Noted"), "exceeded quota"));
        assertThat(lines())
                .containsExactly(
                        "DEBUG Did not delete Pod team-a/payments-0-1: it changed since it was read; deciding again",
                        "WARN Did not delete Pod team-a/payments-0-1: this process may no longer be the leader",
                        "INFO Did not create Pod team-a/payments-0-1: another object has this name",
                        "INFO The API server refused to create Pod team-a/payments-0-1: exceeded quota",
                        "WARN Could not store Event team-a/payments.1a2b; continuing without it: exceeded quota");
    }
}
