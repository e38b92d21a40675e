package io.throughline.channel.template;

import io.throughline.channel.delivery.Claim;
import io.throughline.channel.link.Links;
import io.throughline.channel.link.Links.Rewritten;
import io.throughline.channel.link.Links.Target;
import io.throughline.channel.route.Content;
import io.throughline.contracts.Category;
import io.throughline.contracts.message.JourneyRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes of a claimed message and its template what leaves: text, links, headers. */
public final class Composer {

    private final Links links;

    public Composer(Links links) {
        this.links = links;
    }

    /** What composing gives. */
    public sealed interface Composed {}

    /**
     * @param targets the links to store before it leaves
     */
    public record Ready(Content content, List<Target> targets) implements Composed {}

    public record NoContent(String why) implements Composed {}

    public Composed compose(Claim claim, @Nullable CompiledTemplate template, Instant now) {
        if (template == null) {
            return new NoContent("there is no template '" + claim.template() + "'");
        }
        String unsubscribe = links.unsubscribe(claim.message(), now);
        Map<String, Object> variables = new HashMap<>(claim.variables());
        variables.put("unsubscribe_url", unsubscribe);
        variables.put("preferences_url", links.preferences(claim.message(), now));
        return switch (template.render(claim.channel(), claim.locale(), variables)) {
            case CompiledTemplate.NotRendered(String why) -> new NoContent(why);
            case CompiledTemplate.Sms(String text) -> sms(links.inText(text, claim.message()));
            case CompiledTemplate.Email email -> email(claim, email, unsubscribe, now);
        };
    }

    private static Composed sms(Rewritten text) {
        return new Ready(new Content.Sms(text.text()), text.targets());
    }

    private Composed email(
            Claim claim, CompiledTemplate.Email email, String unsubscribe, Instant now) {
        String plain = email.text();
        Rewritten html = links.inHtml(email.html(), claim.message(), now);
        Rewritten text =
                links.inText(
                        plain == null || plain.isBlank() ? PlainText.of(email.html()) : plain,
                        claim.message());
        List<Target> targets = new ArrayList<>(html.targets());
        targets.addAll(text.targets());
        return new Ready(
                new Content.Email(
                        email.subject(), html.text(), text.text(), headers(claim, unsubscribe)),
                targets);
    }

    /**
     * One-click unsubscription (RFC 8058), and the feedback id by which Gmail groups complaints:
     * three groups of ours, the sender last.
     */
    private static Map<String, String> headers(Claim claim, String unsubscribe) {
        Map<String, String> headers = new LinkedHashMap<>();
        if (claim.category() != Category.TRANSACTIONAL) {
            headers.put("List-Unsubscribe", "<" + unsubscribe + ">");
            headers.put("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
        }
        JourneyRef origin = claim.origin();
        headers.put(
                "Feedback-ID",
                String.join(
                        ":",
                        word(claim.template()),
                        word(origin == null ? "none" : origin.journey()),
                        claim.category().word(),
                        "throughline"));
        return headers;
    }

    private static String word(String text) {
        return text.replaceAll("[^A-Za-z0-9._-]", "-");
    }
}
