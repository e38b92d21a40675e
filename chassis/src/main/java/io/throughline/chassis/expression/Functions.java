package io.throughline.chassis.expression;

import java.util.Optional;
import java.util.Set;

/** The functions that an expression may call and does not compute: their answers are told to it. */
public interface Functions {

    Functions NONE =
            new Functions() {
                @Override
                public Set<String> names() {
                    return Set.of();
                }

                @Override
                public Set<String> variables(String function) {
                    return Set.of();
                }

                @Override
                public Optional<String> complaint(Question question) {
                    return Optional.empty();
                }
            };

    Set<String> names();

    /** What the expressions among a function's arguments may read. */
    Set<String> variables(String function);

    /** What is wrong with a call, for the person who wrote it; empty where nothing is. */
    Optional<String> complaint(Question question);
}
