package dev.cleanroom.operator.check;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The result of one check.
 * @param why empty if nothing is wrong
 * @param remedy a command that repairs it, ready for a shell
 */
public record Finding(Level level, String what, String why, Optional<String> remedy) {

    /** A note does not fail the check: something could not be read, or something optional is missing. */
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

    static Finding denied(String what, Lookup.Denied<?> denied) {
        return note(what, "not checked, because you may not " + denied.right());
    }

    /** One line, and below it the remedy. */
    public List<String> lines() {
        return Stream.concat(
                        Stream.of(level.prefix + what + (why.isEmpty() ? "" : ": " + why)),
                        remedy.stream().map(command -> "    " + command))
                .toList();
    }
}
