package dev.cleanroom.operator.simulation;

import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.Api.Operation;
import dev.cleanroom.operator.kube.Resource;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** The garbage collector and the namespace controller: one object a step, exactly as they saw it. */
final class Collectors {
    private final World world;

    Collectors(World world) {
        this.world = world;
    }

    boolean step(Random random) {
        return releaseClaim()
                || collect(random, User.GARBAGE_COLLECTOR, orphans())
                || collect(random, User.NAMESPACE_CONTROLLER, going());
    }

    /** Until nothing that may go is left. */
    boolean stepAny() {
        return releaseClaim()
                || collectAny(User.GARBAGE_COLLECTOR, orphans())
                || collectAny(User.NAMESPACE_CONTROLLER, going());
    }

    /** A claim that is being deleted stays while a pod uses it: the protection controller's finalizer. */
    private boolean releaseClaim() {
        for (Version claim : world.server().all(Resource.CLAIM)) {
            boolean used = world.server().all(Resource.POD).stream()
                    .anyMatch(pod -> pod.uid().equals(claim.controllerUid()));
            if (claim.isTerminating() && !used) {
                world.server()
                        .patch(
                                User.VOLUME_CONTROLLER,
                                claim.key(),
                                List.of(Operation.set("/metadata/finalizers", List.of())));
                world.trace("VOLUME_CONTROLLER lets " + claim.key() + " go");
                return true;
            }
        }
        return false;
    }

    private boolean collect(Random random, User user, List<Version> candidates) {
        if (candidates.isEmpty()) {
            return false;
        }
        delete(user, candidates.get(random.nextInt(candidates.size())));
        return true;
    }

    private boolean collectAny(User user, List<Version> candidates) {
        return candidates.stream().anyMatch(it -> delete(user, it));
    }

    private boolean delete(User user, Version object) {
        Answer answer = world.server().delete(user, object.key(), object.uid(), Long.toString(object.revision()));
        if (answer instanceof Answer.Rejected(int code, String reason, String message) && code == 403) {
            return false;
        }
        world.trace(user + " deletes " + object + ": "
                + (answer instanceof Answer.Rejected rejected ? rejected.code() + " " + rejected.message() : "ok"));
        return answer instanceof Answer.Ok;
    }

    /** Whose every owner is gone, by uid. */
    private List<Version> orphans() {
        Set<String> uids = new HashSet<>();
        world.server().all().forEach(it -> uids.add(it.uid()));
        return world.server().all().stream()
                .filter(it -> !it.isTerminating())
                .filter(it -> it.isOrphan(uids))
                .toList();
    }

    private List<Version> going() {
        if (!world.server().namespaces().isTerminating(Setup.NAMESPACE)) {
            return List.of();
        }
        List<Version> left = world.server().all().stream()
                .filter(it -> Setup.NAMESPACE.equals(it.key().namespace()))
                .toList();
        if (left.isEmpty()) {
            world.server().namespaces().finish(Setup.NAMESPACE);
            world.trace("NAMESPACE_CONTROLLER: the namespace is gone");
        }
        return left.stream().filter(it -> !it.isTerminating()).toList();
    }
}
