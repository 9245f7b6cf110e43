package dev.cleanroom.operator.trust.policy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
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
    private static final CelOptions OPTIONS = CelOptions.current()
            .comprehensionMaxIterations(MOST_ITERATIONS)
            .maxParseRecursionDepth(MOST_DEPTH)
            .maxExpressionCodePointSize(MOST_CHARACTERS)
            .maxRegexProgramSize(1_000)
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
            return new PredicateCheck(CelRuntimeFactory.standardCelRuntimeBuilder()
                    .setOptions(OPTIONS)
                    .build()
                    .createProgram(checked));
        } catch (CelValidationException | CelEvaluationException e) {
            throw new InvalidExpression(oneLine(e));
        }
    }

    /** Empty when it holds; else why not. */
    Optional<String> refusal(JsonNode predicate) {
        try {
            return Boolean.TRUE.equals(program.eval(Map.of(VARIABLE, value(predicate, Map.of()))))
                    ? Optional.empty()
                    : Optional.of("its expression is false");
        } catch (CelEvaluationException | RuntimeException e) {
            return Optional.of("its expression cannot be answered: " + oneLine(e));
        }
    }

    /** The expression is the administrator's fault, and the message is for them. */
    public static final class InvalidExpression extends Exception {
        private static final long serialVersionUID = 1L;

        InvalidExpression(String message) {
            super(message, null, false, false);
        }
    }

    private static Object value(JsonNode node, Object absent) {
        return switch (node.getNodeType()) {
            case OBJECT -> {
                Map<String, Object> fields = new LinkedHashMap<>();
                node.properties().forEach(field -> {
                    // CEL knows null as a value of its own kind; a field that is null says nothing, so it is not there.
                    if (!field.getValue().isNull()) {
                        fields.put(field.getKey(), value(field.getValue(), ""));
                    }
                });
                yield fields;
            }
            case ARRAY -> {
                List<Object> items = new ArrayList<>(node.size());
                node.forEach(item -> items.add(value(item, "")));
                yield items;
            }
            case BOOLEAN -> node.booleanValue();
            case NUMBER ->
                node.isIntegralNumber() && node.canConvertToLong()
                        ? (Object) node.longValue()
                        : (Object) node.doubleValue();
            case STRING -> node.textValue();
            default -> absent;
        };
    }

    private static String oneLine(Exception e) {
        String text = String.valueOf(e.getMessage())
                .replaceAll("[^\\x20-\\x7e]+", " ")
                .strip();
        return text.length() <= 300 ? text : text.substring(0, 300) + "...";
    }
}
