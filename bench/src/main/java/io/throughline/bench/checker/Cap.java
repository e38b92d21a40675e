package io.throughline.bench.checker;

import java.time.Duration;

/** At most so many messages to a customer within any window of this length. */
public record Cap(Scope scope, int max, Duration per) {

    /** Which messages are counted together. */
    public sealed interface Scope {

        /** All of them. */
        record Everything() implements Scope {}

        /** Those on one channel. */
        record OnChannel(String channel) implements Scope {}

        /** Those of each journey by itself. */
        record EachJourney() implements Scope {}
    }

    /**
     * Messages that are counted together have the same name; empty where this cap is not for it.
     */
    String countedAs(Receipt receipt) {
        return switch (scope) {
            case Scope.Everything() -> "everything";
            case Scope.OnChannel(String channel) ->
                    receipt.channel().equals(channel) ? channel : "";
            case Scope.EachJourney() -> receipt.journey();
        };
    }
}
