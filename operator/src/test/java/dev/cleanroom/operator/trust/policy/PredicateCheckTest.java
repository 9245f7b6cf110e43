package dev.cleanroom.operator.trust.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is not clearly true is no: nothing that a predicate holds, or lacks, makes it a yes. */
class PredicateCheckTest {
    private static final JsonMapper JSON = new JsonMapper();

    private static JsonNode json(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static String answer(String expression, JsonNode predicate) {
        try {
            return switch (PredicateCheck.compile(expression).answer(predicate)) {
                case PredicateCheck.Answer.Yes() -> "yes";
                case PredicateCheck.Answer.No(var message) -> message;
                case PredicateCheck.Answer.Unknown(var message) -> message;
            };
        } catch (PredicateCheck.InvalidExpression e) {
            throw new AssertionError(e);
        }
    }

    private static String answer(String expression, String predicate) {
        return answer(expression, json(predicate));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "predicate.builder.id == 'x'                  | {'builder':{'id':'x'}}",
                "predicate.findings.all(f, f.severity != 'H') | {'findings':[{'severity':'L'}]}",
                "predicate.findings.size() == 0               | {'findings':[]}",
                "predicate.score < 7                          | {'score':6.9}",
                "predicate.score == 7                         | {'score':7.0}",
                "predicate.score < 7.5                        | {'score':7}",
                "predicate.count > 9223372036854775807        | {'count':9223372036854775808}",
                "predicate['a.b'] == 1                        | {'a.b':1}",
                "predicate.ok                                 | {'ok':true}",
                "predicate.list.exists(x, x == null)          | {'list':[1,null]}",
                "!has(predicate.gone)                         | {'gone':null}",
                "predicate.ref.matches('^refs/tags/v[0-9]+$') | {'ref':'refs/tags/v12'}",
                "timestamp(predicate.t) > timestamp('2026-01-01T00:00:00Z') | {'t':'2026-02-01T00:00:00Z'}"
            })
    void yes(String expression, String predicate) {
        assertThat(answer(expression, predicate.replace('\'', '"'))).isEqualTo("yes");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "predicate.builder.id == 'x'         | {'builder':{'id':'y'}}",
                "predicate.ok                        | {'ok':false}",
                "predicate.ok                        | {'ok':'true'}",
                "predicate.ok                        | {'ok':1}",
                "has(predicate.a)                    | {'a':null}",
                "predicate.list.exists(x, x == '')   | {'list':[null]}",
                "predicate.count == 9223372036854775807 | {'count':9223372036854775808}",
                "predicate.count < 100               | {'count':1e400}",
                "predicate.count < 100               | {'count':99999999999999999999999999}"
            })
    void no(String expression, String predicate) {
        assertThat(answer(expression, predicate.replace('\'', '"')))
                .isEqualTo("the policy's expression (cel) is false for it");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "predicate.builder.id == 'x'           | {'builder':{}}",
                "predicate.builder.id == 'x'           | {}",
                "predicate.builder.id == 'x'           | {'builder':null}",
                "predicate.builder.id == 'x'           | {'builder':'x'}",
                "predicate.builder.id.startsWith('x')  | {'builder':{'id':7}}",
                "predicate.findings.all(f, f.a == 1)   | {'findings':'none'}",
                "predicate.score < 7                   | {'score':'6'}",
                "predicate.list[3] == 1                | {'list':[1]}",
                "timestamp(predicate.t) > timestamp('2026-01-01T00:00:00Z') | {'t':'soon'}",
                "1 / predicate.zero == 1               | {'zero':0}"
            })
    void whatCannotBeAnsweredIsNo(String expression, String predicate) {
        assertThat(answer(expression, predicate.replace('\'', '"')))
                .startsWith("the policy's expression (cel) could not be evaluated: ")
                .doesNotContain("\n");
    }

    @Test
    void aPredicateThatIsNotThereIsEmpty() {
        assertThat(answer("predicate.size() == 0", MissingNode.getInstance())).isEqualTo("yes");
        assertThat(answer("predicate.size() == 0", json("null"))).isEqualTo("yes");
        assertThat(answer("predicate.a == 1", json("null")))
                .startsWith("the policy's expression (cel) could not be evaluated");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1 + 1",
                "'true'",
                "predicate",
                "predicate.a ==",
                "image == 'x'",
                "now() > 1",
                "'x'.matches(predicate.pattern)",
                "matches('x', predicate.pattern)",
                "predicate.all(k, 'x'.matches(k + '$'))"
            })
    void whatIsNoConditionIsRefusedWhenItIsRead(String expression) {
        assertThatThrownBy(() -> PredicateCheck.compile(expression))
                .isInstanceOf(PredicateCheck.InvalidExpression.class)
                .message()
                .isNotBlank()
                .doesNotContain("\n");
    }

    @Test
    void expressionsThatAreNestedTooDeeplyAreRefusedWhenTheyAreRead() {
        for (String deep : new String[] {
            "predicate" + ".a".repeat(2_000) + " == 1",
            "1" + "+1".repeat(2_000) + " == 1",
            "(".repeat(2_000) + "true" + ")".repeat(2_000),
            "true?true:".repeat(400) + "true",
            "[".repeat(2_000) + "]".repeat(2_000) + " == []",
            "x".repeat(4_097)
        }) {
            assertThatThrownBy(() -> PredicateCheck.compile(deep)).isInstanceOf(PredicateCheck.InvalidExpression.class);
        }
    }

    @Test
    void loopsInLoopsHaveOneBudget() {
        String many = IntStream.range(0, 1_000).mapToObj(String::valueOf).collect(Collectors.joining(",", "[", "]"));
        assertThat(answer(
                        "predicate.l.all(x, predicate.l.all(y, predicate.l.all(z, x + y + z >= 0)))",
                        "{\"l\":" + many + "}"))
                .startsWith("the policy's expression (cel) could not be evaluated: ")
                .contains("Iteration budget");
    }

    @Test
    void aTextThatIsMadeForAPatternTakesLinearTime() {
        assertThat(answer("predicate.s.matches('^(a+)+b$')", "{\"s\":\"" + "a".repeat(100_000) + "\"}"))
                .isEqualTo("the policy's expression (cel) is false for it");
    }

    @Test
    void deepAndWidePredicatesAreRead() {
        String deep = "{\"a\":".repeat(90) + "1" + "}".repeat(90);
        assertThat(answer("predicate" + ".a".repeat(20) + ".size() == 1", deep)).isEqualTo("yes");
        String wide = IntStream.range(0, 50_000)
                .mapToObj(i -> "\"k" + i + "\":" + i)
                .collect(Collectors.joining(",", "{", "}"));
        assertThat(answer("predicate.size() == 50000", wide)).isEqualTo("yes");
    }
}
