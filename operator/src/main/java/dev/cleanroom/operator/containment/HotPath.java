package dev.cleanroom.operator.containment;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.ApiUnavailableException;
import dev.cleanroom.operator.kube.Clients;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers each request for quarantine with one PATCH. It runs on every replica, leader or not, because the flip is
 * idempotent and only moves forward.
 *
 * <ol>
 *   <li>Two separate informers, for build pods that are preparing or active and for environments, keep only names,
 *       labels and annotations.
 *   <li>A change of either calls {@link Flip#wanted}, and the flip that it returns is sent at once, on a new thread.
 *   <li>A flip that could not be sent, was refused, or found another state is decided again with back-off, without
 *       end, while the pod is preparing or active.
 * </ol>
 *
 * It shares no queue, thread, client or connection with the reconcilers.
 */
public final class HotPath implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HotPath.class);
    private static final String BY_ENVIRONMENT = "environment";
    private static final String EVERYWHERE = "";
    private static final Duration FIRST_RETRY = Duration.ofMillis(50);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(5);

    private final KubernetesClient client;
    private final Api api;
    private final Set<String> namespaces;
    private final BiConsumer<Flip, Answer> listener;
    private final List<Scope> scopes = new CopyOnWriteArrayList<>();
    private final Set<String> inFlight = ConcurrentHashMap.newKeySet();
    private final ExecutorService flips = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * The attempts to flip one pod.
     *
     * @param waited the wait before the next attempt; zero before the first
     * @param refused whether a refusal was logged already
     */
    private record Tries(Duration waited, boolean refused) {
        static final Tries NONE = new Tries(Duration.ZERO, false);

        Tries next() {
            Duration doubled = waited.isZero() ? FIRST_RETRY : waited.multipliedBy(2);
            return new Tries(doubled.compareTo(LONGEST_RETRY) < 0 ? doubled : LONGEST_RETRY, refused);
        }

        Tries withRefusal() {
            return new Tries(waited, true);
        }
    }

    /** The informers of one namespace, or of all. */
    private record Scope(SharedIndexInformer<Pod> pods, SharedIndexInformer<BuildEnvironment> environments) {}

    /**
     * @param namespaces the namespaces to watch; empty for all
     * @param listener receives each flip and its answer, for metrics and logs
     */
    public HotPath(KubernetesClient client, Api api, Set<String> namespaces, BiConsumer<Flip, Answer> listener) {
        this.client = client;
        this.api = api;
        this.namespaces = Set.copyOf(namespaces);
        this.listener = listener;
    }

    /** Returns when both caches are filled. */
    public void start() {
        for (String namespace : namespaces.isEmpty() ? Set.of(EVERYWHERE) : namespaces) {
            scopes.add(scope(namespace));
        }
        List<CompletableFuture<Void>> synced = scopes.stream()
                .flatMap(scope -> Stream.of(scope.pods(), scope.environments()))
                .map(informer -> informer.start().toCompletableFuture())
                .toList();
        synced.forEach(CompletableFuture::join);
    }

    private Scope scope(String namespace) {
        var pods = client.pods();
        var environments = client.resources(BuildEnvironment.class);
        boolean everywhere = namespace.equals(EVERYWHERE);
        Scope scope = new Scope(
                (everywhere ? pods.inAnyNamespace() : pods.inNamespace(namespace))
                        .withLabel(CleanroomApi.ENVIRONMENT_LABEL)
                        .withLabelIn(CleanroomApi.STATE_LABEL, CleanroomApi.STATE_PREPARING, CleanroomApi.STATE_ACTIVE)
                        .withLimit(Clients.PAGE)
                        .runnableInformer(0),
                (everywhere ? environments.inAnyNamespace() : environments.inNamespace(namespace))
                        .withLimit(Clients.PAGE)
                        .runnableInformer(0));
        scope.pods().addIndexers(Map.of(BY_ENVIRONMENT, pod -> List.of(environmentKey(pod))));
        scope.pods().addEventHandler(new OnChange<>(pod -> consider(scope, pod, Tries.NONE)));
        scope.environments()
                .addEventHandler(new OnChange<>(environment -> scope.pods()
                        .getIndexer()
                        .byIndex(
                                BY_ENVIRONMENT,
                                key(environment, environment.getMetadata().getName()))
                        .forEach(pod -> consider(scope, pod, Tries.NONE))));
        // A watch that was started and fails is started again, without end: no request for quarantine may be missed. A
        // watch that cannot start fails the start of the process.
        scope.pods().exceptionHandler((started, thrown) -> started);
        scope.environments().exceptionHandler((started, thrown) -> started);
        return scope;
    }

    /** Whether all watches are connected, so that a request would be noticed. */
    public boolean isWatching() {
        return !scopes.isEmpty()
                && scopes.stream()
                        .allMatch(scope -> scope.pods().isWatching()
                                && scope.environments().isWatching());
    }

    @Override
    public void close() {
        scopes.forEach(scope -> {
            scope.pods().close();
            scope.environments().close();
        });
        flips.shutdown();
    }

    private void consider(Scope scope, Pod pod, Tries before) {
        wanted(scope, pod).filter(flip -> inFlight.add(flip.uid())).ifPresent(flip -> send(scope, flip, before));
    }

    private static Optional<Flip> wanted(Scope scope, Pod pod) {
        return Flip.wanted(
                pod, Optional.ofNullable(scope.environments().getIndexer().getByKey(environmentKey(pod))));
    }

    private void send(Scope scope, Flip flip, Tries before) {
        flips.execute(() -> {
            Optional<Tries> again = Optional.of(before.next());
            try {
                again = tried(flip, before);
            } catch (ApiUnavailableException e) {
                log.warn(
                        "Could not move {} to {} yet; retrying: {}",
                        flip.pod(),
                        flip.to().label(),
                        e.getMessage());
            } catch (RuntimeException e) {
                log.warn(
                        "Could not move {} to {} yet; retrying",
                        flip.pod(),
                        flip.to().label(),
                        e);
            } finally {
                // Retry after any error: if it were forgotten here, the pod would keep its network.
                again.ifPresentOrElse(next -> again(scope, flip, next), () -> inFlight.remove(flip.uid()));
            }
        });
    }

    /**
     * Empty when the pod was flipped or is deleted. If it has another state now, it may have become active, and the
     * event of that was ignored if it arrived before this answer.
     */
    private Optional<Tries> tried(Flip flip, Tries before) {
        Answer answer = api.jsonPatch(flip.pod(), flip.operations(), flip.stateAlone());
        listener.accept(flip, answer);
        return switch (answer) {
            case Answer.Ok ok -> Optional.empty();
            case Answer.Rejected rejected when rejected.notFound() -> Optional.empty();
            case Answer.Rejected rejected when rejected.moved() -> Optional.of(before.next());
            case Answer.Rejected rejected -> {
                if (!before.refused()) {
                    log.error(
                            "The API server refused to move {} to {}; retrying until it succeeds: {}",
                            flip.pod(),
                            flip.to().label(),
                            rejected.message());
                }
                yield Optional.of(before.next().withRefusal());
            }
        };
    }

    private void again(Scope scope, Flip flip, Tries next) {
        if (flips.isShutdown()) {
            return;
        }
        CompletableFuture.delayedExecutor(next.waited().toMillis(), TimeUnit.MILLISECONDS, flips)
                .execute(() -> {
                    inFlight.remove(flip.uid());
                    present(scope, flip).ifPresent(pod -> consider(scope, pod, next));
                });
    }

    private static Optional<Pod> present(Scope scope, Flip flip) {
        String namespace = Objects.requireNonNull(flip.pod().namespace());
        return Optional.ofNullable(scope.pods()
                        .getIndexer()
                        .getByKey(key(namespace, flip.pod().name())))
                .filter(pod -> pod.getMetadata().getUid().equals(flip.uid()));
    }

    private static String environmentKey(Pod pod) {
        return key(pod, pod.getMetadata().getLabels().getOrDefault(CleanroomApi.ENVIRONMENT_LABEL, ""));
    }

    private static String key(HasMetadata inNamespaceOf, String name) {
        return key(inNamespaceOf.getMetadata().getNamespace(), name);
    }

    /** The key, in the form that the informers use. */
    private static String key(String namespace, String name) {
        return namespace + "/" + name;
    }

    /** Handles added and changed objects alike: what counts is the annotation that the object has now. */
    private record OnChange<T>(Consumer<T> then) implements ResourceEventHandler<T> {
        @Override
        public void onAdd(T object) {
            then.accept(object);
        }

        @Override
        public void onUpdate(T before, T after) {
            then.accept(after);
        }

        @Override
        public void onDelete(T object, boolean unknown) {
            // The pod is deleted or held by now, so there is nothing to contain.
        }
    }
}
