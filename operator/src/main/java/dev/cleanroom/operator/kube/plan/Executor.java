package dev.cleanroom.operator.kube.plan;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.ApiUnavailableException;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries plans out, in order, and stops at the first write that is not done, an Event apart: that only tells.
 *
 * <ol>
 *   <li>A plan older than the lease's renew deadline is dropped: another process may lead by now.
 *   <li>409 AlreadyExists is answered by one live GET: ours is done, another's is {@link Result.NameTaken}; ours without an
 *       owner that is being deleted is a conflict.
 *   <li>Objects shared by many environments (no owner) are created once however many ask for them at the same time, and
 *       one look at such an object is answered to all who asked before it was sent.
 * </ol>
 */
public final class Executor {
    private final Api api;
    private final Duration maxAge;
    private final LongSupplier nanoTime;
    private final BiConsumer<Write, Result> listener;
    private final Map<ObjectKey, CompletableFuture<Result>> shared = new ConcurrentHashMap<>();
    private final SharedGet confirmations;

    /**
     * @param maxAge how long after it was decided a plan may still be carried out
     * @param nanoTime a monotonic clock that goes on while the process is paused
     * @param listener told of each result: metrics, logs, caches
     */
    public Executor(Api api, Duration maxAge, LongSupplier nanoTime, BiConsumer<Write, Result> listener) {
        this.api = api;
        this.confirmations = new SharedGet(api::get);
        this.maxAge = maxAge;
        this.nanoTime = nanoTime;
        this.listener = listener;
    }

    /** The moment a decision begins, to be handed back with its plan. */
    public long startOfDecision() {
        return nanoTime.getAsLong();
    }

    /** One result a write that was tried; all but the last are {@link Result.Done}, or an Event's {@link Result.Untold}. */
    public List<Result> carryOut(Plan plan, long decidedAt) {
        List<Result> results = new ArrayList<>();
        for (Write write : plan.writes()) {
            boolean outdated = nanoTime.getAsLong() - decidedAt > maxAge.toNanos();
            boolean onlyTells = write.target().resource() == Resource.EVENT
                    && results.size() + 1 < plan.writes().size();
            Result result = outdated ? new Result.Outdated(write) : onlyTells ? told(write) : carryOut(write);
            listener.accept(write, result);
            results.add(result);
            if (!(result instanceof Result.Done || result instanceof Result.Untold)) {
                break;
            }
        }
        return results;
    }

    /** A quota, a webhook or a limit that keeps an Event out must not keep out the status that it goes before. */
    private Result told(Write event) {
        try {
            return switch (carryOut(event)) {
                case Result.Done done -> done;
                case Result.Refused refused -> new Result.Untold(event, refused.message());
                case Result other -> new Result.Untold(event, other.getClass().getSimpleName());
            };
        } catch (ApiUnavailableException e) {
            return new Result.Untold(event, String.valueOf(e.getMessage()));
        }
    }

    private Result carryOut(Write write) {
        return switch (write) {
            case Write.Create create when ownerUid(create.object()) == null -> createOnce(create);
            case Write.Create create -> create(create);
            case Write.Apply apply -> settled(apply, api.apply(apply.target(), apply.object()));
            case Write.Patch patch -> settled(patch, api.jsonPatch(patch.target(), operations(patch)));
            case Write.TestedPatch patch -> tested(patch);
            case Write.Confirm confirm -> confirmed(confirm);
            case Write.Delete delete -> deleted(delete);
            case Write.ApplyStatus status -> settled(status, api.applyStatus(status.target(), status.fresh()));
        };
    }

    private Result tested(Write.TestedPatch patch) {
        return switch (api.jsonPatch(patch.target(), patch.operations(), patch.atLeast())) {
            case Answer.Rejected rejected when rejected.moved() -> new Result.Conflict(patch);
            case Answer answer -> settled(patch, answer);
        };
    }

    private Result createOnce(Write.Create create) {
        var mine = new CompletableFuture<Result>();
        CompletableFuture<Result> running = shared.putIfAbsent(create.target(), mine);
        if (running != null) {
            try {
                return running.join() instanceof Result.Done(var write, var stored, var _)
                        ? new Result.Done(write, stored, true)
                        : running.join();
            } catch (CompletionException e) {
                throw e.getCause() instanceof RuntimeException cause ? cause : e;
            }
        }
        try {
            Result result = create(create);
            mine.complete(result);
            return result;
        } catch (RuntimeException e) {
            mine.completeExceptionally(e);
            throw e;
        } finally {
            shared.remove(create.target());
        }
    }

