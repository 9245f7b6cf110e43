package dev.cleanroom.operator.environment;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.operator.environment.model.Observed;
import dev.cleanroom.operator.environment.model.StatusTiming;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Executor;
import dev.cleanroom.operator.kube.plan.Overlay;
import dev.cleanroom.operator.kube.plan.Plan;
import dev.cleanroom.operator.kube.plan.Result;
import dev.cleanroom.operator.kube.plan.Rounds;
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

/**
 * The steps of a reconcile, without the SDK: observe, decide, write, add the answers to the observation, and repeat
 * until nothing is left to write.
 */
public final class EnvironmentRun {
    /** If more environments than this get a pod at the same moment, it is a rush. */
    private static final int RUSH = 16;

    private final Api api;
    private final Executor executor;
    private final Images images;
    private final ForeignPolicies foreign;
    private final Rounds rounds;
    private final Decision decision;
    private final HeldProgress held = new HeldProgress();
    private final AtomicInteger creating = new AtomicInteger();

    /**
     * Decides what to write now. The product has one implementation; the simulation uses another that contains
     * faults.
     */
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
        this.rounds = new Rounds(executor, this::carryOut, clock);
        this.decision = decision;
    }

    /** How many environments each policy rejects; empty while that is not known. */
    Map<Policy.Id, Integer> rejections(Known known, Supplier<Stream<BuildEnvironment>> environments) {
        return images.rejections(known, environments);
    }

    /**
     * @param remember receives each write that was done, for the caches
     * @return when to run again if no event comes first; empty if the passing of time changes nothing
     */
    public Optional<Duration> run(BuildEnvironment environment, Known known, Consumer<Result.Done> remember) {
        Observer observer = new Observer(known, api, images, foreign);
        Overlay overlay = new Overlay();
        return rounds.run(new Rounds.Recipe() {
            @Override
            public Plan decide(Instant now) {
                String uid = environment.getMetadata().getUid();
                var statusTiming = new StatusTiming(held.since(uid), creating.get() > RUSH);
                Optional<Observed> observed = observer.observe(environment, overlay, statusTiming);
                if (observed.isEmpty()) {
                    return Plan.NOTHING;
                }
                Plan plan = decision.decide(observed.get(), now);
                held.update(uid, plan.holdsProgress(), now);
                return plan;
            }

            @Override
            public boolean learn(List<Result> results) {
                for (Result result : results) {
                    if (result instanceof Result.Done done) {
                        remember.accept(done);
                    }
                }
                overlay.add(results);
                return true;
            }
        });
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
