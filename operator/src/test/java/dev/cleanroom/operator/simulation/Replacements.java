package dev.cleanroom.operator.simulation;

import static dev.cleanroom.operator.simulation.Violation.unless;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.Rebuild;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.pod.BuildPod.SlotAttempt;
import dev.cleanroom.operator.pod.Names;
import java.time.Instant;
import java.util.Optional;

/** What must hold of a pod that is created after a suspect, for the same environment and slot. */
final class Replacements {
    private final World world;
    private final ApiServer server;
    private final Setup setup;
    private final Records records;

    Replacements(World world, Setup setup, Records records) {
        this.world = world;
        this.server = world.server();
        this.setup = setup;
        this.records = records;
    }

    void check(Version created, Instant at) {
        identityIsFresh(created, at);
        imagesAreVerifiedAfresh(created, at);
        replacementIsAllowed(created, at);
    }

    /**
     * By the account that is stored when the pod is made, for its tokens are of that one, whatever it is stamped with. Not
     * only of pods that are still held: one that was closed as an attack had tokens too. A suspect that another leader made
     * within the longest lag need not be known to who makes the replacement.
     */
    private void identityIsFresh(Version pod, Instant at) {
        if (pod.annotation(CleanroomApi.ACCOUNT_UID_ANNOTATION).isEmpty()) {
            return;
        }
        String name = Names.account(pod.label(CleanroomApi.ENVIRONMENT_LABEL));
        String account = server.find(
                        new ObjectKey(Resource.SERVICE_ACCOUNT, pod.key().namespace(), name))
                .map(Version::uid)
                .orElse("none");
        for (Version suspect : records.held().values()) {
            unless(
                    !records.isSuspect(suspect.uid())
                            || !replaces(pod, suspect)
                            || madeAt(suspect).isAfter(knownUntil(at))
                            || !account.equals(suspect.annotation(CleanroomApi.ACCOUNT_UID_ANNOTATION)),
                    "I5 a replacement has not the suspect's account",
                    pod + " has that of " + suspect);
        }
    }

    /** The verifier's answers go by the suspects it is asked about: one that it never heard of did not count. */
    private void imagesAreVerifiedAfresh(Version pod, Instant at) {
        for (Version suspect : records.held().values()) {
            unless(
                    !replaces(pod, suspect)
                            || records.isForgotten(suspect.uid())
                            || !records.heldSince(suspect.uid()).isBefore(knownUntil(at))
                            || world.suspectsAskedAbout().contains(suspect.uid()),
                    "I5 the images of a replacement are verified afresh",
                    pod + " replaces " + suspect);
        }
    }

    /** Where the operator can know of the suspect: no cache lags for longer, and no plan is older than a lease. */
    private void replacementIsAllowed(Version pod, Instant at) {
        if (setup.rebuild() == Rebuild.Automatic) {
            return;
        }
        Instant known = knownUntil(at);
        for (Version suspect : server.all(Resource.POD)) {
            if (suspect.state().isHeld()
                    && replaces(pod, suspect)
                    && records.heldSince(suspect.uid()).isBefore(known)) {
                boolean closed = records.isClosed(suspect.uid());
                unless(
                        setup.rebuild() == Rebuild.Manual && closed,
                        "a replacement waits where rebuild is " + setup.rebuild(),
                        pod + " replaces " + suspect);
            }
        }
    }

    private static Instant knownUntil(Instant at) {
        return at.minus(Schedule.LONGEST_LAG).minus(OperatorUnderTest.LEASE_RENEW_DEADLINE);
    }

    private static Instant madeAt(Version pod) {
        return Instant.parse(pod.at("/metadata/creationTimestamp").asText());
    }

    /** Whether it is a later attempt in the same slot of the same environment. */
    private boolean replaces(Version pod, Version suspect) {
        Optional<SlotAttempt> its = pod.slot();
        Optional<SlotAttempt> before = suspect.slot();
        return records.environmentOf(suspect.uid()).equals(pod.controllerUid())
                && its.isPresent()
                && before.isPresent()
                && its.get().slot() == before.get().slot()
                && its.get().attempt() > before.get().attempt();
    }
}
