package dev.cleanroom.operator.check;

/** The answer of the API server to one request. */
public sealed interface Lookup<T> {
    record Found<T>(T value) implements Lookup<T> {}

    /** The object does not exist, or its kind is not served. */
    record Absent<T>() implements Lookup<T> {}

    /** The caller's account may not ask, so nothing is known about the object. */
    record Denied<T>(String right) implements Lookup<T> {}
}
