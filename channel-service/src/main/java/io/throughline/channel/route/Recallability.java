package io.throughline.channel.route;

import io.smallrye.mutiny.Uni;

/** Whether what a route has handed over can be taken back, and how. */
public sealed interface Recallability {

    /**
     * The carrier or provider can be asked to give messages back that it still holds.
     *
     * @param means as in {@code cancel_sm}
     */
    record OnRequest(String means, Asking asking) implements Recallability {}

    /**
     * @param why as in {@code email cannot be recalled once taken}
     */
    record Never(String why) implements Recallability {}

    /** Asks for one message back. */
    interface Asking {

        /**
         * Every outcome is a value; a {@code Uni} that fails is treated as {@link
         * RecallAnswer.Unanswered}. Asking twice is harmless.
         */
        Uni<RecallAnswer> recall(HandedOver message);
    }
}
