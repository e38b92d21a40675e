package io.throughline.identity.tracking;

import java.util.List;

/** Something that was asked to be right, and was or was not. */
public sealed interface Checked<T> {

    record Fine<T>(T value) implements Checked<T> {}

    /**
     * @param faults at least one
     */
    record Faulty<T>(List<Fault> faults) implements Checked<T> {}

    static <T> Checked<T> faulty(String field, String expected) {
        return new Faulty<>(List.of(new Fault(field, expected)));
    }
}
