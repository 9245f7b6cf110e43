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
 * What must be true of a predicate, in CEL over the one variable {@code predicate}. Compiled when the policy is read, so
 * that a mistake is told then. What cannot be answered, such as a field that is not there, is no.
 */
public final class PredicateCheck {
    /** Steps of all comprehensions of one evaluation: a predicate is hostile, and an expression can be nested. */
    static final int MOST_ITERATIONS = 100_000;

    /** Levels and nodes of an expression; its length is the schema's. */
    static final int MOST_DEPTH = 32;

    private static final int MOST_CHARACTERS = 4_096;
    private static final String VARIABLE = "predicate";
    private static final String MATCHES = "matches";
    private static final CelOptions OPTIONS = CelOptions.current()
            .comprehensionMaxIterations(MOST_ITERATIONS)
            .maxParseRecursionDepth(MOST_DEPTH)
            .maxExpressionCodePointSize(MOST_CHARACTERS)
            .maxRegexProgramSize(1_000)
            // A score of 7 and one of 7.5 are numbers alike: JSON does not tell them apart.
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

    /** The size of a pattern is limited once it is compiled, so a predicate must not bring one: it can be built to explode. */
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

    /** Empty when it holds; else why not. */
    Optional<String> refusal(JsonNode predicate) {
        try {
            return Boolean.TRUE.equals(
                            program.eval(Map.of(VARIABLE, predicate.isObject() ? value(predicate) : Map.of())))
                    ? Optional.empty()
                    : Optional.of("its expression is not true");
        } catch (CelEvaluationException | RuntimeException e) {
            return Optional.of("its expression cannot be answered: " + oneLine(e));
        } catch (StackOverflowError e) {
            return Optional.of("its expression cannot be answered: it is nested too deeply");
        }
    }

    /** The expression is the administrator's fault, and the message is for them. */
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
                    // A field that is null says nothing, so it is not there.
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

    /** Exact as far as CEL can: as a double, 2^63 and 2^63-1 would be equal. */
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
