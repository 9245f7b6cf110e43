package dev.cleanroom.operator.simulation;

/**
 * One write as a watch tells it.
 *
 * @param before null where it was made by this write
 * @param after null where it is gone
 * @param revision of the write, which a deletion has too
 * @param by whom, which no watch tells
 */
record Change(Version before, Version after, long revision, User by) {

    Version latest() {
        return after == null ? before : after;
    }
}
