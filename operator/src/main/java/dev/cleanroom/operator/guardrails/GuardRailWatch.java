package dev.cleanroom.operator.guardrails;

import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.ApiUnavailableException;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.WarningEvent;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the guard rails with the chart every {@link #PERIOD}, on every replica, and reports those that are not in
 * force as the chart has them. It changes none: only administrators may change them, and they may have a reason.
 *
 * <p>While pods with phases wait for a guard rail, it compares every {@link #SHORT_PERIOD}, so that an upgrade does not
 * delay them.
 */
public final class GuardRailWatch implements AutoCloseable {
    static final Duration PERIOD = Duration.ofSeconds(30);
    static final Duration SHORT_PERIOD = Duration.ofSeconds(5);

    private static final Logger log = LoggerFactory.getLogger(GuardRailWatch.class);

    private final Api api;
    private final Clock clock;
    private final GuardRails rails;
    private final Listener listener;
    private final Set<String> reported = new HashSet<>();
    private final PreparingRails preparing = new PreparingRails();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("guard-rails").factory());

    /** Called for each guard rail at each comparison, to set a metric. */
    public interface Listener {
        void seen(String kind, String name, boolean inForce);
    }

    public GuardRailWatch(Api api, Clock clock, String operatorNamespace, Listener listener) {
        this.api = api;
        this.clock = clock;
        this.rails = GuardRails.ofChart(operatorNamespace);
        this.listener = listener;
    }

    public void start() {
        again(Duration.ZERO);
    }

    private void again(Duration delay) {
        ScheduledFuture<?> unused = thread.schedule(
                () -> {
                    look();
                    again(preparingNotReady().isEmpty() ? PERIOD : SHORT_PERIOD);
                },
                delay.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /**
     * Why no pod may be created in state preparing yet: a sentence for the message of a condition. Empty while all guard
     * rails that such a pod needs are in force as the chart has them.
     */
    public Optional<String> preparingNotReady() {
        return preparing.notReady(clock.instant());
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    void look() {
        try {
            Map<Resource, Optional<List<GenericKubernetesResource>>> stored = new EnumMap<>(Resource.class);
            rails.kinds()
                    .forEach(kind ->
                            stored.put(kind, api.list(kind, null, GuardRails.LABEL, GenericKubernetesResource.class)));
            List<GuardRails.RailState> states = rails.look(stored);
            preparing.seen(states, clock.instant());
            states.forEach(this::judge);
        } catch (ApiUnavailableException e) {
            log.warn("Could not read the guard rails; trying again soon: {}", e.getMessage());
        } catch (RuntimeException e) {
            // If this exception left the method, the executor would run it never again.
            log.error("Could not compare the guard rails; trying again soon", e);
        }
    }

    private void judge(GuardRails.RailState rail) {
        Optional<String> fault = rail.fault();
        String kind = rail.kind().kind();
        listener.seen(kind, rail.name(), fault.isEmpty());
        if (fault.isEmpty()) {
            reported.remove(kind + rail.name());
            return;
        }
        String message = kind + " " + rail.name() + " " + fault.get()
                + ", so what it refuses is no longer refused; cleanroom check prints the command that restores it";
        if (!reported.contains(kind + rail.name())) {
            log.error("{}", message);
            report(rail, message);
            // Only after the Event was sent: if the API server did not answer, the next comparison sends it.
            reported.add(kind + rail.name());
        }
    }

    private void report(GuardRails.RailState rail, String message) {
        ObjectReference about = new ObjectReferenceBuilder()
                .withApiVersion(rail.kind().apiVersion())
                .withKind(rail.kind().kind())
                .withName(rail.name())
                .build();
        Instant now = clock.instant();
        Event event = new WarningEvent(about, "GuardRailNotInForce", "Look", message)
                .at(now, List.of(message, now.truncatedTo(ChronoUnit.HOURS).toString()));
        // Another replica may have created the Event already. It has the same name, so there is nothing to do.
        Object unused = api.create(WarningEvent.key(event), event);
    }
}
