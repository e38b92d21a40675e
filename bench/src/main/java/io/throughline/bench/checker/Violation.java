package io.throughline.bench.checker;

import java.util.List;

/** A message that ought not to have come. */
public record Violation(Promise promise, Receipt receipt, Because because) {

    /** What it offends against. */
    public sealed interface Because {

        /** What had been acknowledged before. */
        record Acknowledged(Acknowledgement acknowledgement) implements Because {
            @Override
            public String toString() {
                return acknowledgement.toString();
            }
        }

        /**
         * More than a cap allows.
         *
         * @param counted those of the window that ends with the message, which is the last
         */
        record TooMany(Cap cap, List<Receipt> counted) implements Because {
            @Override
            public String toString() {
                return "%s, counted %s".formatted(cap, counted);
            }
        }

        /** The same message, which had come before. */
        record CameBefore(Receipt earlier) implements Because {
            @Override
            public String toString() {
                return "it had come before: " + earlier;
            }
        }
    }

    /** One line with all that a person needs to look for it in the logs. */
    @Override
    public String toString() {
        return "%s: %s %s: %s; %s"
                .formatted(promise, receipt.customer(), promise.words(), receipt, because);
    }
}
