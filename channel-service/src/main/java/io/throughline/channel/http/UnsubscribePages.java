package io.throughline.channel.http;

import io.throughline.contracts.Channel;
import java.util.List;
import java.util.Locale;
import java.util.ResourceBundle;
import java.util.ResourceBundle.Control;
import java.util.Set;

/**
 * What a customer sees when unsubscribing, and of a link that does not work, in the language that
 * her browser asks for. English stands in {@code messages/unsubscribe.properties}, other languages
 * beside it.
 */
final class UnsubscribePages {

    private static final Set<String> LANGUAGES = Set.of("en", "de", "es", "fr");

    private final String language;
    private final ResourceBundle texts;

    private UnsubscribePages(String language) {
        this.language = language;
        // English is the root: a language of the machine is none of the customer's.
        this.texts =
                ResourceBundle.getBundle(
                        "messages/unsubscribe",
                        Locale.of(language),
                        Control.getNoFallbackControl(Control.FORMAT_PROPERTIES));
    }

    /**
     * @param asked languages, the best liked first
     */
    static UnsubscribePages in(List<Locale> asked) {
        return new UnsubscribePages(
                asked.stream()
                        .map(Locale::getLanguage)
                        .filter(LANGUAGES::contains)
                        .findFirst()
                        .orElse("en"));
    }

    /**
     * @param preferences where to choose instead
     */
    String ask(Channel channel, String preferences) {
        return page(
                """
                <h1>%s</h1>
                <p>%s</p>
                <form method="post"><button type="submit">%s</button></form>
                <p><a href="%s">%s</a></p>
                """
                        .formatted(
                                text("ask"),
                                effect(channel),
                                text("button"),
                                preferences,
                                text("instead")));
    }

    String done(Channel channel, String preferences) {
        return page(
                """
                <h1>%s</h1>
                <p role="status">%s</p>
                <p><a href="%s">%s</a></p>
                """
                        .formatted(text("done"), effect(channel), preferences, text("all")));
    }

    /** Of a link that is none, or is none any more. */
    String unknown() {
        return told("unknown", "newer");
    }

    /** Of what cannot be done at the moment. */
    String later() {
        return told("later", "again");
    }

    private String told(String what, String help) {
        return page(
                """
                <h1>%s</h1>
                <p role="alert">%s</p>
                """
                        .formatted(text(what), text(help)));
    }

    private String page(String body) {
        return """
        <!doctype html>
        <html lang="%s"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex"><title>%s</title>
        <style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem}
        button{font:inherit;padding:.6rem 1.2rem}</style></head>
        <body>%s</body></html>
        """
                .formatted(language, text("title"), body);
    }

    private String effect(Channel channel) {
        return text("effect").replace("{0}", text(channel.word()));
    }

    private String text(String key) {
        return texts.getString(key);
    }
}
