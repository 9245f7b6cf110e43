package dev.cleanroom.operator.simulation;

import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.ApiUnavailableException;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.simulation.Turns.Signal;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Between an operator and the server: before each request others may go on, and the request or its answer be lost. */
final class Wire implements Api {
    private final Api server;
    private final Supplier<Turns> task;
    private final BooleanSupplier readWaits;
    private final Consumer<String> trace;

    /** @param readWaits whether others go on before a read too: most of the time nothing is gained by it */
    Wire(Api server, Supplier<Turns> task, BooleanSupplier readWaits, Consumer<String> trace) {
        this.server = server;
        this.task = task;
        this.readWaits = readWaits;
        this.trace = trace;
    }

    @Override
    public Answer create(ObjectKey key, HasMetadata object) {
        return send("create", key, () -> server.create(key, object));
    }

    @Override
    public Answer apply(ObjectKey key, HasMetadata object) {
        return send("apply", key, () -> server.apply(key, object));
    }

    @Override
    public Answer jsonPatch(ObjectKey key, List<Operation> operations) {
        return send("patch", key, () -> server.jsonPatch(key, operations));
    }

    @Override
    public Answer applyStatus(ObjectKey key, HasMetadata fresh) {
        return send("status", key, () -> server.applyStatus(key, fresh));
    }

    @Override
    public Answer delete(ObjectKey key, String uid, String resourceVersion) {
        return send("delete", key, () -> server.delete(key, uid, resourceVersion));
    }

    @Override
    public Answer get(ObjectKey key) {
        return read("get", key, () -> server.get(key));
    }

    @Override
    public <T extends HasMetadata> Optional<List<T>> list(
            Resource resource, String namespace, String labelSelector, Class<T> type) {
        return read("list", resource, () -> server.list(resource, namespace, labelSelector, type));
    }

    @Override
    public boolean anyExists(Resource resource, String namespace, String labelSelector) {
        return read("any", resource, () -> server.anyExists(resource, namespace, labelSelector));
    }

    private <T> T read(String verb, Object target, Supplier<T> request) {
        return readWaits.getAsBoolean() ? send(verb, target, request) : request.get();
    }

    private <T> T send(String verb, Object target, Supplier<T> request) {
        Signal signal = task.get().yield();
        if (signal == Signal.UNAVAILABLE) {
            trace.accept(verb + " " + target + ": not sent");
            throw new ApiUnavailableException("simulated", null);
        }
        T answer = request.get();
        trace.accept(verb + " " + target + ": " + brief(answer) + (signal == Signal.PROCEED ? "" : ", answer lost"));
        if (signal == Signal.LOSE_ANSWER) {
            throw new ApiUnavailableException("simulated", null);
        }
        return answer;
    }

    private static String brief(Object answer) {
        return switch (answer) {
            case Answer.Ok ok
            when ok.object() != null -> "ok@" + ok.object().getMetadata().getResourceVersion();
            case Answer.Ok ok -> "ok";
            case Answer.Rejected rejected -> rejected.code() + " " + rejected.reason();
            case Optional<?> listed -> "listed";
            default -> String.valueOf(answer);
        };
    }
}
