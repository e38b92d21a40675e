package io.throughline.journey.arbitration;

import io.throughline.contracts.message.SuppressionReason;
import java.util.List;

/** What arbitration says of a contact whose time has come. */
public sealed interface Ruling {

    /**
     * It may ask.
     *
     * @param displaced less important contacts that were asked for and not handed over yet, to
     *     which it leaves no room; the least important first
     */
    record Goes(List<Displaced> displaced) implements Ruling {

        public Goes {
            displaced = List.copyOf(displaced);
        }
    }

    /**
     * A less important contact that is to be taken back.
     *
     * @param room under the cap that is too narrow for both, as the more important one sees it
     */
    record Displaced(Planned planned, Room.Seen room) {}

    /**
     * It gives way.
     *
     * @param to the most important contact that holds a place it would take
     * @param cap the one that is too narrow for both, as that contact sees it
     * @param room under that cap
     * @param planned how many more important contacts hold a place under it
     */
    record Yields(Planned to, SharedCap cap, Room.Seen room, int planned) implements Ruling {

        SuppressionReason reason() {
            return cap.reason();
        }
    }
}
