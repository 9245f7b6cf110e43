package dev.cleanroom.operator.environment.status;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.kube.Conditions;
import dev.cleanroom.operator.kube.ContentHash;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Write;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/** The writes that report a status: the status itself, and an Event if a person must do something. */
public final class StatusWrites {
    private static final int NAME_HASH_LENGTH = 10;

    /** The most that events.k8s.io/v1 accepts, in bytes. */
    private static final int LONGEST_NOTE = 1_024;

    private static final String CUT = "...";

    private StatusWrites() {}

    public static List<Write> of(BuildEnvironment environment, BuildEnvironmentStatus status, StatusChange change) {
        Write write = apply(environment, status, change == StatusChange.STALLED ? "Stalled" : "StatusChanged");
        if (change != StatusChange.STALLED) {
            return List.of(write);
        }
        Condition stalled =
                Conditions.find(status.conditions(), Reasons.STALLED).orElseThrow();
        // The Event comes first: its computed name makes it unique, and a crash between the two writes loses neither.
        return List.of(create(event(environment, stalled), "Stalled"), write);
    }

    /** Only an Event: a status that reports it would replace the one that must be kept. */
    public static Write unreadable(BuildEnvironment environment, Instant now) {
        String message = "The status cannot be read, so it is left unchanged and no pod is created: "
                + environment.unreadableStatus()
                + ". Run the operator version that wrote it, or correct it: kubectl edit --subresource=status"
                + " benv "
                + environment.getMetadata().getName() + " -n "
                + environment.getMetadata().getNamespace();
        Condition condition = new Conditions(null, environment.getMetadata().getGeneration(), now)
                .of(Reasons.STALLED, Conditions.Content.yes(Reasons.UNREADABLE, message));
        return create(event(environment, condition), "StatusUnreadable");
    }

    private static Write create(Event event, String reason) {
        var key = new ObjectKey(
                Resource.EVENT,
                event.getMetadata().getNamespace(),
                event.getMetadata().getName());
        return new Write.Create(key, event, reason);
    }

    /** A fresh object: server-side apply removes every field of this operator that the object does not contain. */
    public static Write apply(BuildEnvironment environment, BuildEnvironmentStatus status, String reason) {
        var fresh = new BuildEnvironment();
        fresh.setMetadata(new ObjectMetaBuilder()
                .withName(environment.getMetadata().getName())
                .withNamespace(environment.getMetadata().getNamespace())
                .withUid(environment.getMetadata().getUid())
                .withResourceVersion(environment.getMetadata().getResourceVersion())
                .build());
        fresh.setStatus(status);
        return new Write.ApplyStatus(
                new ObjectKey(
                        Resource.BUILD_ENVIRONMENT,
                        environment.getMetadata().getNamespace(),
                        environment.getMetadata().getName()),
                fresh,
                reason);
    }

    private static Event event(BuildEnvironment environment, Condition stalled) {
        String cause = ContentHash.of(List.of(
                environment.getMetadata().getUid(),
                environment.getMetadata().getGeneration(),
                stalled.getReason(),
                stalled.getMessage()));
        return new EventBuilder()
                .withNewMetadata()
                .withNamespace(environment.getMetadata().getNamespace())
                .withName(environment.getMetadata().getName() + "." + cause.substring(0, NAME_HASH_LENGTH))
                .endMetadata()
                .withEventTime(new MicroTime(microseconds(stalled.getLastTransitionTime())))
                .withType("Warning")
                .withReason(stalled.getReason())
                .withNote(note(stalled.getMessage()))
                .withAction("Reconcile")
                .withReportingController("cleanroom.dev/operator")
                .withReportingInstance("cleanroom-operator")
                .withNewRegarding()
                .withApiVersion(environment.getApiVersion())
                .withKind(environment.getKind())
                .withNamespace(environment.getMetadata().getNamespace())
                .withName(environment.getMetadata().getName())
                .withUid(environment.getMetadata().getUid())
                .endRegarding()
                .build();
    }

    /** The condition has the whole message. */
    private static String note(String message) {
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= LONGEST_NOTE) {
            return message;
        }
        int end = LONGEST_NOTE - CUT.length();
        while (isWithinACharacter(bytes[end])) {
            end--;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8) + CUT;
    }

    private static boolean isWithinACharacter(byte utf8) {
        return (utf8 & 0b1100_0000) == 0b1000_0000;
    }

    private static String microseconds(String seconds) {
        return seconds.replace("Z", ".000000Z");
    }
}
