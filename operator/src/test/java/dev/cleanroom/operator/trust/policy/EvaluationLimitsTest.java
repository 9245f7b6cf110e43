package dev.cleanroom.operator.trust.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.operator.trust.policy.PredicateCheck.Answer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** No expression and no predicate takes more than the steps that are counted. */
class EvaluationLimitsTest {
    private static final String STEPS = "it takes more than 5000000 steps";
    private static final String STEPS_OF_NOTHING = "with an empty predicate, it takes more than 500000 steps";
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private static PredicateCheck check(String expression) {
        try {
            return PredicateCheck.compile(expression);
        } catch (PredicateCheck.InvalidExpression e) {
            throw new AssertionError(expression, e);
        }
    }

    private static String no(String expression, JsonNode predicate) {
        Answer answer = check(expression).answer(predicate);
        assertThat(answer).isInstanceOf(Answer.No.class);
        return ((Answer.No) answer).message();
    }

    private static ObjectNode list(int size) {
        ArrayNode list = JSON.arrayNode(size);
        IntStream.range(0, size).forEach(list::add);
        return JSON.objectNode().set("l", list);
    }

    private static ObjectNode text(int length) {
        return JSON.objectNode().put("s", "a".repeat(length));
    }

    private static String numbers(int count) {
        return IntStream.range(0, count).mapToObj(String::valueOf).collect(Collectors.joining(",", "[", "]"));
    }

    static Stream<Arguments> withoutAnyPredicate() {
        String ten = numbers(10);
        return Stream.of(
                arguments("['aaaaaaaa']" + ".map(x, x + x)".repeat(26) + ".size() == 1", STEPS_OF_NOTHING),
                arguments("[[0,0,0,0]]" + ".map(x, x + x)".repeat(26) + ".size() == 1", STEPS_OF_NOTHING),
                arguments("[b'aaaaaaaa']" + ".map(x, x + x)".repeat(26) + ".size() == 1", STEPS_OF_NOTHING),
                arguments(
                        "dyn([0]" + ".map(x, [x, x, x, x, x, x, x, x, x, x])".repeat(24) + ") == dyn([0])",
                        STEPS_OF_NOTHING),
                arguments(
                        "dyn(0) in dyn([0]" + ".map(x, [x, x, x, x, x, x, x, x, x, x])".repeat(24) + ")",
                        STEPS_OF_NOTHING),
                arguments(
                        "dyn([0]" + ".map(x, {'a': x, 'b': x, 'c': x})".repeat(24) + ") != dyn([0])", STEPS_OF_NOTHING),
                arguments(
                        "[['a'" + ",'b'".repeat(900) + "]].all(l, " + numbers(60) + ".all(a, " + ten + ".all(b, " + ten
                                + ".all(c, l.map(x, x + x) != l))))",
                        STEPS_OF_NOTHING),
                arguments(
                        "['" + "a".repeat(1_000) + "'].map(x, x" + "+x".repeat(20) + ").map(x, x" + "+x".repeat(20)
                                + ").map(x, x" + "+x".repeat(20) + ").size() == 1",
                        STEPS_OF_NOTHING),
                arguments(
                        "['" + "a".repeat(900) + "'].map(x, x + x + x + x + x + x + x + x + x + x).map(x, x + x + x + x"
                                + " + x + x + x + x).all(x, " + numbers(200)
                                + ".all(y, !x.contains('" + "a".repeat(99) + "b')))",
                        STEPS_OF_NOTHING),
                arguments(
                        "predicate.a || ['aaaaaaaa']" + ".map(x, x + x)".repeat(26) + ".size() == 1", STEPS_OF_NOTHING),
                arguments(
                        "true ? ['aaaaaaaa']" + ".map(x, x + x)".repeat(26) + ".size() == 1 : false",
                        STEPS_OF_NOTHING));
    }

    @ParameterizedTest
    @MethodSource("withoutAnyPredicate")
    void whatIsTooMuchWithoutAnyPredicateIsRefusedWhenThePolicyIsRead(String expression, String why) {
        assertThat(expression.length()).isLessThanOrEqualTo(PredicateCheck.MOST_CHARACTERS);
        assertThatThrownBy(() -> PredicateCheck.compile(expression))
                .isInstanceOf(PredicateCheck.InvalidExpression.class)
                .hasMessageContaining(why);
    }

