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
 * Carries out plans, in order, and stops at the first write that fails. An Event only reports, so a failed one does not
 * stop the plan.
 *
 * <ol>
 *   <li>A plan that is older than the Lease's renew deadline is dropped, because another process may be the leader by
 *       now.
 *   <li>After 409 AlreadyExists, one GET decides: an object of ours is {@link Result.Done}, any other is {@link
 *       Result.NameTaken}. An object of ours without an owner that is being deleted is a conflict.
 *   <li>An object that many environments share (it has no owner) is created once, however many want it at the same
 *       time, and one GET of it answers everyone who asked before it was sent.
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
     * @param nanoTime a monotonic clock that continues while the process is paused
     * @param listener receives each write and its result, for metrics, logs and caches
     */
    public Executor(Api api, Duration maxAge, LongSupplier nanoTime, BiConsumer<Write, Result> listener) {
        this.api = api;
        this.confirmations = new SharedGet(api::get);
        this.maxAge = maxAge;
        this.nanoTime = nanoTime;
        this.listener = listener;
    }

    /** The moment at which a decision begins; the caller passes it back with the plan. */
    public long startOfDecision() {
        return nanoTime.getAsLong();
    }

    /**
     * Returns one result for each write that was tried. All but the last are {@link Result.Done}, or {@link
     * Result.Untold} for an Event.
     */
    public List<Result> carryOut(Plan plan, long decidedAt) {
        List<Result> results = new ArrayList<>();
        for (Write write : plan.writes()) {
            boolean outdated = nanoTime.getAsLong() - decidedAt > maxAge.toNanos();
            boolean onlyReports = write.target().resource() == Resource.EVENT
                    && results.size() + 1 < plan.writes().size();
            Result result = outdated ? new Result.Outdated(write) : onlyReports ? reported(write) : carryOut(write);
            listener.accept(write, result);
            results.add(result);
            if (!(result instanceof Result.Done || result instanceof Result.Untold)) {
                break;
            }
        }
        return results;
    }

    /** If a quota, a webhook or a limit refuses an Event, the status after it in the plan is still written. */
    private Result reported(Write event) {
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

    /**
     * An answer of 5xx to one write is a refusal: a webhook that is down does not mean that the API server is. Without an
     * answer, nothing more can be written.
     */
    private Result carryOut(Write write) {
        try {
            return sent(write);
        } catch (ApiUnavailableException e) {
            Answer.Rejected answer = e.answer().orElseThrow(() -> e);
            return new Result.Refused(write, answer.code(), answer.reason(), answer.message());
        }
    }

    private Result sent(Write write) {
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
                // Later writes may depend on an object that the namespace shares. One that is being deleted does not
                // count.
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
        Answer answer = api.delete(
                delete.target(),
                delete.precondition().uid(),
                delete.precondition().resourceVersion());
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

    /** The API server compares the resourceVersion with the stored one, and answers 409 if the stored one is later. */
    private static List<Api.Operation> operations(Write.Patch patch) {
        List<Api.Operation> operations = new ArrayList<>();
        operations.add(Api.Operation.set("/metadata/uid", patch.precondition().uid()));
        operations.add(Api.Operation.set(
                "/metadata/resourceVersion", patch.precondition().resourceVersion()));
        patch.values().forEach((path, value) -> operations.add(Api.Operation.set(path, value)));
        return operations;
    }

    /** An object is ours if it has the same controlling owner or, without an owner, the same component label. */
    private static boolean isOurs(HasMetadata wanted, HasMetadata found) {
        String owner = ownerUid(wanted);
        if (owner != null) {
            return owner.equals(ownerUid(found));
        }
        return Objects.equals(label(wanted, CleanroomApi.COMPONENT_LABEL), label(found, CleanroomApi.COMPONENT_LABEL))
                // Events have no label. Their name is computed from their subject and reason.
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
