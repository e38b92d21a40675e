package io.throughline.chassis.expression;

import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A condition taken apart at its {@code &&}, {@code ||} and {@code !}. A part that cannot be
 * evaluated does not hold, and its negation does.
 */
public sealed interface Condition {

    record Both(Condition one, Condition other) implements Condition {}

    record Either(Condition one, Condition other) implements Condition {}

    record Not(Condition of) implements Condition {}

    /**
     * @param measured what a comparison compares, its left side; absent where it is none
     */
    record Leaf(Expression expression, @Nullable Expression measured) implements Condition {}

    /** Whether it holds, where it is known which of its leaves do. */
    default boolean holds(Predicate<Leaf> leaves) {
        return switch (this) {
            case Both(Condition one, Condition other) -> one.holds(leaves) && other.holds(leaves);
            case Either(Condition one, Condition other) -> one.holds(leaves) || other.holds(leaves);
            case Not(Condition of) -> !of.holds(leaves);
            case Leaf leaf -> leaves.test(leaf);
        };
    }

    /** In the order in which they are written. */
    default Stream<Leaf> leaves() {
        return switch (this) {
            case Both(Condition one, Condition other) ->
                    Stream.concat(one.leaves(), other.leaves());
            case Either(Condition one, Condition other) ->
                    Stream.concat(one.leaves(), other.leaves());
            case Not(Condition of) -> of.leaves();
            case Leaf leaf -> Stream.of(leaf);
        };
    }
}