    @Test
    void patternsAreMeasuredBeforeTheyAreCompiled() {
        for (String bomb : new String[] {
            "predicate.s.matches('(((a{100}){100}){100}){10}')",
            "false && predicate.s.matches('(((a{100}){100}){100}){10}')",
            "predicate.l.all(x, matches(x, '(?:\\\\pL{1000}|\\\\PL{1000}){1000}'))",
            "predicate.s.matches('a{999}') || predicate.s.matches('b{999}') || predicate.s.matches('c{999}')"
        }) {
            assertThatThrownBy(() -> PredicateCheck.compile(bomb))
                    .isInstanceOf(PredicateCheck.InvalidExpression.class)
                    .hasMessageContaining("more than 2000 parts");
        }
    }

    static Stream<Arguments> withItsPredicate() {
        return Stream.of(
                arguments("predicate.l.all(x, predicate.l == predicate.l)", list(20_000)),
                arguments("predicate.l.all(x, !(-1 in predicate.l))", list(20_000)),
                arguments("predicate.l.all(x, predicate.l + predicate.l != [])", list(20_000)),
                arguments("predicate.l.map(x, [" + "x,".repeat(500) + "x]).size() == 0", list(20_000)),
                arguments("predicate.l.all(x, {0: predicate.l}[0] != [x])", list(20_000)),
                arguments("[predicate.s]" + ".map(x, x + x)".repeat(20) + ".size() == 1", text(1_000)),
                arguments("!predicate.s.contains(predicate.s + 'b')", text(100_000)),
                arguments("!predicate.s.contains('" + "a".repeat(3_000) + "b')", text(100_000)),
                arguments("!predicate.s.matches('(a?){300}b')", text(500_000)),
                arguments(
                        "predicate.l.all(x, predicate.t.size() > x)",
                        list(9_000).put("t", "a".repeat(100_000))),
                arguments("predicate.l.all(x, predicate.t < 'b')", list(9_000).put("t", "a".repeat(100_000))),
                arguments(
                        "predicate.l.all(x, predicate.t.startsWith('a'))",
                        list(9_000).put("t", "a".repeat(100_000))),
                arguments(
                        "duration(predicate.s) > duration('1s')",
                        JSON.objectNode().put("s", "1h".repeat(3_000_000))),
                arguments(
                        "duration(predicate.s) > duration('1s')",
                        JSON.objectNode().put("s", "1h".repeat(10_000))),
                arguments(
                        "predicate.l.all(x, bytes(predicate.t) != b'')",
                        list(9_000).put("t", "a".repeat(100_000))),
                arguments("predicate.l.all(x, " + "predicate.q || ".repeat(100) + "true)", list(9_000)),
                arguments("predicate.l.all(x, " + "x.a || ".repeat(100) + "true)", list(9_000)),
                arguments("predicate.l.all(x, " + "x.startsWith('a') || ".repeat(100) + "true)", list(9_000)),
                arguments("predicate.l.all(x, " + "predicate['q'] || ".repeat(100) + "true)", list(9_000)),
                arguments(
                        "predicate.l.all(x, " + "predicate.n.all(y, true) || ".repeat(100) + "true)",
                        list(9_000).put("n", 1)),
                arguments("predicate.l.all(x, " + "dyn(x) || ".repeat(100) + "true)", list(9_000)),
                arguments("predicate.l.all(x, " + "(dyn(x) ? true : true) || ".repeat(100) + "true)", list(9_000)),
                arguments("predicate.l.all(x, predicate.exists(k, k == 'l'))", wide(20_000)));
    }

    private static ObjectNode wide(int fields) {
        ObjectNode wide = list(9_000);
        IntStream.range(0, fields).forEach(i -> wide.put("k" + i, i));
        return wide;
    }

    @ParameterizedTest
    @MethodSource("withItsPredicate")
    void whatIsTooMuchWithAPredicateIsNoAnswer(String expression, JsonNode predicate) {
        assertThat(no(expression, predicate))
                .startsWith("the policy's expression (cel) could not be evaluated: " + STEPS);
    }

    /** CEL goes on after an exception if the other side decides; after the last step nothing goes on. */
    @Test
    void whatIsTooMuchIsNotSavedByAnOr() {
        assertThat(no("predicate.l.all(x, predicate.l == predicate.l) || true", list(20_000)))
                .contains(STEPS);
    }

