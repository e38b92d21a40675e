package io.throughline.chassis.expression;

import java.util.List;
import java.util.Optional;

/**
 * A call within an expression whose answer is told to it, because its variables do not give it. All
 * that can be asked is known once the expression is compiled.
 */
public record Question(String function, List<Argument> arguments) {

    public Question {
        arguments = List.copyOf(arguments);
    }

    /** What a call was given. */
    public sealed interface Argument {

        /** A constant text. */
        record Text(String value) implements Argument {}

        /** An expression of its own, over the function's own variables. */
        record Part(Expression expression) implements Argument {}
    }

    /** The text at a place; empty where there is none or it is no text. */
    public Optional<String> text(int place) {
        return place < arguments.size()
                        && arguments.get(place) instanceof Argument.Text(String value)
                ? Optional.of(value)
                : Optional.empty();
    }

    /** The expression at a place; empty where there is none or it is a text. */
    public Optional<Expression> part(int place) {
        return place < arguments.size()
                        && arguments.get(place) instanceof Argument.Part(Expression expression)
                ? Optional.of(expression)
                : Optional.empty();
    }
}
