package io.throughline.channel.link;

import io.throughline.contracts.MessageId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;

/** Puts a message's own links into what it says. */
public final class Links {

    /** Not the punctuation that ends a sentence after an address. */
    private static final Pattern IN_TEXT =
            Pattern.compile("https?://[^\\s<>\"]*[^\\s<>\".,;:!?)\\]}']");

    private final LinkTokens tokens;
    private final String base;

    /**
     * @param base of all links, without a slash at the end
     */
    public Links(LinkTokens tokens, String base) {
        this.tokens = tokens;
        this.base = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
    }

    /**
     * @param targets what is to be stored before the message leaves
     */
    public record Rewritten(String text, List<Target> targets) {}

    /** Where a click token leads. */
    public record Target(String token, MessageId message, String url) {}

    public String unsubscribe(MessageId message, Instant now) {
        return base + "/u/" + tokens.issue(LinkTokens.Purpose.UNSUBSCRIBE, message, now);
    }

    /** Where the customer chooses what she gets; the identity service serves the page. */
    public String preferences(MessageId message, Instant now) {
        return base + "/preferences/" + tokens.issue(LinkTokens.Purpose.PREFERENCES, message, now);
    }

    /** Every link to the web is counted, and an invisible image tells of the opening. */
    public Rewritten inHtml(String html, MessageId message, Instant now) {
        Document document = Jsoup.parse(html);
        document.outputSettings().prettyPrint(false);
        Map<String, Target> targets = new LinkedHashMap<>();
        for (Element link : document.select("a[href], area[href]")) {
            String url = link.attr("href").strip();
            if (isForeign(url)) {
                link.attr("href", behind(url, message, targets));
            }
        }
        document.body()
                .appendElement("img")
                .attr("src", base + "/o/" + tokens.issue(LinkTokens.Purpose.OPEN, message, now))
                .attr("width", "1")
                .attr("height", "1")
                .attr("alt", "")
                .attr("style", "display:none");
        return new Rewritten(document.outerHtml(), new ArrayList<>(targets.values()));
    }

    public Rewritten inText(String text, MessageId message) {
        Map<String, Target> targets = new LinkedHashMap<>();
        Matcher matcher = IN_TEXT.matcher(text);
        String rewritten =
                matcher.replaceAll(m ->
                        Matcher.quoteReplacement(
                                isForeign(m.group())
                                        ? behind(m.group(), message, targets)
                                        : m.group()));
        return new Rewritten(rewritten, new ArrayList<>(targets.values()));
    }

    private boolean isForeign(String url) {
        return (url.startsWith("http://") || url.startsWith("https://"))
                && !url.startsWith(base + "/u/")
                && !url.startsWith(base + "/preferences/")
                && !url.startsWith(base + "/opt-ins/");
    }

    private String behind(String url, MessageId message, Map<String, Target> targets) {
        Target target =
                targets.computeIfAbsent(
                        url, u -> new Target(tokens.clickToken(message, u), message, u));
        return base + "/c/" + target.token();
    }
}
