package dev.cleanroom.operator.cli;

import ch.qos.logback.classic.Level;

/** The least severe log lines that are written. Libraries log only warnings and errors. */
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
