package dev.cleanroom.operator.trust.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.fuzz.FuzzTarget;
import dev.cleanroom.operator.trust.registry.Repository;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What users write into policies, against what tenants and registries name. */
public enum PolicyTarget implements FuzzTarget {
    /** A pattern, a line break and a repository: what a matcher says that knows no regular expressions. */
    IMAGE_PATTERN(
            "registry.example.com/builders/**\nregistry.example.com/builders/maven/jdk",
            "registry.example.com/*/m*n\nregistry.example.com/a/maven",
            "**\nregistry.example.com/a") {
        @Override
        public void run(byte[] input) {
            String[] lines = new String(input, StandardCharsets.UTF_8).split("\n", 2);
            int slash = lines.length < 2 ? -1 : lines[1].indexOf('/');
            // The port of HTTPS, written or not, is the same registry: ImagePatternTest has it.
            if (slash < 0 || lines[0].length() > MOST || lines[1].length() > MOST || lines[1].contains(":")) {
                return;
            }
            var repository = new Repository(lines[1].substring(0, slash), lines[1].substring(slash + 1));
            boolean withPort = wholes(parts(lines[0]), parts(lines[1].replaceFirst("/", ":443/")));
            assertThat(ImagePattern.of(lines[0]).matches(repository))
                    .isEqualTo(wholes(parts(lines[0]), parts(lines[1])) || withPort);
        }
    },

    /** An expression: a program, or said to be none, on one line. */
    EXPRESSION(
            "predicate.runDetails.builder.id == 'https://builder.example.com'",
            "predicate.vulns.all(v, v.score < 7.0) && has(predicate.a)",
            "predicate.id.matches('a+b*')") {
        @Override
        public void run(byte[] input) {
            try {
                assertThat(PredicateCheck.compile(new String(input, StandardCharsets.UTF_8)))
                        .isNotNull();
            } catch (PredicateCheck.InvalidExpression e) {
                assertThat(String.valueOf(e.getMessage())).doesNotContain("\n");
            }
        }
    };

    private static final int MOST = 100;

    @SuppressWarnings("ImmutableEnumChecker") // a list that cannot be changed
    private final List<String> seeds;

    PolicyTarget(String... seeds) {
        this.seeds = List.of(seeds);
    }

    @Override
    public List<byte[]> seeds() {
        return seeds.stream().map(seed -> seed.getBytes(StandardCharsets.UTF_8)).toList();
    }

    private static List<String> parts(String text) {
        return List.of(text.split("/", -1));
    }

    /** Two stars are one part or more. */
    private static boolean wholes(List<String> pattern, List<String> parts) {
        if (pattern.isEmpty() || parts.isEmpty()) {
            return pattern.isEmpty() && parts.isEmpty();
        }
        List<String> rest = pattern.subList(1, pattern.size());
        if (!pattern.getFirst().equals("**")) {
            return stars(pattern.getFirst(), parts.getFirst()) && wholes(rest, parts.subList(1, parts.size()));
        }
        for (int taken = 1; taken <= parts.size() && !parts.get(taken - 1).isEmpty(); taken++) {
            if (wholes(rest, parts.subList(taken, parts.size()))) {
                return true;
            }
        }
        return false;
    }

    /** A star is any part of a part: greedy, with one step back to the last star. */
    private static boolean stars(String pattern, String text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int after = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                after = t;
            } else if (p < pattern.length() && pattern.charAt(p) == text.charAt(t)) {
                p++;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++after;
            } else {
                return false;
            }
        }
        return pattern.substring(p).chars().allMatch(c -> c == '*');
    }
}
