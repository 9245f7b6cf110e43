package dev.cleanroom.operator.e2e;

import dev.cleanroom.operator.lab.Lab;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The name of every pod ever made in a namespace, once for each time it was made. */
final class PodHistory implements ResourceEventHandler<Pod> {
    private final List<String> made = new CopyOnWriteArrayList<>();
    private final List<String> story = new CopyOnWriteArrayList<>();

    private PodHistory() {}

    /** Watches until the test ends. */
    static PodHistory of(Lab lab, String namespace) {
        PodHistory history = new PodHistory();
        var informer = lab.admin().pods().inNamespace(namespace).inform(history);
        lab.onClose(informer::close);
        return history;
    }

    List<String> made() {
        return List.copyOf(made);
    }

    /** When each pod came and went, for whoever must find out why one was made twice. */
    String story() {
        return String.join(System.lineSeparator(), story);
    }

    @Override
    public void onAdd(Pod pod) {
        made.add(pod.getMetadata().getName());
        tell("made", pod);
    }

    @Override
    public void onUpdate(Pod before, Pod after) {
        // A pod deleted and made again between two events of the watch comes as an update.
        if (!before.getMetadata().getUid().equals(after.getMetadata().getUid())) {
            onAdd(after);
        } else if (before.getMetadata().getDeletionTimestamp() == null
                && after.getMetadata().getDeletionTimestamp() != null) {
            tell("deleting", after);
        }
    }

    @Override
    public void onDelete(Pod pod, boolean unknown) {
        tell("gone", pod);
    }

    private void tell(String what, Pod pod) {
        story.add("%s %s %s %s, owned by %s"
                .formatted(
                        Instant.now(),
                        what,
                        pod.getMetadata().getName(),
                        pod.getMetadata().getUid(),
                        pod.getMetadata().getOwnerReferences().stream()
                                .map(owner -> owner.getKind() + "/" + owner.getName())
                                .toList()));
    }
}
