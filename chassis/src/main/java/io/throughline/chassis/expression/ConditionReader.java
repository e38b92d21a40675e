package io.throughline.chassis.expression;

import com.google.common.collect.ImmutableList;
import dev.cel.bundle.Cel;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelSource;
import dev.cel.common.CelSourceLocation;
import dev.cel.common.CelValidationException;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.types.CelKind;
import dev.cel.common.types.SimpleType;
import dev.cel.parser.CelMacro;
import dev.cel.parser.CelMacroExprFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.parser.CelUnparserFactory;
import dev.cel.runtime.CelEvaluationException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads one condition. A call of a told function is replaced by a look into the variable {@value
 * #TOLD}, under the number of the call, while the text is parsed; so the evaluator needs to know
 * nothing of it, and each call is known by then.
 */
final class ConditionReader {

    static final String TOLD = "told__";

    private static final Set<String> COMPARISONS =
            Set.of("_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "@in");

    private final Set<String> variables;
    private final Functions functions;
    private final List<Call> calls = new ArrayList<>();
    private final List<Question> questions = new ArrayList<>();
    private CelSource source = CelSource.newBuilder("").build();

    private record Call(String function, List<CelExpr> arguments) {}

    ConditionReader(Set<String> variables, Functions functions) {
        this.variables = variables;
        this.functions = functions;
    }

    Condition read(String text) throws ExpressionException {
        if (text.contains(TOLD)) {
            throw new ExpressionException("column 1: " + TOLD + " is not a name that can be used");
        }
        try {
            CelAbstractSyntaxTree parsed = builder(variables).parse(text).getAst();
            source = parsed.getSource();
            for (Call call : calls) {
                questions.add(question(call));
            }
            return condition(parsed.getExpr());
        } catch (CelValidationException e) {
            throw new ExpressionException(Expression.issues(e));
        } catch (CelEvaluationException e) {
            throw new ExpressionException(String.valueOf(e.getMessage()));
        }
    }

    private Cel builder(Set<String> names) {
        var builder =
                CelFactory.plannerCelBuilder()
                        .setOptions(Expression.OPTIONS)
                        .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                        .addMacros(functions.names().stream().map(this::macro).toList())
                        .addVar(TOLD, SimpleType.DYN);
        names.forEach(name -> builder.addVar(name, SimpleType.DYN));
        return builder.build();
    }

    /** It notes the calls, and lives no longer than one text is read. */
    @SuppressWarnings("Immutable")
    private CelMacro macro(String function) {
        return CelMacro.newGlobalVarArgMacro(
                function, (factory, target, arguments) -> told(factory, function, arguments));
    }

    private Optional<CelExpr> told(
            CelMacroExprFactory factory, String function, ImmutableList<CelExpr> arguments) {
        for (CelExpr argument : arguments) {
            if (mentions(argument, TOLD)) {
                return Optional.of(
                        factory.reportError(function + " takes no call of such a function"));
            }
        }
        List<Question.Argument> shapes = new ArrayList<>();
        arguments.forEach(argument -> shapes.add(shape(argument)));
        Optional<String> complaint = functions.complaint(new Question(function, shapes));
        if (complaint.isPresent()) {
            return Optional.of(factory.reportError(complaint.get()));
        }
        String number = Integer.toString(calls.size());
        calls.add(new Call(function, arguments));
        return Optional.of(
                factory.newGlobalCall(
                        "_[_]", factory.newIdentifier(TOLD), factory.newStringLiteral(number)));
    }

    private static Question.Argument shape(CelExpr argument) {
        String text = text(argument);
        return text == null
                ? new Question.Argument.Part(Expression.ALWAYS)
                : new Question.Argument.Text(text);
    }

    private Question question(Call call)
            throws ExpressionException, CelValidationException, CelEvaluationException {
        List<Question.Argument> arguments = new ArrayList<>();
        Cel own = builder(functions.variables(call.function()));
        for (CelExpr argument : call.arguments()) {
            String text = text(argument);
            arguments.add(
                    text == null
                            ? new Question.Argument.Part(expression(own, argument))
                            : new Question.Argument.Text(text));
        }
        return new Question(call.function(), arguments);
    }

    private static @Nullable String text(CelExpr argument) {
        return argument.getKind() == CelExpr.ExprKind.Kind.CONSTANT
                        && argument.constant().getKind() == CelConstant.Kind.STRING_VALUE
                ? argument.constant().stringValue()
                : null;
    }

    private Condition condition(CelExpr expr)
            throws ExpressionException, CelValidationException, CelEvaluationException {
        if (expr.getKind() == CelExpr.ExprKind.Kind.CALL) {
            List<CelExpr> arguments = expr.call().args();
            switch (expr.call().function()) {
                case "_&&_" -> {
                    return new Condition.Both(
                            condition(arguments.get(0)), condition(arguments.get(1)));
                }
                case "_||_" -> {
                    return new Condition.Either(
                            condition(arguments.get(0)), condition(arguments.get(1)));
                }
                case "!_" -> {
                    return new Condition.Not(condition(arguments.getFirst()));
                }
                default -> {}
            }
        }
        return leaf(expr);
    }

    private Condition.Leaf leaf(CelExpr expr)
            throws ExpressionException, CelValidationException, CelEvaluationException {
        Cel cel = builder(variables);
        CelAbstractSyntaxTree checked = checked(cel, expr);
        CelKind kind = checked.getResultType().kind();
        if (kind != CelKind.BOOL && kind != CelKind.DYN) {
            throw new ExpressionException(
                    "%s: it gives %s, not true or false"
                            .formatted(place(expr), checked.getResultType().name()));
        }
        boolean compares =
                expr.getKind() == CelExpr.ExprKind.Kind.CALL
                        && COMPARISONS.contains(expr.call().function());
        return new Condition.Leaf(
                expression(cel, expr),
                compares ? expression(cel, expr.call().args().getFirst()) : null);
    }

    private Expression expression(Cel cel, CelExpr expr)
            throws CelValidationException, CelEvaluationException {
        CelAbstractSyntaxTree checked = checked(cel, expr);
        Set<Integer> asked = new LinkedHashSet<>();
        Set<Expression.Field> fields = new LinkedHashSet<>();
        new Reads(asked, fields).of(expr);
        return new Expression(
                CelUnparserFactory.newUnparser()
                        .unparse(CelAbstractSyntaxTree.newParsedAst(expr, source)),
                cel.createProgram(checked),
                asked.stream()
                        .collect(
                                Collectors.toMap(
                                        number -> Integer.toString(number), questions::get)),
                fields);
    }

    private CelAbstractSyntaxTree checked(Cel cel, CelExpr expr) throws CelValidationException {
        return cel.check(CelAbstractSyntaxTree.newParsedAst(byField(expr), source)).getAst();
    }

    /**
     * The same expression with {@code a["b"]} read as {@code a.b}: the checker takes what an index
     * gives for the type that it is first compared with, and a decimal is then not compared with a
     * whole number.
     */
    private static CelExpr byField(CelExpr expr) {
        return switch (expr.getKind()) {
            case CALL -> callByField(expr);
            case SELECT ->
                    expr.toBuilder()
                            .setSelect(
                                    expr.select().toBuilder()
                                            .setOperand(byField(expr.select().operand()))
                                            .build())
                            .build();
            default -> expr;
        };
    }

    private static CelExpr callByField(CelExpr expr) {
        CelExpr.CelCall call = expr.call();
        String key = call.args().size() == 2 ? text(call.args().get(1)) : null;
        if (call.function().equals("_[_]") && key != null) {
            return CelExpr.ofSelect(expr.id(), byField(call.args().getFirst()), key, false);
        }
        CelExpr.CelCall.Builder changed = CelExpr.CelCall.newBuilder().setFunction(call.function());
        call.target().ifPresent(target -> changed.setTarget(byField(target)));
        call.args().forEach(argument -> changed.addArgs(byField(argument)));
        return expr.toBuilder().setCall(changed.build()).build();
    }

    private String place(CelExpr expr) {
        Integer offset = source.getPositionsMap().get(expr.id());
        Optional<CelSourceLocation> at =
                offset == null ? Optional.empty() : source.getOffsetLocation(offset);
        return at.map(Expression::place).orElse("column 1");
    }

    private static boolean mentions(CelExpr expr, String name) {
        Set<Expression.Field> fields = new LinkedHashSet<>();
        Set<Integer> asked = new LinkedHashSet<>();
        new Reads(asked, fields).of(expr);
        return !asked.isEmpty() || fields.stream().anyMatch(f -> f.variable().equals(name));
    }

    /** Walks an expression for what it reads. */
    private record Reads(Set<Integer> asked, Set<Expression.Field> fields) {

        void of(CelExpr expr) {
            switch (expr.getKind()) {
                case IDENT -> fields.add(new Expression.Field(expr.ident().name(), null));
                case SELECT -> select(expr);
                case CALL -> call(expr);
                case LIST -> expr.list().elements().forEach(this::of);
                case MAP ->
                        expr.map()
                                .entries()
                                .forEach(entry -> {
                                    of(entry.key());
                                    of(entry.value());
                                });
                case STRUCT -> expr.struct().entries().forEach(entry -> of(entry.value()));
                case COMPREHENSION -> {
                    of(expr.comprehension().iterRange());
                    of(expr.comprehension().accuInit());
                    of(expr.comprehension().loopCondition());
                    of(expr.comprehension().loopStep());
                    of(expr.comprehension().result());
                }
                case CONSTANT, NOT_SET -> {}
            }
        }

        private void select(CelExpr expr) {
            CelExpr operand = expr.select().operand();
            if (operand.getKind() == CelExpr.ExprKind.Kind.IDENT) {
                read(operand.ident().name(), expr.select().field());
            } else {
                of(operand);
            }
        }

        private void read(String variable, String field) {
            if (variable.equals(TOLD)) {
                asked.add(Integer.valueOf(field));
            } else {
                fields.add(new Expression.Field(variable, field));
            }
        }

        private void call(CelExpr expr) {
            List<CelExpr> arguments = expr.call().args();
            if (expr.call().function().equals("_[_]") && arguments.size() == 2) {
                CelExpr operand = arguments.get(0);
                String key = text(arguments.get(1));
                if (operand.getKind() == CelExpr.ExprKind.Kind.IDENT && key != null) {
                    read(operand.ident().name(), key);
                    return;
                }
            }
            expr.call().target().ifPresent(this::of);
            arguments.forEach(this::of);
        }
    }
}
