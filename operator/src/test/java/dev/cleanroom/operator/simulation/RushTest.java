package dev.cleanroom.operator.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.Rebuild;
import dev.cleanroom.api.v1alpha1.ResponseOrder;
import dev.cleanroom.operator.environment.EnvironmentRun;
import dev.cleanroom.operator.environment.Known;
import dev.cleanroom.operator.environment.model.Observed;
import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Executor;
import dev.cleanroom.operator.kube.plan.Plan;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.trust.PinnedByDigest;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many pods that are being created at one moment make a rush, in which statuses wait. */
class RushTest {
    private final World world = new World(new Admission(false), new Random(1));
    private final HeldCreates api = new HeldCreates();
    private final EnvironmentRun run = new EnvironmentRun(
            api,
            new Executor(api, Duration.ofMinutes(1), world::nanoTime, (write, result) -> {}),
            new PinnedByDigest(),
            world.clock(),
            this::decide);
    private final Known known = new Caches(world.server(), () -> 0, work -> {}, List::of).known();
    private volatile Optional<Boolean> told = Optional.empty();

    /** The API server answers no create until it is told to, and then refuses, so that a run ends with it. */
    private final class HeldCreates extends ApiWrapper {
        private final AtomicInteger held = new AtomicInteger();
        private final CountDownLatch answered = new CountDownLatch(1);

        HeldCreates() {
            super(new Session(world.server(), User.OPERATOR));
        }

        @Override
        public Answer create(ObjectKey key, HasMetadata object) {
            held.incrementAndGet();
            try {
                answered.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return new Answer.Rejected(409, "Conflict", "the test is over");
        }
    }

    private Plan decide(Observed observed, Instant now) {
        String name = observed.environment().getMetadata().getName();
        if (name.equals("looked-at")) {
            told = Optional.of(observed.statusTiming().rush());
            return Plan.of(List.of(), Optional.empty());
        }
        var pod = new ObjectKey(Resource.POD, Setup.NAMESPACE, name + "-0-1");
        // Owned, as every pod is: what has no owner is created once for all who ask.
        var owned = new PodBuilder()
                .withNewMetadata()
                .withNamespace(Setup.NAMESPACE)
                .withName(pod.name())
                .addNewOwnerReference()
                .withUid(name)
                .withController(true)
                .endOwnerReference()
                .endMetadata()
                .build();
        return Plan.of(List.of(new Write.Create(pod, owned, "SlotEmpty")), Optional.empty());
    }

    private static BuildEnvironment environment(String name) {
        var setup = new Setup(false, ResponseOrder.IsolateFirst, Rebuild.Manual, true, true, false, false, false);
        BuildEnvironment environment = setup.build(name, 0, 1);
        environment.getMetadata().setUid(name);
        return environment;
    }

    private boolean isARush() {
        run.run(environment("looked-at"), known, done -> {});
        return told.orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"0, false", "16, false", "17, true"})
    @Timeout(30)
    void moreThanSixteenPodsUnderWayAreARush(int creates, boolean rush) throws InterruptedException {
        List<Thread> threads = IntStream.range(0, creates)
                .mapToObj(i -> environment("agents-" + i))
                .map(it -> Thread.ofVirtual().start(() -> run.run(it, known, done -> {})))
                .toList();
        await().until(() -> api.held.get() == creates);
        assertThat(isARush()).isEqualTo(rush);

        api.answered.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(isARush()).as("when the creates are answered").isFalse();
    }
}
