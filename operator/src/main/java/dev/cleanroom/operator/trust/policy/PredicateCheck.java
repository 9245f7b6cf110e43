package dev.cleanroom.operator.trust.policy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelFunctionOverload;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.CelStandardFunctions;
import dev.cleanroom.operator.trust.pattern.RegularExpression;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A CEL expression over the variable {@code predicate} that must be true. It is compiled when the policy is parsed, so
 * that a mistake is reported then. An expression that fails, for example because a field is missing, counts as false.
 *
 * <p>Neither an expression nor a predicate can take more time or memory than is bounded here: its length and depth, its
 * patterns and the steps of an evaluation ({@link EvaluationMeter}). An expression that takes too many steps even for
 * an empty predicate is refused when it is compiled.
 */
public final class PredicateCheck {
    /** The most steps of all comprehensions in one evaluation; each is several steps of the meter. */
    static final int MOST_ITERATIONS = 100_000;

    /** The most levels of an expression. */
    static final int MOST_DEPTH = 32;

    /** The most characters, as in the schema. */
    static final int MOST_CHARACTERS = 4_096;

    /** How long an evaluation may take where the machine is so slow that its steps do not end it. */
    static final Duration DEADLINE = Duration.ofSeconds(30);

    /** Long, because a policy that could not be compiled stays unusable until it changes. */
    private static final Duration COMPILED_WITHIN = Duration.ofMinutes(1);

    private static final String VARIABLE = "predicate";
    private static final String NOT_EVALUATED = "the policy's expression (cel) could not be evaluated: ";
    private static final CelOptions OPTIONS = CelOptions.current()
            .comprehensionMaxIterations(MOST_ITERATIONS)
            .maxParseRecursionDepth(MOST_DEPTH)
            .maxExpressionCodePointSize(MOST_CHARACTERS)
            // 7 and 7.5 are both numbers: JSON has no separate integers.
            .enableHeterogeneousNumericComparisons(true)
            .build();

    private final CelRuntime.Program program;
    private final EvaluationCosts costs;
    private final Lock turn;

    private PredicateCheck(CelRuntime.Program program, EvaluationCosts costs, Lock turn) {
        this.program = program;
        this.costs = costs;
        this.turn = turn;
    }

    /** What the expression says about a predicate. Messages are one line. */
    sealed interface Answer {
        record Yes() implements Answer {}

        record No(String message) implements Answer {}

        /** It took too long. It may be true when it is asked again. */
        record Unknown(String message) implements Answer {}
    }

    /** The expression in the policy is wrong. The message is for the administrator. */
    public static final class InvalidExpression extends Exception {
        private static final long serialVersionUID = 1L;

        InvalidExpression(String message) {
            super(message, null, false, false);
        }
    }

    /** @throws InvalidExpression with what is wrong, on one line */
    public static PredicateCheck compile(String expression) throws InvalidExpression {
        return compile(expression, new ReentrantLock());
    }

    /** @param turn expressions with the same turn are evaluated one after the other, so that their memory does not add up */
    static PredicateCheck compile(String expression, Lock turn) throws InvalidExpression {
        try {
            return EvaluationThread.run(() -> compiled(expression, turn), COMPILED_WITHIN);
        } catch (EvaluationThread.TooSlow e) {
            throw new InvalidExpression("it could not be compiled within " + COMPILED_WITHIN.toSeconds() + " seconds");
        } catch (EvaluationThread.Failed e) {
            if (e.getCause() instanceof InvalidExpression invalid) {
                throw invalid;
            }
            throw new InvalidExpression(oneLine(e.getCause()));
        }
    }

    private static PredicateCheck compiled(String expression, Lock turn)
            throws InvalidExpression, CelValidationException, CelEvaluationException {
        CelAbstractSyntaxTree checked = CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(OPTIONS)
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .addVar(VARIABLE, MapType.create(SimpleType.STRING, SimpleType.DYN))
                .setResultType(SimpleType.BOOL)
                .build()
                .compile(expression)
                .getAst();
        Map<String, RegularExpression> patterns = patterns(checked);
        var check = new PredicateCheck(
                runtime(patterns).createProgram(checked), EvaluationCosts.of(checked, patterns), turn);
        check.mustEnd();
        return check;
    }

