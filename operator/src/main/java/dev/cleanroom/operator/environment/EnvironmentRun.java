package dev.cleanroom.operator.environment;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.operator.environment.model.Observed;
import dev.cleanroom.operator.environment.model.Telling;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Executor;
import dev.cleanroom.operator.kube.plan.Overlay;
import dev.cleanroom.operator.kube.plan.Plan;
import dev.cleanroom.operator.kube.plan.Result;
import dev.cleanroom.operator.network.ForeignPolicies;
import dev.cleanroom.operator.trust.ImageTrust;
import dev.cleanroom.operator.trust.policy.Policy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The recipe, without the SDK: observe, decide, carry out, lay the answers over, until nothing more is wanted. */
public final class EnvironmentRun {
    /** A plan never depends on its own results, so a few rounds settle anything; more would be a fault of ours. */
    private static final int MAX_ROUNDS = 8;

    /** More environments than this that get a pod at the same moment are a rush. */
    private static final int RUSH = 16;

    private static final Duration AFTER_CONFLICT = Duration.ofMillis(50);
    private static final Duration AFTER_TOO_MANY_ROUNDS = Duration.ofSeconds(5);

    private final Api api;
    private final Executor executor;
    private final Images images;
    private final ForeignPolicies foreign;
    private final Clock clock;
    private final Decision decision;
    private final HeldProgress held = new HeldProgress();
    private final AtomicInteger creating = new AtomicInteger();

    /** What to write now; the product has one, a simulation puts faults into it. */
    public interface Decision {
        Plan decide(Observed observed, Instant now);
    }

    public EnvironmentRun(Api api, Executor executor, ImageTrust trust, Clock clock, Decision decision) {
        this.api = api;
        this.executor = executor;
        this.images = new Images(trust);
        this.foreign =
                new ForeignPolicies(namespace -> api.list(Resource.NETWORK_POLICY, namespace, "", NetworkPolicy.class)
                        .orElseThrow());
        this.clock = clock;
        this.decision = decision;
    }

    /** How many environments each policy rejects; empty while that is not known. */
    Map<Policy.Id, Integer> rejections(Known known, Supplier<Stream<BuildEnvironment>> environments) {
        return images.rejections(known, environments);
    }

    /**
     * @param remember told of each write that was done: caches
     * @return after how long to run again if nothing happens before; empty when time alone changes nothing
     */
    public Optional<Duration> run(BuildEnvironment environment, Known known, Consumer<Result.Done> remember) {
        Observer observer = new Observer(known, api, images, foreign);
        String uid = environment.getMetadata().getUid();
        Overlay overlay = new Overlay();
        for (int round = 0; round < MAX_ROUNDS; round++) {
            long startOfDecision = executor.startOfDecision();
            Instant now = clock.instant();
            Optional<Observed> observed =
                    observer.observe(environment, overlay, new Telling(held.since(uid), creating.get() > RUSH));
            if (observed.isEmpty()) {
                return Optional.empty();
            }
            Plan plan = decision.decide(observed.get(), now);
            held.update(uid, plan.holdsProgress(), now);
            if (plan.isEmpty()) {
                return plan.wakeUp().map(wakeUp -> Duration.between(now, wakeUp));
            }
            List<Result> results = carryOut(plan, startOfDecision);
            for (Result result : results) {
                if (result instanceof Result.Done done) {
                    remember.accept(done);
                }
            }
            overlay.add(results);
            if (results.getLast() instanceof Result.Conflict || results.getLast() instanceof Result.Outdated) {
                return Optional.of(AFTER_CONFLICT);
            }
            if (plan.onlyTells()) {
                return plan.wakeUp().map(wakeUp -> Duration.between(now, wakeUp));
            }
        }
        return Optional.of(AFTER_TOO_MANY_ROUNDS);
    }

    private List<Result> carryOut(Plan plan, long startOfDecision) {
        if (!plan.createsPod()) {
            return executor.carryOut(plan, startOfDecision);
        }
        creating.incrementAndGet();
        try {
            return executor.carryOut(plan, startOfDecision);
        } finally {
            creating.decrementAndGet();
        }
    }
}
