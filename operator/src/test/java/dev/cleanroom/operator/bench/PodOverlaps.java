package dev.cleanroom.operator.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.awaitility.Awaitility;

/** How many pods of a namespace were created while another of the same environment and slot was there. */
final class PodOverlaps implements AutoCloseable {
    /** By environment and slot: the pods that are there, and whether each is being deleted. */
    private final Map<String, Map<String, Boolean>> slots = new HashMap<>();

    private final Account account;
    private final Watch watch;
    private int beside;
    private int besideGoing;

    private PodOverlaps(Account account, String namespace) {
        this.account = account;
        this.watch = Watch.open(account, Paths.pods(namespace), this::event);
    }

    static PodOverlaps watch(Account account, String namespace) {
        return new PodOverlaps(account, namespace);
    }

    /** Pods created beside one that nobody was deleting. */
    synchronized int beside() {
        return beside;
    }

    /** Pods created beside one that was being deleted. */
    synchronized int besideGoing() {
        return besideGoing;
    }

    /** Waits until the watch has shown what there is. */
    void await(int pods, Duration timeout) {
        Awaitility.await("the watch of pods").atMost(timeout).until(() -> there() == pods);
    }

    @Override
    public void close() {
        watch.close();
    }

    private synchronized int there() {
        return slots.values().stream().mapToInt(Map::size).sum();
    }

    private synchronized void event(String line) {
        JsonNode event = account.parse(line);
        JsonNode metadata = event.path("object").path("metadata");
        String pod = metadata.path("name").asText();
        // NAME-SLOT-ATTEMPT
        Map<String, Boolean> slot =
                slots.computeIfAbsent(pod.substring(0, Math.max(0, pod.lastIndexOf('-'))), key -> new HashMap<>());
        switch (event.path("type").asText()) {
            case "ADDED" -> {
                if (slot.containsValue(false)) {
                    beside++;
                } else if (slot.containsValue(true)) {
                    besideGoing++;
                }
                slot.put(pod, metadata.has("deletionTimestamp"));
            }
            case "MODIFIED" -> slot.put(pod, metadata.has("deletionTimestamp"));
            case "DELETED" -> slot.remove(pod);
            default -> throw new IllegalStateException("a watch that cannot go on: " + line);
        }
    }
}
