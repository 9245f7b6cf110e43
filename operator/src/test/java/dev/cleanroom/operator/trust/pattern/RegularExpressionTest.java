package dev.cleanroom.operator.trust.pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a regular expression would become is known before it is compiled. */
class RegularExpressionTest {
    private static String nested(String inside, String repeat, int times) {
        return "(".repeat(times) + inside + (")" + repeat).repeat(times);
    }

    static Stream<Arguments> bombs() {
        return Stream.of(
                arguments("(((a{100}){100}){100}){10}", "parts"),
                arguments("(?:(?:(?:a{1,1000}){1,1000}){1,1000}){1,1000}", "parts"),
                arguments("(?:\\pL{1000}|\\PL{1000}){1000}", "parts"),
                arguments("((a|b|c|[d-z]){0,900}){0,900}", "parts"),
                arguments("(((){1000}){1000}){1000}", "parts"),
                arguments("((?:|){1000}){1000}", "parts"),
                arguments("(((\\Q]\\E){100,}){100,}){100,}", "parts"),
                arguments("(((([)]{100}){100}){100}){100})", "parts"),
                arguments("((([[:alpha:])]{100}){100}){100}){100}", "parts"),
                arguments("(((\\x{41}{100}){100}){100}){100}", "parts"),
                arguments("(((x?(?i)){1000}){1000}){1000}", "parts"),
                arguments(nested("a", "{2}", 60), "parts"),
                arguments(nested("a*", "*", 1_000), "groups in groups"),
                arguments("[" + "\\pL".repeat(300) + "]", "parts"),
                arguments("a".repeat(RegularExpression.MOST_CHARACTERS + 1), "at most 4096 characters"),
                arguments("a{1000}".repeat(2), "parts"));
    }

    @ParameterizedTest
    @MethodSource("bombs")
    void whatWouldBeTooLargeIsNotCompiled(String pattern, String why) {
        assertThatThrownBy(() -> RegularExpression.compile(pattern))
                .isInstanceOf(RegularExpression.Refused.class)
                .hasMessageContaining(why);
    }

    /** RE2/J looks for the other case of U+1C80 to U+1C88 without end, and every range to which they belong. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "(?i)\u1c80",
                "(?i)[\u1c80]",
                "(?i)[\u0100-\\x{1dfff}]",
                "(?i)\\x{1c80}",
                "(?i:a|\u1c88)",
                "\u1c80(?i)",
                "(?i)[[:alpha:]\\x{1c80}]",
                "(?i)\\Q\u1c80\\E",
                "(?s-i:a)(?si)\u1c85"
            })
    void casesAreIgnoredOnlyInAscii(String pattern) {
        assertThatThrownBy(() -> RegularExpression.compile(pattern))
                .isInstanceOf(RegularExpression.Refused.class)
                .hasMessageContaining("only ASCII");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(",
                "a)",
                "[a",
                "[]",
                "a{2,1}",
                "a{1001}",
                "(?=a)",
                "\\",
                "**",
                "(?i",
                "\\pX",
                "\\p{",
                "\\x{110000}",
                "(?P<n",
                "[[:nothing:]]",
                "a{1}{2}",
                "(?z)"
            })
    void whatIsNoExpressionIsRefused(String pattern) {
        assertThatThrownBy(() -> RegularExpression.compile(pattern))
                .isInstanceOf(RegularExpression.Refused.class)
                .hasMessageStartingWith("it is not a valid regular expression (RE2)")
                .message()
                .doesNotContain("\n");
    }

    static Stream<Arguments> useful() {
        return Stream.of(
                arguments(
                        "https://git\\.example\\.com/builders/.*@refs/(heads/main|tags/v[0-9]+(\\.[0-9]+){0,2})",
                        "https://git.example.com/builders/a/b.yml@refs/tags/v1.2.3"),
                arguments("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "123e4567-e89b-12d3-a456-426614174000"),
                arguments("sha256:[0-9a-f]{64}", "sha256:" + "0a".repeat(32)),
                arguments("(?i)HTTPS://[^/]+/[a-z]{1,253}", "https://h/abc"),
                arguments("[])}{(]{3}", "])}"),
                arguments("a{,5}|\\{\\}", "a{,5}"),
                arguments("(?P<org>[a-z]+)\\pL{1,900}", "ab"),
                arguments("\\Q(a{9}\\E{2}", "(a{9}}"));
    }

    @ParameterizedTest
    @MethodSource("useful")
    void whatPoliciesNeedIsCompiled(String pattern, String text) throws RegularExpression.Refused {
        RegularExpression compiled = RegularExpression.compile(pattern);
        assertThat(compiled.matches(text)).isTrue();
        assertThat(compiled.find("..." + text)).isTrue();
        assertThat(compiled.matches("..." + text + "\n")).isFalse();
    }

    /** The other order, with patterns that are small enough to be compiled: none is larger than was computed. */
    @Test
    void theComputedSizeIsNeverLessThanTheProgram() {
        int compiled = 0;
        for (int seed = 0; seed < 20_000; seed++) {
            String pattern = random(new Random(seed));
            try {
                int computed = PatternSize.of(pattern);
                int real = Pattern.compile(pattern).programSize();
                compiled++;
                assertThat(computed).as("%s of seed %s", pattern, seed).isGreaterThanOrEqualTo(real);
            } catch (RegularExpression.Refused | PatternSyntaxException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
        assertThat(compiled).isGreaterThan(3_000);
    }

    private static String random(Random random) {
        String[] pieces = {
            "a",
            "b",
            ".",
            "\\.",
            "[a-z]",
            "[^]x]",
            "[(]",
            "[)a]",
            "[[:alpha:]{2}]",
            "\\pL",
            "\\p{Greek}",
            "\\d",
            "^",
            "$",
            "\\b",
            "(",
            "(?:",
            "(?i)",
            "(?s:",
            "(?P<n>",
            ")",
            ")",
            ")",
            "|",
            "|",
            "*",
            "+",
            "?",
            "??",
            "{2}",
            "{0}",
            "{0,3}",
            "{2,}",
            "{,4}",
            "{,}",
            "{1,2,3}",
            "{",
            "}",
            "{01}",
            "\\Q(a{3}",
            "\\E",
            "\\x41",
            "\\x{42}",
            "\\x{42}{3}",
            "]"
        };
        StringBuilder text = new StringBuilder();
        int open = 0;
        for (int i = 1 + random.nextInt(14); i > 0; i--) {
            String piece = pieces[random.nextInt(pieces.length)];
            open += piece.startsWith("(") && !piece.equals("(?i)") ? 1 : piece.equals(")") ? -1 : 0;
            text.append(piece);
        }
        return text + ")".repeat(Math.max(open, 0));
    }
}
