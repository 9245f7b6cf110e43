package dev.cleanroom.operator.kube.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.ApiUnavailableException;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** An Event only reports, so if it cannot be stored, the writes after it in the plan are still carried out. */
class ExecutorTest {
    private static final Event EVENT = new EventBuilder()
            .withNewMetadata()
            .withNamespace("team")
            .withName("payments.0a1b2c3d4e")
            .endMetadata()
            .build();
    private static final Write TOLD =
            new Write.Create(new ObjectKey(Resource.EVENT, "team", "payments.0a1b2c3d4e"), EVENT, "Stalled");
    private static final Write STATUS = new Write.ApplyStatus(
            new ObjectKey(Resource.BUILD_ENVIRONMENT, "team", "payments"), new BuildEnvironment(), "Stalled");

    @Test
    void anEventThatIsRefusedKeepsNoStatusFromBeingWritten() {
        List<Result> results = carryOut(() -> new Answer.Rejected(422, "Invalid", "note: too long"), TOLD, STATUS);
        assertThat(results)
                .containsExactly(
                        new Result.Untold(TOLD, "note: too long"), new Result.Done(STATUS, new BuildEnvironment()));
        Overlay overlay = new Overlay();
        overlay.add(results);
        assertThat(overlay.failures()).as("failures that a person must correct").isEmpty();
    }

    @Test
    void anEventThatAWebhookBreaksKeepsNoStatusFromBeingWritten() {
        assertThat(carryOut(ExecutorTest::unavailable, TOLD, STATUS))
                .containsExactly(
                        new Result.Untold(TOLD, "failed calling webhook"),
                        new Result.Done(STATUS, new BuildEnvironment()));
    }

    @Test
    void anEventThatIsAllThereIsToWriteIsTriedAgain() {
        assertThatThrownBy(() -> carryOut(ExecutorTest::unavailable, TOLD)).isInstanceOf(ApiUnavailableException.class);
    }

    private static Answer unavailable() {
        throw new ApiUnavailableException("failed calling webhook", null);
    }

    /** The log must not say that an object was created as often as it was wanted. */
    @Test
    void whatIsThereAlreadyIsDoneAndSaysSo() {
        var stored = new PodBuilder()
                .withNewMetadata()
                .withName("shared")
                .addToLabels("cleanroom.dev/component", "deny-all")
                .endMetadata()
                .build();
        var write = new Write.Create(new ObjectKey(Resource.POD, "team", "shared"), stored, "Wanted");
        assertThat(carryOut(() -> new Answer.Ok(stored), write)).containsExactly(new Result.Done(write, stored));
        assertThat(carryOut(() -> new Answer.Rejected(409, "AlreadyExists", "there"), write))
                .containsExactly(new Result.Done(write, stored, true));
        var delete = new Write.Delete(write.target(), new Write.Precondition("uid", "1"), "Unwanted");
        assertThat(carryOut(() -> new Answer.Rejected(404, "NotFound", "gone"), delete))
                .containsExactly(new Result.Done(delete, null, true));
    }

    @Test
    void oneOfTwoThatWantTheSameAtTheSameTimeMadeIt() throws InterruptedException {
        var write = new Write.Create(
                new ObjectKey(Resource.POD, "team", "shared"),
                new PodBuilder().withNewMetadata().endMetadata().build(),
                "Wanted");
        Plan plan = Plan.of(List.of(write), Optional.empty());
        var executor = new AtomicReference<Executor>();
        var second = new AtomicReference<List<Result>>();
        Thread other = Thread.ofPlatform()
                .unstarted(() ->
                        second.set(executor.get().carryOut(plan, executor.get().startOfDecision())));
        executor.set(executor(
                () -> {
                    other.start();
                    Awaitility.await().until(() -> other.getState() == Thread.State.WAITING);
                    return new Answer.Ok(write.object());
                },
                write));
        List<Result> first = executor.get().carryOut(plan, executor.get().startOfDecision());
        other.join();
        assertThat(first).containsExactly(new Result.Done(write, write.object()));
        assertThat(second.get()).containsExactly(new Result.Done(write, write.object(), true));
    }

    private static List<Result> carryOut(Supplier<Answer> created, Write... writes) {
        Executor executor = executor(created, writes);
        return executor.carryOut(Plan.of(List.of(writes), Optional.empty()), executor.startOfDecision());
    }

    /** @param created what is answered to a create or delete; a status is always taken */
    private static Executor executor(Supplier<Answer> created, Write... writes) {
        Api api = (Api) Proxy.newProxyInstance(
                Api.class.getClassLoader(),
                new Class<?>[] {Api.class},
                (self, asked, args) -> switch (asked.getName()) {
                    case "create", "delete" -> created.get();
                    case "get" -> new Answer.Ok(((Write.Create) writes[0]).object());
                    case "applyStatus" -> new Answer.Ok((HasMetadata) args[1]);
                    default -> throw new AssertionError("not asked for: " + asked);
                });
        return new Executor(api, Duration.ofSeconds(10), () -> 0, (write, result) -> {});
    }
}
