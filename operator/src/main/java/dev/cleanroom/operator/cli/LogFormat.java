package dev.cleanroom.operator.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import org.slf4j.LoggerFactory;

/** The format of log lines on standard output: JSON with the resource's key for machines, or text for people. */
enum LogFormat {
    json,
    text;

    void apply(LogLevel level) {
        apply(level, (LoggerContext) LoggerFactory.getILoggerFactory());
    }

    void apply(LogLevel level, LoggerContext context) {
        context.reset();
        var appender = new ConsoleAppender<ILoggingEvent>();
        appender.setContext(context);
        appender.setEncoder(encoder(context));
        appender.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.addAppender(appender);
        root.setLevel(level.libraries());
        context.getLogger("dev.cleanroom").setLevel(level.own());
    }

    /** Stops the client's own log, for commands that report the same errors themselves. */
    static void silenceClient() {
        ((LoggerContext) LoggerFactory.getILoggerFactory())
                .getLogger("io.fabric8")
                .setLevel(Level.OFF);
    }

    private Encoder<ILoggingEvent> encoder(LoggerContext context) {
        Encoder<ILoggingEvent> encoder = switch (this) {
            case json -> {
                var whole = new JsonEncoder();
                whole.setWithFormattedMessage(true);
                yield whole;
            }
            case text -> {
                var pattern = new PatternLayoutEncoder();
                pattern.setPattern(
                        "%d{HH:mm:ss.SSS} %-5level %replace(%mdc{resource.namespace}/%mdc{resource.name} ){'^/ $',''}%msg%n");
                yield pattern;
            }
        };
        encoder.setContext(context);
        encoder.start();
        return encoder;
    }
}
