package dev.cleanroom.operator.environment.status;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.kube.Conditions;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.WarningEvent;
import dev.cleanroom.operator.kube.plan.Write;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import java.time.Instant;
import java.util.List;

/** The writes that report a status: the status itself, and an Event if a person must do something. */
public final class StatusWrites {
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
        return new Write.Create(WarningEvent.key(event), event, reason);
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
        // The condition has the whole message.
        return new WarningEvent(WarningEvent.about(environment), stalled.getReason(), "Reconcile", stalled.getMessage())
                .at(
                        Instant.parse(stalled.getLastTransitionTime()),
                        List.of(
                                environment.getMetadata().getUid(),
                                environment.getMetadata().getGeneration(),
                                stalled.getReason(),
                                stalled.getMessage()));
    }
}
