package dev.cleanroom.operator.simulation;

import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A cache of one kind behind its watch: in order, but as late as the schedule wants, and some of it told twice. */
final class Watch {
    private final ApiServer server;
    private final Resource resource;
    private final Predicate<Version> selector;
    private final Consumer<Change> listener;
    private final Map<ObjectKey, Version> cache = new LinkedHashMap<>();
    private int position;
    private long seen;

    /** @param behind how many of the latest changes the first list does not show: another server's cache answered it */
    Watch(ApiServer server, Resource resource, Predicate<Version> selector, int behind, Consumer<Change> listener) {
        this.server = server;
        this.resource = resource;
        this.selector = selector;
        this.listener = listener;
        List<Change> changes = server.changes(resource);
        for (Change change : changes.subList(0, Math.max(0, changes.size() - behind))) {
            put(change);
            position++;
        }
    }

    Resource resource() {
        return resource;
    }

    boolean isBehind() {
        return position < server.changes(resource).size();
    }

    void deliver(boolean again) {
        Change change = server.changes(resource).get(position++);
        Version known = cache.get(change.latest().key());
        boolean news = known == null || known.revision() < change.revision();
        put(change);
        boolean ours = matches(change.before()) || matches(change.after());
        if (ours && news) {
            listener.accept(change);
            if (again) {
                listener.accept(change);
            }
        }
    }

    /** Tells what was written before. */
    void catchUp(Instant before) {
        while (isBehind() && server.changes(resource).get(position).at().isBefore(before)) {
            deliver(false);
        }
    }

    private void put(Change change) {
        seen = change.revision();
        ObjectKey key = change.latest().key();
        Version known = cache.get(key);
        if (known != null && known.revision() > change.revision()) {
            return;
        }
        if (matches(change.after())) {
            cache.put(key, change.after());
        } else {
            cache.remove(key);
        }
    }

    private boolean matches(Version version) {
        return version != null && selector.test(version);
    }

    /** What this process wrote itself, unless the watch has passed it. */
    void remember(Version written) {
        if (written.revision() > seen && selector.test(written)) {
            Version known = cache.get(written.key());
            if (known == null || known.revision() < written.revision()) {
                cache.put(written.key(), written);
            }
        }
    }

    Optional<Version> find(ObjectKey key) {
        return Optional.ofNullable(cache.get(key));
    }

    Collection<Version> all() {
        return cache.values();
    }
}