    /**
     * A pattern must be a literal: it is compiled once, and its size is known before any predicate is. The size of all
     * together is limited as that of one.
     */
    private static Map<String, RegularExpression> patterns(CelAbstractSyntaxTree checked) throws InvalidExpression {
        Map<String, RegularExpression> patterns = new HashMap<>();
        int size = 0;
        for (CelExpr call : calls(checked)) {
            String text = EvaluationCosts.pattern(call)
                    .orElseThrow(
                            () -> new InvalidExpression("the pattern of matches must be written in the expression"));
            if (!patterns.containsKey(text)) {
                RegularExpression pattern = pattern(text);
                patterns.put(text, pattern);
                size += pattern.size();
            }
            if (size > RegularExpression.MOST_PARTS) {
                throw new InvalidExpression("the patterns of matches have together more than "
                        + RegularExpression.MOST_PARTS + " parts once their repeats are written out: make them"
                        + " smaller, or write several attestations");
            }
        }
        return patterns;
    }

    private static RegularExpression pattern(String text) throws InvalidExpression {
        try {
            return RegularExpression.compile(text);
        } catch (RegularExpression.Refused e) {
            throw new InvalidExpression("in a pattern of matches: " + e.getMessage());
        }
    }

    private static List<CelExpr> calls(CelAbstractSyntaxTree checked) {
        return CelNavigableAst.fromAst(checked)
                .getRoot()
                .allNodes()
                .map(node -> node.expr())
                .filter(expression -> expression.getKind() == CelExpr.ExprKind.Kind.CALL
                        && expression.call().function().equals(EvaluationCosts.MATCHES))
                .toList();
    }

    /** CEL's own matches compiles its pattern each time. */
    @SuppressWarnings("Immutable") // the patterns never change, which their classes do not declare
    private static CelRuntime runtime(Map<String, RegularExpression> patterns) {
        CelFunctionOverload.Binary<String, String> find = (text, pattern) ->
                Objects.requireNonNull(patterns.get(pattern), pattern).find(text);
        return CelRuntimeFactory.standardCelRuntimeBuilder()
                .setOptions(OPTIONS)
                .setStandardEnvironmentEnabled(false)
                .setStandardFunctions(CelStandardFunctions.newBuilder()
                        .excludeFunctions(CelStandardFunctions.StandardFunction.MATCHES)
                        .build())
                .addFunctionBindings(
                        CelFunctionBinding.from(EvaluationCosts.MATCHES, String.class, String.class, find),
                        CelFunctionBinding.from("matches_string", String.class, String.class, find))
                .build();
    }

    /** Whatever is too much without a predicate is too much with any. */
    private void mustEnd() throws InvalidExpression {
        try {
            program.trace(
                    Map.of(VARIABLE, Map.of()), new EvaluationMeter(costs, EvaluationMeter.MOST_STEPS_OF_NOTHING));
        } catch (EvaluationMeter.Stopped e) {
            throw new InvalidExpression("with an empty predicate, " + e.getMessage());
        } catch (CelEvaluationException | RuntimeException e) {
            // Most expressions need fields that the empty predicate does not have.
            return;
        }
    }

    Answer answer(JsonNode predicate) {
        return answer(predicate, meter(), DEADLINE);
    }

    /** For one evaluation. */
    EvaluationMeter meter() {
        return new EvaluationMeter(costs, EvaluationMeter.MOST_STEPS);
    }

    Answer answer(JsonNode predicate, EvaluationMeter meter, Duration deadline) {
        turn.lock();
        try {
            return EvaluationThread.run(() -> evaluated(predicate, meter), deadline);
        } catch (EvaluationThread.TooSlow e) {
            meter.cancel();
            return new Answer.Unknown(NOT_EVALUATED + "it took longer than " + deadline.toSeconds() + " seconds");
        } catch (EvaluationThread.Failed e) {
            return new Answer.No(NOT_EVALUATED + oneLine(e.getCause()));
        } finally {
            turn.unlock();
        }
    }

    private Answer evaluated(JsonNode predicate, EvaluationMeter meter) throws Exception {
        try {
            Object result = program.trace(Map.of(VARIABLE, PredicateValue.of(predicate)), meter);
            return Boolean.TRUE.equals(result)
                    ? new Answer.Yes()
                    : new Answer.No("the policy's expression (cel) is false for it");
        } catch (EvaluationMeter.Stopped e) {
            return new Answer.No(NOT_EVALUATED + e.getMessage());
        }
    }

    private static String oneLine(Throwable e) {
        String text = String.valueOf(e.getMessage())
                .replaceAll("[^\\x20-\\x7e]+", " ")
                .strip();
        return text.length() <= 300 ? text : text.substring(0, 300) + "...";
    }
}
