package io.throughline.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class FigureTest {

    @Test
    void aRatioIsTheValueOverTheLimit() {
        Figure figure = Figure.perSecond("events", 7_000).beside(10_000);
        assertThat(figure.ratio()).isEqualTo(0.7);
        assertThat(figure.met()).isNull();
    }

    @Test
    void aRatioBudgetIsMetAtTheBoundAndMissedBelowIt() {
        Figure figure = Figure.perSecond("events", 7_000).beside(10_000);
        assertThat(figure.ratioAtLeast(0.7).met()).isTrue();
        assertThat(figure.ratioAtLeast(0.71).met()).isFalse();
    }

    @Test
    void aGreatestValueIsComparedWithTheValueAlsoWhereThereIsALimit() {
        Figure figure = Figure.millis("p99", 3).beside(1);
        assertThat(figure.atMost(3).met()).isTrue();
        assertThat(figure.atMost(2.9).met()).isFalse();
    }

    @Test
    void aRatioBudgetWithoutALimitIsAMistake() {
        assertThatThrownBy(() -> Figure.perSecond("events", 1).ratioAtLeast(0.7).met())
                .isInstanceOf(IllegalStateException.class);
    }
}
