package dev.cleanroom.operator.trust.registry;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One challenge of a WWW-Authenticate header (RFC 9110, sections 11.2 to 11.6.1).
 *
 * @param scheme in lower case
 * @param parameters by name in lower case
 */
record Challenge(String scheme, Map<String, String> parameters) {

    /** All that can be read, in order; the rest of a header that breaks the grammar is left out. */
    static List<Challenge> read(List<String> headers) {
        List<Challenge> challenges = new ArrayList<>();
        headers.forEach(header -> new Scanner(header).into(challenges));
        return challenges;
    }

    static Optional<Challenge> of(List<Challenge> challenges, String scheme) {
        return challenges.stream()
                .filter(challenge -> challenge.scheme.equals(scheme))
                .findFirst();
    }

    /** By hand, since a regular expression over a hostile text of this shape can run out of stack. */
    private static final class Scanner {
        private final String text;
        private int at;

        Scanner(String text) {
            this.text = text;
        }

        /** A word with '=' behind it is a parameter of the last scheme; one without is the next scheme. */
        void into(List<Challenge> challenges) {
            int before = challenges.size();
            for (skip(" \t,"); at < text.length(); skip(" \t,")) {
                String word = word().toLowerCase(Locale.ROOT);
                if (word.isEmpty()) {
                    return;
                }
                skip(" \t");
                if (!next('=')) {
                    challenges.add(new Challenge(word, new HashMap<>()));
                    continue;
                }
                skip(" \t");
                Optional<String> value = next('"') ? quoted() : Optional.of(word());
                if (value.isEmpty() || challenges.size() == before) {
                    return;
                }
                challenges.getLast().parameters.putIfAbsent(word, value.get());
            }
        }

        private void skip(String characters) {
            while (at < text.length() && characters.indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }

        private boolean next(char wanted) {
            boolean there = at < text.length() && text.charAt(at) == wanted;
            at += there ? 1 : 0;
            return there;
        }

        private String word() {
            int from = at;
            while (at < text.length() && " \t,=\"".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            return text.substring(from, at);
        }

        private Optional<String> quoted() {
            StringBuilder value = new StringBuilder();
            while (at < text.length()) {
                char character = text.charAt(at++);
                if (character == '"') {
                    return Optional.of(value.toString());
                }
                if (character == '\\' && at < text.length()) {
                    character = text.charAt(at++);
                }
                value.append(character);
            }
            return Optional.empty();
        }
    }
}
