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

    /** Parses all challenges of the headers, in order. What follows an error of grammar in a header is ignored. */
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

    /** Parses without regular expressions, since one for this grammar can overflow the stack on hostile text. */
    private static final class Scanner {
        private final String text;
        private int at;

        Scanner(String text) {
            this.text = text;
        }

        /** A token followed by '=' is a parameter of the last scheme; any other token is the next scheme. */
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
