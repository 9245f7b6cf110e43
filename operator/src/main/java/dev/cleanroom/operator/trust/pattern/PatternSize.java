package dev.cleanroom.operator.trust.pattern;

import dev.cleanroom.operator.trust.pattern.RegularExpression.Refused;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Computes how many parts a regular expression has after its repeats are written out, from its text alone, without
 * building anything. The result is never less than the number of instructions that RE2 needs: where the syntax
 * allows two readings, the larger counts. It judges no syntax; what it lets pass, RE2 parses.
 */
final class PatternSize {
    /** A named class of Unicode has hundreds of ranges, which are copied once. */
    private static final int NAMED_CLASS = 20;

    /** The start, the end, and the instruction for failure. */
    private static final int AROUND = 3;

    /** RE2 refuses a larger count. */
    private static final int MOST_REPEATS = 1_000;

    private final String text;
    private final Deque<Group> outer = new ArrayDeque<>();
    private Group group = new Group();
    private long classes;
    private int at;
    private boolean ignoresCase;
    private boolean beyondAscii;

    /** What was read of a group: all of it, and its last part, to which a repeat applies. */
    private static final class Group {
        private long all;
        private long last;

        void add(long part) {
            all += part;
            last = part;
        }

        /** @param more for each time: an optional part needs one instruction more */
        void repeat(int times, int more) {
            // An open end needs one more, and none at all still needs one.
            long repeated = (last + more) * Math.max(times, 1) + 1;
            all += repeated - last;
            last = repeated;
        }
    }

    private PatternSize(String text) {
        this.text = text;
    }

    static int of(String text) throws Refused {
        if (text.length() > RegularExpression.MOST_CHARACTERS) {
            throw new Refused("a regular expression must have at most " + RegularExpression.MOST_CHARACTERS
                    + " characters, and this one has " + text.length());
        }
        return new PatternSize(text).size();
    }

    private int size() throws Refused {
        while (at < text.length()) {
            part();
            mustFit();
        }
        if (!outer.isEmpty()) {
            throw new Refused("it is not a valid regular expression (RE2): a closing parenthesis is missing");
        }
        if (ignoresCase && beyondAscii) {
            // For a few letters, RE2/J searches for the other case without end.
            throw new Refused("a regular expression that ignores case (?i) must contain only ASCII characters; write"
                    + " other letters in both cases and leave out (?i)");
        }
        return (int) (group.all + classes + AROUND);
    }

    private void mustFit() throws Refused {
        long known = group.all + classes + AROUND;
        for (Group one : outer) {
            known += one.all;
        }
        if (known > RegularExpression.MOST_PARTS) {
            throw new Refused("the regular expression has more than " + RegularExpression.MOST_PARTS
                    + " parts once its repeats are written out: make its repeats smaller, or nest fewer of them");
        }
    }

    private void part() throws Refused {
        char next = text.charAt(at);
        switch (next) {
            case '\\' -> escape();
            case '[' -> bracket();
            case '(' -> open();
            case ')' -> close();
            case '|' -> {
                at++;
                // The instruction that branches, and one for an empty side.
                group.add(3);
            }
            case '*', '+', '?' -> {
                at++;
                group.repeat(1, 1);
            }
            case '{' -> braces();
            default -> literal();
        }
    }

    private void literal() {
        int character = text.codePointAt(at);
        beyondAscii |= character > 0x7f;
        at += Character.charCount(character);
        group.add(1);
    }

    private void escape() {
        if (text.startsWith("\\Q", at)) {
            int end = text.indexOf("\\E", at);
            String quoted = text.substring(at + 2, end < 0 ? text.length() : end);
            beyondAscii |= quoted.chars().anyMatch(character -> character > 0x7f);
            group.add(quoted.length());
            group.last = 1;
            at = end < 0 ? text.length() : end + 2;
            return;
        }
        escaped();
        group.add(1);
    }

    /** Skips one escape. Of its braces too, since {@code \x{10}} is no repeat. */
    private void escaped() {
        char kind = at + 1 < text.length() ? text.charAt(at + 1) : ' ';
        at = Math.min(at + 2, text.length());
        if (kind == 'p' || kind == 'P') {
            classes += NAMED_CLASS;
        }
        beyondAscii |= kind == 'x' || Character.isDigit(kind) || kind > 0x7f;
        if ((kind == 'p' || kind == 'P' || kind == 'x') && text.startsWith("{", at)) {
            int end = text.indexOf('}', at);
            at = end < 0 ? text.length() : end + 1;
        }
    }

    /** Skips {@code [...]}, in which {@code ]} is a character if it comes first. */
    private void bracket() throws Refused {
        at++;
        if (text.startsWith("^", at)) {
            at++;
        }
        for (boolean first = true; at < text.length(); first = false) {
            char next = text.charAt(at);
            if (next == ']' && !first) {
                at++;
                group.add(1);
                return;
            }
            int named = text.startsWith("[:", at) ? text.indexOf(":]", at + 2) : -1;
            if (named >= 0) {
                at = named + 2;
            } else if (next == '\\') {
                escaped();
            } else {
                beyondAscii |= next > 0x7f;
                at++;
            }
        }
        throw new Refused("it is not a valid regular expression (RE2): a closing bracket is missing");
    }

    private void open() throws Refused {
        at++;
        if (text.startsWith("?", at) && !text.startsWith("?P<", at) && !text.startsWith("?<", at)) {
            if (!flags()) {
                return;
            }
        } else if (text.startsWith("?", at)) {
            int end = text.indexOf('>', at);
            at = end < 0 ? text.length() : end + 1;
        }
        if (outer.size() >= RegularExpression.MOST_GROUPS_IN_GROUPS) {
            throw new Refused("the regular expression has more than " + RegularExpression.MOST_GROUPS_IN_GROUPS
                    + " groups in groups");
        }
        outer.push(group);
        group = new Group();
    }

    /** Whether they begin a group, as {@code (?i:} does and {@code (?i)} does not. */
    private boolean flags() {
        for (at++; at < text.length(); at++) {
            char flag = text.charAt(at);
            if (flag == ':' || flag == ')') {
                at++;
                return flag == ':';
            }
            ignoresCase |= flag == 'i';
        }
        return false;
    }

    private void close() throws Refused {
        at++;
        if (outer.isEmpty()) {
            throw new Refused("it is not a valid regular expression (RE2): an opening parenthesis is missing");
        }
        long inside = Math.max(group.all, 1) + 2;
        group = outer.pop();
        group.add(inside);
    }

    /** {@code {n}}, {@code {n,}} and {@code {n,m}} repeat; any other brace is a character. */
    private void braces() {
        int end = text.indexOf('}', at);
        String counts = end < 0 ? "" : text.substring(at + 1, end);
        if (counts.isEmpty() || !counts.chars().allMatch(one -> one == ',' || (one >= '0' && one <= '9'))) {
            literal();
            return;
        }
        int most = 1;
        for (String count : counts.split(",", -1)) {
            // RE2 refuses what has more digits.
            most = Math.max(most, count.isEmpty() ? 1 : count.length() > 4 ? MOST_REPEATS : Integer.parseInt(count));
        }
        at = end + 1;
        group.repeat(most, counts.contains(",") ? 1 : 0);
        // {,5} is five characters.
        group.all += counts.length() + 2;
    }
}
