package io.throughline.identity.consent;

import static io.throughline.contracts.ConsentState.OPTED_IN;
import static io.throughline.contracts.ConsentState.OPTED_OUT;
import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.identity.consent.ConsentFold.Merge;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ConsentFoldTest {

    private static final Instant MONDAY = Instant.parse("2026-03-02T10:00:00Z");
    private static final About EMAIL = new About(Channel.EMAIL, null);
    private static final CustomerId ONE = new CustomerId(new UUID(0, 1));
    private static final CustomerId TWO = new CustomerId(new UUID(0, 2));
    private static final CustomerId THREE = new CustomerId(new UUID(0, 3));

    @Test
    void theLaterOfTwoWordsCountsAndOptingOutWinsATie() {
        assertThat(fold(said(ONE, OPTED_OUT, day(0)), said(ONE, OPTED_IN, day(1))))
                .isEqualTo(new Standing(OPTED_IN, day(1)));
        assertThat(fold(said(ONE, OPTED_OUT, day(1)), said(ONE, OPTED_IN, day(1))))
                .isEqualTo(new Standing(OPTED_OUT, day(1)));
    }

    @Test
    void aMergeKeepsTheOptOutAndTheLaterDate() {
        assertThat(
                        fold(
                                List.of(merge(ONE, TWO, day(3))),
                                said(TWO, OPTED_OUT, day(0)),
                                said(ONE, OPTED_IN, day(1))))
                .isEqualTo(new Standing(OPTED_OUT, day(1)));
    }

    @Test
    void anOptInAfterTheMergeLiftsIt() {
        assertThat(
                        fold(
                                List.of(merge(ONE, TWO, day(3))),
                                said(TWO, OPTED_OUT, day(0)),
                                said(ONE, OPTED_IN, day(4))))
                .isEqualTo(new Standing(OPTED_IN, day(4)));
    }

    /** The process that wrote the word down is ahead of the one that merged, by 50 ms. */
    @Test
    void anOptOutOfWhoIsMergedAwayCountsThoughItsClockWasAhead() {
        Instant merged = day(3);
        Said stop = said(TWO, OPTED_OUT, merged.plusMillis(30));
        assertThat(fold(List.of(merge(ONE, TWO, merged)), stop))
                .isEqualTo(new Standing(OPTED_OUT, stop.at()));
        assertThat(fold(List.of(merge(ONE, TWO, merged)), said(ONE, OPTED_IN, day(1)), stop))
                .isEqualTo(new Standing(OPTED_OUT, stop.at()));
    }

    /** Her own later opt-in is no other's, so the merge finds both sides opted in. */
    @Test
    void aWordAheadOfTheMergeStillOutweighsHerOwnEarlierOne() {
        Instant merged = day(3);
        assertThat(
                        fold(
                                List.of(merge(ONE, TWO, merged)),
                                said(TWO, OPTED_OUT, day(1)),
                                said(TWO, OPTED_IN, merged.plusMillis(30)),
                                said(ONE, OPTED_IN, day(0))))
                .isEqualTo(new Standing(OPTED_IN, merged.plusMillis(30)));
    }

    @Test
    void aChainOfMergesHoldsInWhicheverOrderTheirClocksPutThem() {
        Instant merged = day(3);
        List<Merge> merges =
                List.of(merge(TWO, THREE, merged.plusMillis(20)), merge(ONE, TWO, merged));
        assertThat(
                        fold(
                                merges,
                                said(THREE, OPTED_OUT, day(0)),
                                said(TWO, OPTED_IN, day(1)),
                                said(ONE, OPTED_IN, day(2))))
                .isEqualTo(new Standing(OPTED_OUT, day(2)));
        assertThat(ConsentFold.whoWas(THREE, day(4), merges)).isEqualTo(ONE);
        assertThat(ConsentFold.whoWas(THREE, day(2), merges)).isEqualTo(THREE);
    }

    private static Standing fold(Said... said) {
        return fold(List.of(), said);
    }

    private static Standing fold(List<Merge> merges, Said... said) {
        return Objects.requireNonNull(ConsentFold.of(ONE, List.of(said), merges).get(EMAIL));
    }

    private static Said said(CustomerId customer, ConsentState state, Instant at) {
        return new Said(customer, EMAIL, state, at, at);
    }

    private static Merge merge(CustomerId survivor, CustomerId merged, Instant at) {
        return new Merge(survivor, merged, at);
    }

    private static Instant day(int days) {
        return MONDAY.plus(Duration.ofDays(days));
    }
}
