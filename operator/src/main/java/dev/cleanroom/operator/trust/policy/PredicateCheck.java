package dev.cleanroom.operator.trust.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.primitives.UnsignedLong;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.NullValue;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A CEL expression over the variable {@code predicate} that must be true. It is compiled when the policy is parsed, so
 * that a mistake is reported then. An expression that fails, for example because a field is missing, counts as false.
 */
public final class PredicateCheck {
    /**
     * The most steps of all comprehensions in one evaluation: a predicate is hostile, and comprehensions can be nested.
     */
    static final int MOST_ITERATIONS = 100_000;

    /** The most levels of an expression. The schema limits its length. */
    static final int MOST_DEPTH = 32;

    private static final int MOST_CHARACTERS = 4_096;
    private static final String VARIABLE = "predicate";
    private static final String MATCHES = "matches";
    private static final CelOptions OPTIONS = CelOptions.current()
            .comprehensionMaxIterations(MOST_ITERATIONS)
            .maxParseRecursionDepth(MOST_DEPTH)
            .maxExpressionCodePointSize(MOST_CHARACTERS)
            .maxRegexProgramSize(1_000)
            // 7 and 7.5 are both numbers: JSON has no separate integers.
            .enableHeterogeneousNumericComparisons(true)
            .build();

    private final CelRuntime.Program program;

    private PredicateCheck(CelRuntime.Program program) {
        this.program = program;
    }

    /** @throws InvalidExpression with what is wrong, on one line */
    public static PredicateCheck compile(String expression) throws InvalidExpression {
        CelCompiler compiler = CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(OPTIONS)
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .addVar(VARIABLE, MapType.create(SimpleType.STRING, SimpleType.DYN))
                .setResultType(SimpleType.BOOL)
                .build();
        try {
            CelAbstractSyntaxTree checked = compiler.compile(expression).getAst();
            patternsAreLiteral(checked);
            return new PredicateCheck(CelRuntimeFactory.standardCelRuntimeBuilder()
                    .setOptions(OPTIONS)
                    .build()
                    .createProgram(checked));
        } catch (CelValidationException | CelEvaluationException | RuntimeException e) {
            throw new InvalidExpression(oneLine(e));
        } catch (StackOverflowError e) {
            throw new InvalidExpression("it is nested too deeply");
        }
    }

    /**
     * A pattern must be a literal, because its size is limited only when it is compiled, and a hostile predicate could
     * contain one that grows without limit.
     */
    private static void patternsAreLiteral(CelAbstractSyntaxTree checked) throws InvalidExpression {
        boolean literal = CelNavigableAst.fromAst(checked)
                .getRoot()
                .allNodes()
                .map(node -> node.expr())
                .filter(expression -> expression.getKind() == CelExpr.ExprKind.Kind.CALL
                        && expression.call().function().equals(MATCHES))
                .allMatch(call -> call.call().args().getLast().getKind() == CelExpr.ExprKind.Kind.CONSTANT);
        if (!literal) {
            throw new InvalidExpression("the pattern of matches must be written in the expression");
        }
    }

    /** Empty when the expression is true, otherwise why not. */
    Optional<String> refusal(JsonNode predicate) {
        try {
            return Boolean.TRUE.equals(
                            program.eval(Map.of(VARIABLE, predicate.isObject() ? value(predicate) : Map.of())))
                    ? Optional.empty()
                    : Optional.of("the policy's expression (cel) is false for it");
        } catch (CelEvaluationException | RuntimeException e) {
            return Optional.of("the policy's expression (cel) could not be evaluated: " + oneLine(e));
        } catch (StackOverflowError e) {
            return Optional.of("the policy's expression (cel) could not be evaluated: it is nested too deeply");
        }
    }

    /** The expression in the policy is wrong. The message is for the administrator. */
    public static final class InvalidExpression extends Exception {
        private static final long serialVersionUID = 1L;

        InvalidExpression(String message) {
            super(message, null, false, false);
        }
    }

    private static Object value(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> {
                Map<String, Object> fields = new LinkedHashMap<>();
                node.properties().forEach(field -> {
                    // A field that is null counts as missing.
                    if (!field.getValue().isNull()) {
                        fields.put(field.getKey(), value(field.getValue()));
                    }
                });
                yield fields;
            }
            case ARRAY -> {
                List<Object> items = new ArrayList<>(node.size());
                node.forEach(item -> items.add(value(item)));
                yield items;
            }
            case BOOLEAN -> node.booleanValue();
            case NUMBER -> number(node);
            case STRING -> node.textValue();
            default -> NullValue.NULL_VALUE;
        };
    }

    /** As exact as CEL allows: as doubles, 2^63 and 2^63-1 would be equal. */
    private static Object number(JsonNode node) {
        if (!node.isIntegralNumber()) {
            return node.doubleValue();
        }
        BigInteger whole = node.bigIntegerValue();
        if (whole.bitLength() < Long.SIZE) {
            return whole.longValue();
        }
        return whole.signum() > 0 && whole.bitLength() == Long.SIZE
                ? UnsignedLong.valueOf(whole)
                : (Object) whole.doubleValue();
    }

    private static String oneLine(Exception e) {
        String text = String.valueOf(e.getMessage())
                .replaceAll("[^\\x20-\\x7e]+", " ")
                .strip();
        return text.length() <= 300 ? text : text.substring(0, 300) + "...";
    }
}
