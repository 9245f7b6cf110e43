package dev.cleanroom.operator.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.Api.Operation;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The API server as the operator needs it: verbs with their preconditions, finalizers, graceful deletion of pods, the
 * admission rules, and every write in the order in which watches tell it. Held to a real one by ModelTest.
 */
final class ApiServer {
    private static final int GRACE_SECONDS = 10;
    private static final String VERSION = "/metadata/resourceVersion";
    private static final Set<Resource> WITH_GENERATION =
            Set.of(Resource.BUILD_ENVIRONMENT, Resource.BUILD_INCIDENT, Resource.NETWORK_POLICY, Resource.TRUST_POLICY);

    private final Admission admission;
    private final Clock clock;
    private final Namespaces namespaces = new Namespaces();
    private final Map<ObjectKey, Version> stored = new LinkedHashMap<>();
    private final Map<Resource, List<Change>> changes = new EnumMap<>(Resource.class);
    private final List<Change> journal = new ArrayList<>();
    private long revision = 1;
    private long uids;
    private User asking = User.ADMINISTRATOR;

    ApiServer(Admission admission, Clock clock) {
        this.admission = admission;
        this.clock = clock;
        for (Resource resource : Resource.values()) {
            changes.put(resource, new ArrayList<>());
        }
    }

    Namespaces namespaces() {
        return namespaces;
    }

    long revision() {
        return revision;
    }

    /** Every write of the kind, oldest first. */
    List<Change> changes(Resource resource) {
        return changes.get(resource);
    }

    /** Every write of any kind, oldest first. */
    List<Change> journal() {
        return journal;
    }

    Optional<Version> find(ObjectKey key) {
        return Optional.ofNullable(stored.get(key));
    }

    Collection<Version> all() {
        return stored.values();
    }

    List<Version> all(Resource resource) {
        return stored.values().stream()
                .filter(it -> it.key().resource() == resource)
                .toList();
    }

    Answer get(User user, ObjectKey key) {
        asking = user;
        return find(key).map(this::ok).orElseGet(() -> notFound(key));
    }

    Answer create(User user, ObjectKey key, HasMetadata object) {
        asking = user;
        Optional<Answer> closed = namespaces.refuses(key);
        if (closed.isPresent()) {
            return closed.get();
        }
        Optional<String> refused = admission.create(user, key);
        if (refused.isPresent()) {
            return forbidden(refused.get());
        }
        if (stored.containsKey(key)) {
            return new Answer.Rejected(409, "AlreadyExists", key + " already exists");
        }
        ObjectNode json = Encoding.created(object);
        json.remove("status");
        ObjectNode meta = (ObjectNode) json.get("metadata");
        meta.put("uid", String.format("%08x-0000-4000-8000-000000000000", ++uids));
        meta.put("creationTimestamp", now());
        if (WITH_GENERATION.contains(key.resource())) {
            meta.put("generation", 1);
        }
        return ok(store(key, null, json));
    }

    /** Of what says nothing that could differ from what is stored: it is there afterwards, and no more. */
    Answer apply(User user, ObjectKey key, HasMetadata object) {
        return stored.containsKey(key) ? get(user, key) : create(user, key, object);
    }

    Answer patch(User user, ObjectKey key, List<Operation> operations) {
        Version before = stored.get(key);
        if (before == null) {
            return notFound(key);
        }
        ObjectNode next = before.copy();
        if (!JsonPatch.apply(next, operations)) {
            return new Answer.Rejected(422, "Invalid", "the patch does not apply: " + operations);
        }
        if (!next.at(VERSION).equals(before.at(VERSION))) {
            return conflict(key);
        }
        if (!next.at("/metadata/uid").equals(before.at("/metadata/uid"))) {
            // Of a patch the uid is no precondition but a field that must not change.
            return new Answer.Rejected(422, "Invalid", "metadata.uid is immutable");
        }
        return update(user, before, next);
    }

