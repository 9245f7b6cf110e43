package dev.cleanroom.operator.cli;

import ch.qos.logback.classic.Level;

/** The least severe lines of the operator's own that are logged; of libraries, warnings and errors at most. */
enum LogLevel {
    error,
    warn,
    info,
    debug;

    Level own() {
        return Level.valueOf(name());
    }

    Level libraries() {
        return this == error ? Level.ERROR : Level.WARN;
    }
}
