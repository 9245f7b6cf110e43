package dev.cleanroom.operator.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;

/**
 * A warning about an object, as an Event of {@code events.k8s.io/v1}.
 *
 * @param regarding the object
 * @param action what the operator did when it noticed
 * @param note for a person; cut to what the API server accepts
 */
public record WarningEvent(ObjectReference regarding, String reason, String action, String note) {
    /** The namespace of Events about cluster-scoped objects: the API server accepts them in no other. */
    private static final String NAMESPACE_FOR_THE_CLUSTER = "default";

    private static final int NAME_HASH_LENGTH = 10;

    /** The most that events.k8s.io/v1 accepts, in bytes. */
    private static final int LONGEST_NOTE = 1_024;

    private static final String CUT = "...";

    public static ObjectReference about(HasMetadata object) {
        return new ObjectReferenceBuilder()
                .withApiVersion(object.getApiVersion())
                .withKind(object.getKind())
                .withNamespace(object.getMetadata().getNamespace())
                .withName(object.getMetadata().getName())
                .withUid(object.getMetadata().getUid())
                .build();
    }

    /** @param cause what makes this Event another one than the last: its name is computed from it, so it is stored once */
    public Event at(Instant time, List<?> cause) {
        return new EventBuilder()
                .withNewMetadata()
                .withNamespace(Objects.requireNonNullElse(regarding.getNamespace(), NAMESPACE_FOR_THE_CLUSTER))
                .withName(regarding.getName() + "." + ContentHash.of(cause).substring(0, NAME_HASH_LENGTH))
                .endMetadata()
                .withEventTime(new MicroTime(
                        time.truncatedTo(ChronoUnit.SECONDS).toString().replace("Z", ".000000Z")))
                .withType("Warning")
                .withReason(reason)
                .withNote(cut(note))
                .withAction(action)
                .withReportingController("cleanroom.dev/operator")
                .withReportingInstance("cleanroom-operator")
                .withRegarding(regarding)
                .build();
    }

    public static ObjectKey key(Event event) {
        return new ObjectKey(
                Resource.EVENT,
                event.getMetadata().getNamespace(),
                event.getMetadata().getName());
    }

    private static String cut(String note) {
        byte[] bytes = note.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= LONGEST_NOTE) {
            return note;
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
}
