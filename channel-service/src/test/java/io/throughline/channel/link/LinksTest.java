package io.throughline.channel.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.MessageId;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The links of a message")
class LinksTest {

    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");
    private static final MessageId MESSAGE = new MessageId(new UUID(1, 2));

    private final Links links = new Links(new LinkTokens("a secret"), "https://t.example/");

    @Test
    void inHtmlLeadThroughUsAndKeepTheirTarget() {
        Links.Rewritten html =
                links.inHtml(
                        "<p>Hi <a href=\"https://shop.example/?a=1&amp;b=2\">cart</a>"
                                + " <a href='mailto:x@y.example'>mail</a></p>",
                        MESSAGE,
                        NOW);

        assertThat(html.text())
                .doesNotContain("shop.example")
                .contains("mailto:x@y.example")
                .contains("href=\"https://t.example/c/")
                .contains("src=\"https://t.example/o/");
        assertThat(html.targets())
                .singleElement()
                .satisfies(t -> assertThat(t.url()).isEqualTo("https://shop.example/?a=1&b=2"));
    }

    @Test
    void toUnsubscribeAreLeftAlone() {
        String unsubscribe = links.unsubscribe(MESSAGE, NOW);

        Links.Rewritten html =
                links.inHtml("<a href=\"" + unsubscribe + "\">no more</a>", MESSAGE, NOW);

        assertThat(html.text()).contains(unsubscribe);
        assertThat(html.targets()).isEmpty();
    }

    /** What somebody agrees to is no click to be counted. */
    @Test
    @DisplayName("to our own pages are left alone")
    void toOurOwnPagesAreLeftAlone() {
        String base = links.unsubscribe(MESSAGE, NOW).replaceFirst("/u/.*", "");
        for (String page : new String[] {links.preferences(MESSAGE, NOW), base + "/opt-ins/abc"}) {
            Links.Rewritten html = links.inHtml("<a href=\"" + page + "\">here</a>", MESSAGE, NOW);
            assertThat(html.text()).contains(page);
            assertThat(html.targets()).isEmpty();
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    See https://shop.example/cart.     | See %s.
                    (https://shop.example/cart)        | (%s)
                    https://shop.example/cart, or call | %s, or call
                    """)
    void inTextEndBeforeTheSentenceDoes(String text, String expected) {
        Links.Rewritten rewritten = links.inText(text, MESSAGE);

        String url = "https://t.example/c/" + rewritten.targets().getFirst().token();
        assertThat(rewritten.text()).isEqualTo(expected.formatted(url));
        assertThat(rewritten.targets().getFirst().url()).isEqualTo("https://shop.example/cart");
    }

    @Test
    void areTheSameWhenAMessageIsComposedAgain() {
        assertThat(links.inText("https://a.example/x", MESSAGE).text())
                .isEqualTo(links.inText("https://a.example/x", MESSAGE).text());
    }

    @ParameterizedTest(name = "{0} → {1}")
    @CsvSource(
            nullValues = "none",
            value = {
                "none,MACHINE",
                "Mozilla/5.0,MACHINE",
                "GoogleBot/2.1,MACHINE",
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/42.0 Safari Edge/12.246 Mozilla/5.0,MACHINE",
                "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy),PERSON",
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15,PERSON"
            })
    void areSometimesOpenedByAMachine(String agent, Opener opener) {
        assertThat(Opener.of(agent)).isEqualTo(opener);
    }
}
