package dev.cleanroom.operator.trust.policy;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cleanroom.operator.trust.pattern.RegularExpression;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the parts of an expression cost: which are handed to an operation whose work grows with their size. Arguments are evaluated
 * before the operation begins, so an {@link EvaluationMeter} that counts them stops an operation that is too large
 * before it is carried out.
 *
 * <p>An error costs much more than a step, and CEL may go on after it, as {@code a || b} does. It shows only in that
 * an operation has no value after its last argument has one.
 */
final class EvaluationCosts {
    static final String MATCHES = "matches";

    private final Map<Long, Use> uses = new HashMap<>();
    private final Map<Long, Long> next = new HashMap<>();

    /** What an operation does with a value. */
    sealed interface Use {
        /** Reads a text once. */
        record Read() implements Use {}

        /** Compares it, with everything in it. */
        record Compared() implements Use {}

        /** Searches it: one lookup for a map, comparisons for a list. */
        record Contained() implements Use {}

        /** Copies it. */
        record Joined() implements Use {}

        /** Runs a loop over it. */
        record Looped() implements Use {}

        /** Parses a text: not every parser takes linear time. */
        record Parsed() implements Use {}

        /** Needs a Boolean. Anything else is an error, after which CEL may go on. */
        record Decided() implements Use {}

        /** Matches a text with a regular expression. */
        record Matched(int patternSize) implements Use {}

        /** Searches a text for another. */
        record Searched(long call) implements Use {}

        /** The text for which another is searched. */
        record Sought(long call) implements Use {}
    }

    private EvaluationCosts() {}

    /** @param patterns those of matches, by their text */
    static EvaluationCosts of(CelAbstractSyntaxTree checked, Map<String, RegularExpression> patterns) {
        var costs = new EvaluationCosts();
        List<CelExpr> all = CelNavigableAst.fromAst(checked)
                .getRoot()
                .allNodes()
                .map(node -> node.expr())
                .toList();
        Set<String> results = new HashSet<>();
        for (CelExpr expression : all) {
            if (expression.getKind() == Kind.COMPREHENSION) {
                results.add(expression.comprehension().accuVar());
                costs.uses.put(expression.comprehension().iterRange().id(), new Use.Looped());
                costs.next.put(
                        expression.comprehension().iterRange().id(),
                        expression.comprehension().accuInit().id());
            }
            if (expression.getKind() == Kind.SELECT) {
                costs.next.put(expression.select().operand().id(), expression.id());
            }
        }
        for (CelExpr expression : all) {
            if (expression.getKind() == Kind.CALL) {
                costs.add(expression, results, patterns);
            }
        }
        return costs;
    }

    private void add(CelExpr call, Set<String> results, Map<String, RegularExpression> patterns) {
        switch (call.call().function()) {
            case "_||_", "_&&_", "!_", "@not_strictly_false" -> {
                each(call, new Use.Decided());
                return;
            }
            case "_?_:_" -> {
                uses.put(call.call().args().getFirst().id(), new Use.Decided());
                return;
            }
            case "_==_", "_!=_" -> each(call, new Use.Compared());
            case "@in", "in", "_in_" -> {
                uses.put(call.call().args().getFirst().id(), new Use.Compared());
                uses.put(call.call().args().getLast().id(), new Use.Contained());
            }
            case "_+_" ->
                // The result of a loop so far is extended in place.
                call.call().args().stream()
                        .filter(part -> part.getKind() != Kind.IDENT
                                || !results.contains(part.ident().name()))
                        .forEach(part -> uses.put(part.id(), new Use.Joined()));
            case MATCHES -> {
                CelExpr text =
                        call.call().target().orElseGet(() -> call.call().args().getFirst());
                pattern(call)
                        .map(patterns::get)
                        .ifPresent(pattern -> uses.put(text.id(), new Use.Matched(pattern.size())));
            }
            case "contains" -> {
                call.call().target().ifPresent(text -> uses.put(text.id(), new Use.Searched(call.id())));
                uses.put(call.call().args().getLast().id(), new Use.Sought(call.id()));
            }
            case "bytes", "string" -> each(call, new Use.Joined());
            case "duration", "timestamp", "int", "uint", "double", "bool" -> each(call, new Use.Parsed());
            default ->
                // The time zone of getHours and its like is parsed.
                each(call, call.call().function().startsWith("get") ? new Use.Parsed() : new Use.Read());
        }
        List<CelExpr> arguments = call.call().args();
        Optional.ofNullable(arguments.isEmpty() ? call.call().target().orElse(null) : arguments.getLast())
                .ifPresent(last -> next.put(last.id(), call.id()));
    }

    private void each(CelExpr call, Use use) {
        call.call().target().ifPresent(target -> uses.put(target.id(), use));
        call.call().args().forEach(argument -> uses.put(argument.id(), use));
    }

    /** The pattern of a call of matches, if it is written in the expression. */
    static Optional<String> pattern(CelExpr call) {
        CelExpr last = call.call().args().getLast();
        return last.getKind() == Kind.CONSTANT
                        && last.constant().getKind() == dev.cel.common.ast.CelConstant.Kind.STRING_VALUE
                ? Optional.of(last.constant().stringValue())
                : Optional.empty();
    }

    /** The part whose value must be known next after the value of another; if it is not, there was an error. */
    Optional<Long> next(CelExpr expression) {
        return Optional.ofNullable(next.get(expression.id()));
    }

    Optional<Use> of(CelExpr expression) {
        return Optional.ofNullable(uses.get(expression.id()));
    }
}
