package dev.cleanroom.operator.simulation;

import java.time.Instant;

/**
 * One write as a watch tells it.
 *
 * @param before null where it was made by this write
 * @param after null where it is gone
 * @param revision of the write, which a deletion has too
 * @param by whom, which no watch tells
 * @param at when, which no watch tells
 */
record Change(Version before, Version after, long revision, User by, Instant at) {

    Version latest() {
        return after == null ? before : after;
    }

    String inWords() {
        return latest() + "\nwas " + status(before) + "\n is " + status(after);
    }

    private static Object status(Version version) {
        return version == null ? "nothing" : version.at("/status");
    }
}
