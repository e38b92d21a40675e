package io.throughline.journey.arbitration;

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
     * @param rule the cap that is too narrow for both
     */
    record Displaced(Planned planned, String rule, Room.Seen room) {}

    /**
     * It gives way.
     *
     * @param to the most important contact that holds a place it would need
     * @param rule the cap that is too narrow
     * @param planned how many more important contacts hold a place under it
     */
    record Yields(Planned to, String rule, Room.Seen room, int planned) implements Ruling {}
}
