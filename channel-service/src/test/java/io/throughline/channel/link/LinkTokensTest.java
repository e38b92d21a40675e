package io.throughline.channel.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.channel.link.LinkTokens.Purpose;
import io.throughline.contracts.MessageId;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A link's token")
class LinkTokensTest {

    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");
    private static final MessageId MESSAGE = new MessageId(new UUID(1, 2));

    private final LinkTokens tokens = new LinkTokens("a secret");

    @Test
    void leadsBackToItsMessage() {
        String token = tokens.issue(Purpose.UNSUBSCRIBE, MESSAGE, NOW);

        assertThat(tokens.read(Purpose.UNSUBSCRIBE, token, NOW)).contains(MESSAGE);
        assertThat(token).hasSizeLessThan(60).matches("[A-Za-z0-9_-]+");
    }

    @Test
    void isGoodForItsPurposeOnly() {
        String token = tokens.issue(Purpose.OPEN, MESSAGE, NOW);

        assertThat(tokens.read(Purpose.UNSUBSCRIBE, token, NOW)).isEmpty();
    }

    @Test
    void isGoodForAYear() {
        String token = tokens.issue(Purpose.UNSUBSCRIBE, MESSAGE, NOW);

        assertThat(tokens.read(Purpose.UNSUBSCRIBE, token, NOW.plus(Duration.ofDays(365))))
                .contains(MESSAGE);
        assertThat(tokens.read(Purpose.UNSUBSCRIBE, token, NOW.plus(Duration.ofDays(366))))
                .isEmpty();
    }

    @Test
    void withAnyCharacterChangedIsRefused() {
        String token = tokens.issue(Purpose.UNSUBSCRIBE, MESSAGE, NOW);

        for (int i = 0; i < token.length(); i++) {
            // The last character has bits that encode nothing.
            char other = token.charAt(i) == 'A' ? 'Q' : 'A';
            String forged = token.substring(0, i) + other + token.substring(i + 1);
            assertThat(tokens.read(Purpose.UNSUBSCRIBE, forged, NOW)).isEmpty();
        }
    }

    @Test
    void ofAnotherSecretOrNoneAtAllIsRefused() {
        String foreign = new LinkTokens("another").issue(Purpose.OPEN, MESSAGE, NOW);

        assertThat(tokens.read(Purpose.OPEN, foreign, NOW)).isEmpty();
        assertThat(tokens.read(Purpose.OPEN, "", NOW)).isEmpty();
        assertThat(tokens.read(Purpose.OPEN, "§§§", NOW)).isEmpty();
    }

    @Test
    void ofAClickBelongsToOneMessageAndOneTarget() {
        String token = tokens.clickToken(MESSAGE, "https://shop.example/a");

        assertThat(tokens.isClickToken(token, MESSAGE, "https://shop.example/a")).isTrue();
        assertThat(tokens.isClickToken(token, MESSAGE, "https://evil.example/")).isFalse();
        assertThat(
                        tokens.isClickToken(
                                token, new MessageId(new UUID(1, 3)), "https://shop.example/a"))
                .isFalse();
        assertThat(token).hasSize(22).matches("[A-Za-z0-9_-]+");
    }
}
