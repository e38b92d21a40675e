package io.throughline.channel.sms;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.channel.sms.Joining.Joined;
import io.throughline.channel.sms.Joining.Text;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class JoiningTest {

    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
    private static final Joining.Key KEY = new Joining.Key("+34600111222", "12345", 7, 3);

    private final Joining joining = new Joining();

    @Test
    void partsInAnyOrderMakeTheWhole() {
        assertThat(part(3, "you")).isEqualTo(new Joined.Waiting());
        assertThat(part(1, "I ")).isEqualTo(new Joined.Waiting());
        assertThat(part(2, "love ")).isEqualTo(new Joined.Whole(whole("I love you")));
    }

    @Test
    void aPartToldTwiceCountsOnce() {
        part(1, "I ");
        part(1, "I ");

        assertThat(part(2, "love ")).isEqualTo(new Joined.Waiting());
        assertThat(part(3, "you")).isEqualTo(new Joined.Whole(whole("I love you")));
    }

    @Test
    void aWholeThatWasNotStoredIsThereAgainWithAnyOfItsParts() {
        part(1, "I ");
        part(2, "love ");
        part(3, "you");

        assertThat(part(2, "love ")).isEqualTo(new Joined.Whole(whole("I love you")));
    }

    @Test
    void partsOfAStoredTextAreKnown() {
        part(1, "I ");
        part(2, "love ");
        part(3, "you");
        joining.stored(whole("I love you"));

        assertThat(part(1, "I ")).isEqualTo(new Joined.Known());
        assertThat(joining.overdue(NOW.plus(Joining.LONGEST))).isEmpty();
        assertThat(part(1, "I ")).as("not for ever").isEqualTo(new Joined.Waiting());
    }

    @Test
    void anotherTextUnderTheSameReferenceBeginsAnew() {
        part(1, "I ");
        part(2, "love ");
        part(3, "you");
        joining.stored(whole("I love you"));

        part(1, "You ");
        assertThat(part(2, "should ")).isEqualTo(new Joined.Waiting());
        assertThat(part(3, "stop")).isEqualTo(new Joined.Whole(whole("You should stop")));
    }

    @Test
    void sendersAreNotConfused() {
        part(1, "I ");
        part(2, "love ");
        Joining.Key other = new Joining.Key("+34600111223", "12345", 7, 3);

        assertThat(joining.part(other, 3, "me", NOW)).isEqualTo(new Joined.Waiting());
    }

    @Test
    void aTextThatStaysIncompleteIsGivenUpAsItIsUntilStored() {
        part(1, "I ");
        part(3, "you");

        assertThat(joining.overdue(NOW.plusSeconds(299))).isEmpty();
        assertThat(joining.overdue(NOW.plusSeconds(300))).containsExactly(whole("I you"));
        assertThat(joining.overdue(NOW.plusSeconds(301))).containsExactly(whole("I you"));
        joining.stored(whole("I you"));
        assertThat(joining.overdue(NOW.plusSeconds(302))).isEmpty();
    }

    @Test
    void ofTooManyTheOldestAreGivenUp() {
        for (int i = 0; i <= Joining.MOST; i++) {
            joining.part(new Joining.Key("+1" + i, "12345", 7, 2), 1, "a", NOW);
        }

        List<Text> overdue = joining.overdue(NOW);
        assertThat(overdue)
                .extracting(Text::key)
                .containsExactly(new Joining.Key("+10", "12345", 7, 2));
        assertThat(joining.full()).isFalse();
        for (int i = 0; i < Joining.MOST; i++) {
            joining.part(new Joining.Key("+2" + i, "12345", 7, 2), 1, "a", NOW);
        }
        assertThat(joining.full()).isTrue();
    }

    private Joined part(int sequence, String text) {
        return joining.part(KEY, sequence, text, NOW);
    }

    private static Text whole(String text) {
        return new Text(KEY, text, NOW);
    }
}
