package dev.cleanroom.operator.record;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus.DeniedConnection;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Network;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.RefusedName;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.UnansweredConnection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What runs asked the network for without an answer, as an environment's status and messages have it. */
public final class Denied {
    private static final int MOST_IN_STATUS = 3;
    private static final int MOST_IN_A_MESSAGE = 2;

    private Denied() {}

    public static int count(RunObservation run) {
        return run.network().map(Network::denied).orElse(0);
    }

    /**
     * The newest of what the status has and of what the runs were denied.
     *
     * @param now no time is later: the clock of a node may be wrong, and its entries would stay forever
     * @return null if there is none, as in a status that never had one
     */
    public static @Nullable List<DeniedConnection> latest(
            @Nullable List<DeniedConnection> stored, Collection<RunObservation> runs, Instant now) {
        List<DeniedConnection> all = new ArrayList<>();
        runs.stream()
                .flatMap(run -> run.network().stream())
                .flatMap(network -> of(network, now))
                .forEach(all::add);
        if (stored != null) {
            all.addAll(stored);
        }
        Set<List<Object>> known = new HashSet<>();
        List<DeniedConnection> latest = all.stream()
                .sorted(Comparator.comparing(Denied::time).reversed())
                .filter(each -> known.add(key(each)))
                .limit(MOST_IN_STATUS)
                .toList();
        return latest.isEmpty() ? stored : latest;
    }

    /** What the run was denied, as the rest of a sentence about it; empty if nothing was. */
    public static Optional<String> summary(RunObservation run) {
        return run.network().filter(network -> count(run) > 0).map(network -> {
            long names = stream(network.refusedNames()).count();
            long addresses = stream(network.unansweredConnections()).count();
            long others = count(run) - names - addresses;
            String what = Stream.of(
                            names == 0 ? "" : "asked for " + number(names, "name") + " that nothing permits",
                            addresses == 0 ? "" : "got no answer from " + number(addresses, "address"),
                            others <= 0 ? "" : "asked for " + others + " more that are not listed")
                    .filter(part -> !part.isEmpty())
                    .collect(Collectors.joining(" and "));
            return what + ": " + first(run).stream().collect(Collectors.joining(", "));
        });
    }

    /** The first few, each with how often and in which step. */
    public static List<String> first(RunObservation run) {
        return run.network().stream()
                .flatMap(Denied::listed)
                .map(Listed::text)
                .limit(MOST_IN_A_MESSAGE)
                .toList();
    }

    /**
     * A name or an address.
     *
     * @param text the same with how often and in which step
     */
    record Listed(String what, String text) {
        private static Listed of(RefusedName name) {
            return new Listed(name.name(), name.name() + times(name.count(), name.step()));
        }

        private static Listed of(UnansweredConnection each) {
            String where = each.address() + " port " + each.port();
            return new Listed(where, where + times(each.count(), each.step()));
        }
    }

    static Stream<Listed> listed(Network network) {
        return Stream.concat(
                stream(network.refusedNames()).map(Listed::of),
                stream(network.unansweredConnections()).map(Listed::of));
    }

    private static String number(long count, String noun) {
        return count + " " + noun + (count == 1 ? "" : noun.endsWith("s") ? "es" : "s");
    }

    private static String times(@Nullable Integer count, @Nullable String step) {
        return " (" + (count == null || count == 1 ? "once" : count + " times") + (step == null ? "" : ", in " + step)
                + ")";
    }

    private static Stream<DeniedConnection> of(Network network, Instant now) {
        Stream<DeniedConnection> names = stream(network.refusedNames()).map(name -> of(name, now));
        return Stream.concat(names, stream(network.unansweredConnections()).map(each -> of(each, now)));
    }

    private static DeniedConnection of(RefusedName name, Instant now) {
        return new DeniedConnection(name.name(), null, null, name.step(), name.count(), bounded(name.lastTime(), now));
    }

    private static DeniedConnection of(UnansweredConnection each, Instant now) {
        return new DeniedConnection(
                null, each.address(), each.port(), each.step(), each.count(), bounded(each.lastTime(), now));
    }

    private static String bounded(@Nullable String time, Instant now) {
        return time == null || Instant.parse(time).isAfter(now) ? now.toString() : time;
    }

    private static Instant time(DeniedConnection each) {
        return each.lastTime() == null ? Instant.EPOCH : Instant.parse(each.lastTime());
    }

    private static List<Object> key(DeniedConnection each) {
        return List.of(
                Optional.ofNullable(each.name()),
                Optional.ofNullable(each.address()),
                Optional.ofNullable(each.port()),
                Optional.ofNullable(each.step()));
    }

    private static <T> Stream<T> stream(@Nullable List<T> list) {
        return list == null ? Stream.of() : list.stream();
    }
}
