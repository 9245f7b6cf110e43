package dev.cleanroom.operator.trust.pattern;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/**
 * A regular expression (RE2) that a user wrote. RE2 matches in linear time, but its compiler first writes out every
 * repeat, so that 25 characters can ask for more memory than there is. Therefore the size is computed before anything
 * is compiled.
 */
public final class RegularExpression {
    /** The most parts of one expression after its repeats are written out: each is an instruction of RE2. */
    public static final int MOST_PARTS = 2_000;

    /** The most characters of one expression. */
    public static final int MOST_CHARACTERS = 4_096;

    /** The most groups in groups: the compiler is recursive. */
    public static final int MOST_GROUPS_IN_GROUPS = 100;

    private final Pattern pattern;
    private final int size;

    private RegularExpression(Pattern pattern, int size) {
        this.pattern = pattern;
        this.size = size;
    }

    /** It is not compiled. The message is for the person who wrote it, and contains nothing of the expression. */
    public static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message, null, false, false);
        }
    }

    public static RegularExpression compile(String text) throws Refused {
        int size = PatternSize.of(text);
        try {
            return new RegularExpression(Pattern.compile(text), size);
        } catch (PatternSyntaxException e) {
            throw new Refused("it is not a valid regular expression (RE2): " + e.getDescription());
        } catch (RuntimeException e) {
            // RE2/J has no such error of its own; whatever else it throws is about the text.
            throw new Refused("it is not a valid regular expression (RE2)");
        }
    }

    /** The number of parts; at least the number of instructions of the compiled program. */
    public int size() {
        return size;
    }

    /** Whether the whole text matches. */
    public boolean matches(String text) {
        return pattern.matches(text);
    }

    /** Whether any part of the text matches. */
    public boolean find(String text) {
        return pattern.matcher(text).find();
    }
}