    private Result create(Write.Create create) {
        Answer answer = api.create(create.target(), create.object());
        if (answer instanceof Answer.Rejected rejected && rejected.alreadyExists()) {
            return occupied(create);
        }
        return settled(create, answer);
    }

    private Result occupied(Write.Create create) {
        return switch (api.get(create.target())) {
            case Answer.Ok ok when ok.object() == null -> new Result.Conflict(create);
            case Answer.Ok ok -> {
                HasMetadata occupant = Objects.requireNonNull(ok.object());
                if (!isOurs(create.object(), occupant)) {
                    yield new Result.NameTaken(create, occupant);
                }
                // What follows may rest on what a namespace shares: one that leaves is none.
                yield ownerUid(create.object()) == null && isLeaving(occupant)
                        ? new Result.Conflict(create)
                        : new Result.Done(create, occupant, true);
            }
            case Answer.Rejected rejected -> settled(create, rejected);
        };
    }

    private Result confirmed(Write.Confirm confirm) {
        Answer answer = confirmations.of(confirm.target());
        return answer instanceof Answer.Ok ok && (ok.object() == null || isLeaving(ok.object()))
                ? new Result.Conflict(confirm)
                : settled(confirm, answer);
    }

    private static boolean isLeaving(HasMetadata object) {
        return object.getMetadata().getDeletionTimestamp() != null;
    }

    private Result deleted(Write.Delete delete) {
        Answer answer =
                api.delete(delete.target(), delete.seen().uid(), delete.seen().resourceVersion());
        return switch (answer) {
            case Answer.Ok ok -> new Result.Done(delete, stillThere(ok.object()) ? ok.object() : null);
            case Answer.Rejected rejected when rejected.notFound() -> new Result.Done(delete, null, true);
            case Answer.Rejected rejected -> settled(delete, rejected);
        };
    }

    private static boolean stillThere(@Nullable HasMetadata answered) {
        if (answered == null) {
            return false;
        }
        ObjectMeta meta = answered.getMetadata();
        boolean held = meta.getFinalizers() != null && !meta.getFinalizers().isEmpty();
        Long grace = meta.getDeletionGracePeriodSeconds();
        return meta.getDeletionTimestamp() != null && (held || (grace != null && grace > 0));
    }

    private static Result settled(Write write, Answer answer) {
        return switch (answer) {
            case Answer.Ok ok -> new Result.Done(write, ok.object());
            case Answer.Rejected rejected when rejected.notFound() || rejected.conflict() -> new Result.Conflict(write);
            case Answer.Rejected rejected ->
                new Result.Refused(write, rejected.code(), rejected.reason(), rejected.message());
        };
    }

    /** The resourceVersion of the patched object is compared with the stored one: a later one is answered 409. */
    private static List<Api.Operation> operations(Write.Patch patch) {
        List<Api.Operation> operations = new ArrayList<>();
        operations.add(Api.Operation.set("/metadata/uid", patch.seen().uid()));
        operations.add(
                Api.Operation.set("/metadata/resourceVersion", patch.seen().resourceVersion()));
        patch.values().forEach((path, value) -> operations.add(Api.Operation.set(path, value)));
        return operations;
    }

    /** Ours: the same controlling owner, or, for what has no owner, the same component of ours. */
    private static boolean isOurs(HasMetadata wanted, HasMetadata found) {
        String owner = ownerUid(wanted);
        if (owner != null) {
            return owner.equals(ownerUid(found));
        }
        return Objects.equals(label(wanted, CleanroomApi.COMPONENT_LABEL), label(found, CleanroomApi.COMPONENT_LABEL))
                // Events carry no label: their name holds what they are about and why.
                || wanted.getKind().equals("Event");
    }

    public static @Nullable String ownerUid(HasMetadata object) {
        List<OwnerReference> owners = object.getMetadata().getOwnerReferences();
        return owners == null
                ? null
                : owners.stream()
                        .filter(owner -> Boolean.TRUE.equals(owner.getController()))
                        .map(OwnerReference::getUid)
                        .findFirst()
                        .orElse(null);
    }

    private static @Nullable String label(HasMetadata object, String key) {
        Map<String, String> labels = object.getMetadata().getLabels();
        return labels == null ? null : labels.get(key);
    }
}
