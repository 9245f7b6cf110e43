package dev.cleanroom.operator.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import org.slf4j.LoggerFactory;

/** How log lines are written to standard output: JSON with the resource's key for machines, text for a person. */
enum LogFormat {
    json,
    text;

    void apply() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        var appender = new ConsoleAppender<ILoggingEvent>();
        appender.setContext(context);
        appender.setEncoder(encoder(context));
        appender.start();
        context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).addAppender(appender);
        context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(Level.INFO);
        context.getLogger("io.fabric8").setLevel(Level.WARN);
        context.getLogger("io.javaoperatorsdk").setLevel(Level.WARN);
    }

    /** For a command that tells a person itself what the client would log. */
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
