package dev.cleanroom.operator.sample;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A sample of what only repeats, such as seeds, cuts and mutants. It changes every hour: {@code -Dcleanroom.sample=N} takes
 * a former one again. {@code -Dcleanroom.all=true} takes all, as {@code make prove} does.
 */
public final class Sample {
    private static final boolean ALL = Boolean.getBoolean("cleanroom.all");

    private static final long NUMBER = Long.getLong(
            "cleanroom.sample",
            Instant.now().getEpochSecond() / Duration.ofHours(1).toSeconds());

    private Sample() {}

    /** At most so many of them, in their order; the line that is printed says how to take the same ones again. */
    public static <T> List<T> of(String what, int most, List<T> all) {
        int taken = size(what, most, all.size());
        List<Integer> places = IntStream.range(0, all.size()).boxed().collect(Collectors.toList());
        Collections.shuffle(places, new Random(NUMBER * 31 + what.hashCode()));
        return places.stream().limit(taken).sorted().map(all::get).toList();
    }

    public static boolean isAll() {
        return ALL;
    }

    /** How many of them to take. */
    public static int size(String what, int most, int all) {
        int taken = ALL ? all : Math.min(most, all);
        System.out.printf("sample: %s: %d of %d (again: -Dcleanroom.sample=%d)%n", what, taken, all, NUMBER);
        return taken;
    }

    /** Another number in each sample, for what is not picked from a list. */
    public static long number() {
        return NUMBER;
    }
}
