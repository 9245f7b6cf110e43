package dev.cleanroom.operator.check;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The result of one check.
 *
 * @param why empty where all is well
 * @param remedy a command that mends it, ready for a shell
 */
public record Finding(Level level, String what, String why, Optional<String> remedy) {

    /** A note fails nothing: it is about what could not be seen, or what a cluster may well be without. */
    public enum Level {
        OK("ok    "),
        NOTE("note  "),
        MISSING("MISSING  ");

        private final String prefix;

        Level(String prefix) {
            this.prefix = prefix;
        }
    }

    static Finding ok(String what) {
        return new Finding(Level.OK, what, "", Optional.empty());
    }

    static Finding note(String what, String why) {
        return new Finding(Level.NOTE, what, why, Optional.empty());
    }

    static Finding note(String what, String why, String remedy) {
        return new Finding(Level.NOTE, what, why, Optional.of(remedy));
    }

    static Finding missing(String what, String why, String remedy) {
        return new Finding(Level.MISSING, what, why, Optional.of(remedy));
    }

    static Finding denied(String what, Read.Denied<?> denied) {
        return note(what, "not looked at: you may not " + denied.right());
    }

    /** One line, and under it the remedy. */
    public List<String> lines() {
        return Stream.concat(
                        Stream.of(level.prefix + what + (why.isEmpty() ? "" : ": " + why)),
                        remedy.stream().map(command -> "    " + command))
                .toList();
    }
}
