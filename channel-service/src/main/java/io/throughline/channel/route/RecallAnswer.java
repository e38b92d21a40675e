package io.throughline.channel.route;

import java.util.List;

/** What a carrier says to giving a message back. */
public sealed interface RecallAnswer {

    /** It will not be delivered, no part of it. */
    record GivenBack() implements RecallAnswer {}

    /**
     * Some parts will not be delivered; of the others the carrier said something else.
     *
     * @param givenBack its ids of the parts that are back
     */
    record Partly(List<String> givenBack, RecallAnswer rest) implements RecallAnswer {}

    /**
     * The carrier has delivered it, or some of it, or does not hold it any more.
     *
     * @param why the carrier's word, as in {@code 0x11 ESME_RCANCELFAIL}
     */
    record TooLate(String why) implements RecallAnswer {}

    /** The carrier does not do this, or not for us. */
    record Refused(String why) implements RecallAnswer {}

    /** Certainly not given back now; another time it may be. */
    record NotNow(String why) implements RecallAnswer {}

    /** It was asked, and no answer says what it did. */
    record Unanswered(String why) implements RecallAnswer {}
}
