package dev.cleanroom.operator.simulation;

import dev.cleanroom.operator.pod.IncidentNames;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** What truly happened to pods, kept beside the model: nothing the operator could read. */
final class Records {
    private final Map<String, String> environments = new HashMap<>();
    private final Set<String> names = new HashSet<>();
    private final Map<String, Version> held = new LinkedHashMap<>();
    private final Map<String, Instant> heldSince = new HashMap<>();
    private final Map<String, String> incidents = new HashMap<>();
    private final Set<String> everHadOne = new HashSet<>();
    private final Map<String, String> closed = new HashMap<>();
    private final Map<String, Version> ended = new HashMap<>();
    private final Set<String> gone = new HashSet<>();
    private final Set<String> recorded = new HashSet<>();

    void created(Version pod) {
        environments.put(pod.uid(), pod.controllerUid());
        names.add(pod.name());
    }

    void held(Version pod, Instant now) {
        held.put(pod.uid(), pod);
        heldSince.putIfAbsent(pod.uid(), now);
    }

    /** When it became a suspect. */
    Instant heldSince(String podUid) {
        return heldSince.get(podUid);
    }

    void ended(Version pod) {
        ended.put(pod.uid(), pod);
    }

    /** @param record of a run, by its name, which has the pod's name and the beginning of its uid */
    void recorded(String record) {
        recorded.add(record);
    }

    boolean hasRecord(String pod, String uid) {
        return recorded.contains(IncidentNames.incident(pod, uid));
    }

    void deleted(Version pod) {
        gone.add(pod.uid());
    }

    /** @return false where it is not the first */
    boolean opened(String subject, Version incident) {
        everHadOne.add(subject);
        return incidents.putIfAbsent(subject, incident.uid()) == null;
    }

    /** A responder took it away, once it was closed: one who is late may open it again, to be closed again. */
    void removed(String subject) {
        incidents.remove(subject);
    }

    void closed(String subject, String verdict) {
        closed.put(subject, verdict);
    }

    /** Suspected, and not found to be clean; one that was going already may be gone before anybody could look. */
    boolean isSuspect(String podUid) {
        return !held.get(podUid).isTerminating() && !"FalsePositive".equals(closed.get(podUid));
    }

    /** Nothing of it is left for the operator to read: neither the pod nor its incident. */
    boolean isForgotten(String podUid) {
        return gone.contains(podUid) && !incidents.containsKey(podUid);
    }

    boolean isClosed(String podUid) {
        return closed.containsKey(podUid);
    }

    boolean hasIncident(String podUid) {
        return everHadOne.contains(podUid);
    }

    /** As it was when it was cut off, by uid. */
    Map<String, Version> held() {
        return held;
    }

    boolean hasEnded(String podUid) {
        return ended.containsKey(podUid);
    }

    boolean wasNamed(String pod) {
        return names.contains(pod);
    }

    /** The uid of the environment that the pod was made for. */
    String environmentOf(String podUid) {
        return environments.getOrDefault(podUid, "");
    }

    boolean isGone(String podUid) {
        return gone.contains(podUid);
    }
}
