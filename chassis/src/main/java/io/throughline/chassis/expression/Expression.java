package io.throughline.chassis.expression;

import dev.cel.bundle.Cel;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelSourceLocation;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.CelKind;
import dev.cel.common.types.SimpleType;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A compiled CEL expression (Common Expression Language, cel-spec). Variables are dynamic: maps,
 * lists, strings, booleans and numbers as they come out of JSON. Numbers of different kinds compare
 * by value.
 *
 * <p>An expression that cannot be evaluated, because a field is absent or has another type, is not
 * an error of the system: {@link #test} is false then, {@link #evaluate} null. Thread-safe.
 */
public final class Expression {

    static final CelOptions OPTIONS =
            CelOptions.current()
                    .enableHeterogeneousNumericComparisons(true)
                    .populateMacroCalls(true)
                    .build();

    /** Stands for an expression whose text is not read yet. */
    static final Expression ALWAYS = always();

    private final String source;
    private final CelRuntime.Program program;
    private final Map<String, Question> questions;
    private final Set<Field> fields;

    Expression(
            String source,
            CelRuntime.Program program,
            Map<String, Question> questions,
            Set<Field> fields) {
        this.source = source;
        this.program = program;
        this.questions = Map.copyOf(questions);
        this.fields = Set.copyOf(fields);
    }

    /**
     * What an expression reads of a variable.
     *
     * @param field the field at its top; absent where the variable itself is read, or a field that
     *     is not known before
     */
    public record Field(String variable, @Nullable String field) {}

    /** Variables in the form in which expressions read them, to be made once for many of these. */
    public static final class Values {

        private final Map<String, Object> readable;

        private Values(Map<String, Object> readable) {
            this.readable = readable;
        }
    }

    /**
     * Compiles an expression.
     *
     * @param variables the names it may read
     * @throws ExpressionException saying where and why it does not compile
     */
    public static Expression compile(String source, Set<String> variables)
            throws ExpressionException {
        return compile(source, variables, false);
    }

    /**
     * The same for an expression that is to be tested.
     *
     * @throws ExpressionException also where it certainly gives something that is not a boolean
     */
    public static Expression compileCondition(String source, Set<String> variables)
            throws ExpressionException {
        return compile(source, variables, true);
    }

    /**
     * Reads a condition part by part.
     *
     * @param functions those that it may call beside CEL's own
     * @throws ExpressionException saying where and why it does not compile
     */
    public static Condition readCondition(String source, Set<String> variables, Functions functions)
            throws ExpressionException {
        return new ConditionReader(variables, functions).read(source);
    }

    private static Expression always() {
        try {
            return compile("true", Set.of());
        } catch (ExpressionException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Expression compile(String source, Set<String> variables, boolean condition)
            throws ExpressionException {
        var builder =
                CelFactory.plannerCelBuilder()
                        .setOptions(OPTIONS)
                        .setStandardMacros(CelStandardMacro.STANDARD_MACROS);
        variables.forEach(name -> builder.addVar(name, SimpleType.DYN));
        Cel cel = builder.build();
        try {
            CelAbstractSyntaxTree tree = cel.compile(source).getAst();
            CelKind kind = tree.getResultType().kind();
            if (condition && kind != CelKind.BOOL && kind != CelKind.DYN) {
                throw new ExpressionException(
                        "it gives %s, not true or false".formatted(tree.getResultType().name()));
            }
            return new Expression(source, cel.createProgram(tree), Map.of(), Set.of());
        } catch (CelValidationException e) {
            throw new ExpressionException(issues(e));
        } catch (CelEvaluationException e) {
            throw new ExpressionException(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Whether it holds; false when it cannot be evaluated or gives something that is not a boolean.
     */
    public boolean test(Map<String, ?> values) {
        return Boolean.TRUE.equals(evaluate(values));
    }

    /** What it gives; null when it cannot be evaluated. */
    public @Nullable Object evaluate(Map<String, ?> values) {
        return run(readableMap(values));
    }

    /** Variables for many evaluations. */
    public static Values values(Map<String, ?> values) {
        return new Values(readableMap(values));
    }

    /** The same as {@link #test(Map)}, where no question is asked. */
    public boolean test(Values values) {
        return Boolean.TRUE.equals(run(values.readable));
    }

    /**
     * Whether it holds.
     *
     * @param answers gives null where there is no answer; a part that needs it cannot be evaluated
     *     then
     */
    public boolean test(Values values, Function<Question, @Nullable Object> answers) {
        return Boolean.TRUE.equals(evaluate(values, answers));
    }

    /** What it gives; null when it cannot be evaluated. */
    public @Nullable Object evaluate(Values values, Function<Question, @Nullable Object> answers) {
        if (questions.isEmpty()) {
            return run(values.readable);
        }
        Map<String, Object> told = new HashMap<>();
        questions.forEach((number, question) -> {
            Object answer = readable(answers.apply(question));
            if (answer != null) {
                told.put(number, answer);
            }
        });
        Map<String, Object> variables = new HashMap<>(values.readable);
        variables.put(ConditionReader.TOLD, told);
        return run(variables);
    }

    /** What it wants to be told. */
    public Collection<Question> questions() {
        return questions.values();
    }

    /** What a condition's part reads of its variables. */
    public Set<Field> fields() {
        return fields;
    }

    private @Nullable Object run(Map<String, Object> variables) {
        try {
            return program.eval(variables);
        } catch (CelEvaluationException e) {
            return null;
        }
    }

    @Override
    public String toString() {
        return source;
    }

    /**
     * CEL knows 64-bit integers and doubles only, and has no word for a null entry that is worth
     * keeping.
     */
    private static @Nullable Object readable(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case Integer i -> i.longValue();
            case Short s -> s.longValue();
            case Float f -> f.doubleValue();
            case BigDecimal d -> d.doubleValue();
            case BigInteger i ->
                    i.bitLength() < 64 ? (Object) i.longValue() : (Object) i.doubleValue();
            case Map<?, ?> map -> readableMap(map);
            case List<?> list -> readableList(list);
            default -> value;
        };
    }

    private static Map<String, Object> readableMap(Map<?, ?> map) {
        Map<String, Object> result = new LinkedHashMap<>();
        map.forEach((key, value) -> {
            Object readable = readable(value);
            if (readable != null) {
                result.put(String.valueOf(key), readable);
            }
        });
        return result;
    }

    private static List<Object> readableList(Collection<?> list) {
        return list.stream()
                .<Object>mapMulti((value, sink) -> {
                    Object readable = readable(value);
                    if (readable != null) {
                        sink.accept(readable);
                    }
                })
                .toList();
    }

    static String issues(CelValidationException e) {
        return e.getErrors().stream().map(Expression::describe).collect(Collectors.joining("; "));
    }

    private static String describe(CelIssue issue) {
        return place(issue.getSourceLocation()) + ": " + issue.getMessage();
    }

    /** A text of one line needs no line. */
    static String place(CelSourceLocation at) {
        String column = "column " + (at.getColumn() + 1);
        return at.getLine() > 1 ? "line " + at.getLine() + ", " + column : column;
    }
}
