package dev.cleanroom.operator.check;

/** What one question to the API server came to. */
sealed interface Read<T> {
    record Found<T>(T value) implements Read<T> {}

    /** There is no such object, or its kind is not served. */
    record Absent<T>() implements Read<T> {}

    /** The caller may not ask; that says nothing of what is there. */
    record Denied<T>(String right) implements Read<T> {}
}