    /** Of the status subresource, by server-side apply of the one who owns all of it. */
    Answer applyStatus(User user, ObjectKey key, HasMetadata fresh) {
        Version before = stored.get(key);
        if (before == null) {
            return notFound(key);
        }
        ObjectNode given = Encoding.tree(fresh);
        // Another uid is no obstacle: the version alone is the precondition.
        if (!given.at(VERSION).isMissingNode() && !given.at(VERSION).equals(before.at(VERSION))) {
            return conflict(key);
        }
        ObjectNode next = before.copy();
        next.set("status", given.get("status"));
        return update(user, before, next);
    }

    /** A kubelet's or a controller's write of a status, with nothing tested. */
    Answer putStatus(User user, ObjectKey key, JsonNode status) {
        Version before = stored.get(key);
        if (before == null) {
            return notFound(key);
        }
        ObjectNode next = before.copy();
        next.set("status", status);
        return update(user, before, next);
    }

    private Answer update(User user, Version before, ObjectNode next) {
        asking = user;
        if (next.at("/metadata/labels").isObject() && before.key().resource() == Resource.POD) {
            admission.mutate(user, before, next);
        }
        Version candidate = new Version(before.key(), next, before.revision());
        Optional<String> refused = admission.update(user, before, candidate);
        if (refused.isPresent()) {
            return forbidden(refused.get());
        }
        if (next.equals(before.at(""))) {
            return ok(before);
        }
        if (before.at("/metadata").has("generation") && !next.at("/spec").equals(before.at("/spec"))) {
            ((ObjectNode) next.get("metadata"))
                    .put("generation", before.at("/metadata/generation").asLong() + 1);
        }
        if (candidate.isTerminating() && !candidate.hasFinalizers() && before.hasFinalizers()) {
            return ok(remove(before));
        }
        return ok(store(before.key(), before, next));
    }

    /** @param uid of the very object, or null; as is the resourceVersion */
    Answer delete(User user, ObjectKey key, String uid, String resourceVersion) {
        asking = user;
        Version before = stored.get(key);
        if (before == null) {
            return notFound(key);
        }
        if ((uid != null && !uid.equals(before.uid()))
                || (resourceVersion != null && !resourceVersion.equals(Long.toString(before.revision())))) {
            return conflict(key);
        }
        Optional<String> refused = admission.delete(user, before);
        if (refused.isPresent()) {
            return forbidden(refused.get());
        }
        boolean pod = key.resource() == Resource.POD;
        boolean graceful = pod && before.at("/spec").has("nodeName") && !before.hasEnded() && user != User.KUBELET;
        if (!graceful && !before.hasFinalizers()) {
            Version gone = remove(before);
            return pod ? ok(gone) : new Answer.Ok(null);
        }
        if (before.isTerminating()) {
            return ok(before);
        }
        ObjectNode next = before.copy();
        int grace = graceful ? GRACE_SECONDS : 0;
        ((ObjectNode) next.get("metadata"))
                .put(
                        "deletionTimestamp",
                        clock.instant()
                                .plusSeconds(grace)
                                .truncatedTo(ChronoUnit.SECONDS)
                                .toString())
                .put("deletionGracePeriodSeconds", grace);
        return ok(store(key, before, next));
    }

    private Version store(ObjectKey key, Version before, ObjectNode json) {
        ((ObjectNode) json.get("metadata")).put("resourceVersion", Long.toString(++revision));
        Version after = new Version(key, json, revision);
        stored.put(key, after);
        tell(new Change(before, after, revision, asking, clock.instant()));
        return after;
    }

    private Version remove(Version before) {
        stored.remove(before.key());
        tell(new Change(before, null, ++revision, asking, clock.instant()));
        return before;
    }

    private void tell(Change change) {
        changes.get(change.latest().key().resource()).add(change);
        journal.add(change);
    }

    private String now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** Nobody but the operator reads what it is answered, and reading is most of the time a schedule takes. */
    private Answer ok(Version version) {
        return new Answer.Ok(asking == User.OPERATOR ? version.typed() : null);
    }

    private static Answer notFound(ObjectKey key) {
        return new Answer.Rejected(404, "NotFound", key + " not found");
    }

    private static Answer conflict(ObjectKey key) {
        return new Answer.Rejected(409, "Conflict", key + " was changed");
    }

    private static Answer forbidden(String message) {
        return new Answer.Rejected(403, "Forbidden", message);
    }
}
