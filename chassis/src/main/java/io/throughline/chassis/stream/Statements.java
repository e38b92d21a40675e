package io.throughline.chassis.stream;

import io.smallrye.mutiny.Uni;
import java.util.List;

/** Statements of one transaction of which none needs the answer of another. */
public final class Statements {

    private Statements() {}

    /**
     * Sends all without waiting between them. The connection keeps their order, so a later one sees
     * what an earlier one did; where one fails the transaction is over, and so are those behind it.
     */
    public static Uni<Void> inOneGo(List<Uni<Void>> statements) {
        return switch (statements.size()) {
            case 0 -> Uni.createFrom().voidItem();
            case 1 -> statements.getFirst();
            default -> Uni.join().all(statements).andFailFast().replaceWithVoid();
        };
    }
}