    @Test
    void aPredicateHasAtMostSoManyValues() {
        for (String each : new String[] {"predicate.l.all(x, x >= 0)", "predicate.l.exists(x, x < 0)", "true"}) {
            assertThat(no(each, list(1_000_000)))
                    .isEqualTo(
                            "the policy's expression (cel) could not be evaluated: the predicate has more than 300000"
                                    + " values");
        }
        assertThat(no("predicate.l.all(x, x >= 0)", list(200_000))).contains("Iteration budget");
        assertThat(check("predicate.l.size() == 200000").answer(list(200_000))).isEqualTo(new Answer.Yes());
    }

    @Test
    void deepValuesAreCompared() {
        ObjectNode deep = JSON.objectNode();
        ObjectNode at = deep;
        for (int i = 0; i < 95; i++) {
            at = at.putObject("a");
        }
        assertThat(check("predicate == predicate").answer(deep)).isEqualTo(new Answer.Yes());
        assertThat(check("[0]" + ".map(x, [x])".repeat(25) + " == [0]" + ".map(x, [x])".repeat(25))
                        .answer(deep))
                .isEqualTo(new Answer.Yes());
    }

    @Test
    void anSbomOfTwelveThousandComponentsIsWithinTheLimits() {
        ArrayNode components = JSON.arrayNode();
        for (int i = 0; i < 12_000; i++) {
            ObjectNode component = components.addObject();
            component.put("name", "component-" + i).put("version", "1.0." + i).put("purl", "pkg:maven/a/b@" + i);
            component.putArray("licenses").addObject().putObject("license").put("id", "Apache-2.0");
        }
        ObjectNode sbom = JSON.objectNode().set("components", components);
        PredicateCheck check =
                check("predicate.components.all(c, c.purl.matches('^pkg:(maven|npm)/') && c.licenses.exists(l,"
                        + " l.license.id in ['MIT', 'BSD-3-Clause', 'Apache-2.0']))");
        var meter = check.meter();
        assertThat(check.answer(sbom, meter, PredicateCheck.DEADLINE)).isEqualTo(new Answer.Yes());
        assertThat(meter.steps()).isLessThan(EvaluationMeter.MOST_STEPS / 2);
    }

    /** Steps are counted, so that an answer is the same on every machine. */
    @Test
    void anEvaluationCountsTheSameEachTime() {
        PredicateCheck check = check("predicate.l.all(x, x >= 0)");
        var first = check.meter();
        var second = check.meter();
        check.answer(list(1_000), first, PredicateCheck.DEADLINE);
        check.answer(list(1_000), second, PredicateCheck.DEADLINE);
        assertThat(first.steps()).isBetween(5_000L, 20_000L).isEqualTo(second.steps());
    }

    @Test
    void anEvaluationForWhichNobodyWaitsEndsAtItsNextStep() {
        PredicateCheck check = check("predicate.l.all(x, x >= 0)");
        var meter = check.meter();
        meter.cancel();
        assertThat(((Answer.No) check.answer(list(1_000), meter, PredicateCheck.DEADLINE)).message())
                .contains("it takes too long");
        assertThat(meter.steps()).isZero();
    }

    /** An overloaded machine is no verdict about an image. */
    @Test
    void whatTookTooLongIsAskedAgain() {
        var shortcomings = new Shortcomings();
        shortcomings.add(PolicyCode.PredicateRefused.name(), "another attestation is refused");
        shortcomings.addUndecided(PolicyCode.EvaluationTimedOut.name(), "it took longer than 30 seconds");
        assertThat(shortcomings.reason("Attestation: "))
                .contains(new Shortcomings.Reason(
                        "EvaluationTimedOut", "Attestation: it took longer than 30 seconds", true));
    }

    @Test
    void aTaskThatDoesNotEndIsNotWaitedFor() throws InterruptedException {
        var ended = new CountDownLatch(1);
        var mayEnd = new CountDownLatch(1);
        assertThatThrownBy(() -> EvaluationThread.run(
                        () -> {
                            mayEnd.await();
                            ended.countDown();
                            return true;
                        },
                        Duration.ZERO))
                .isInstanceOf(EvaluationThread.TooSlow.class);
        assertThat(ended.getCount()).isOne();
        mayEnd.countDown();
        ended.await();
    }
}
