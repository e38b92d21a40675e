package io.throughline.channel.http;

import io.throughline.contracts.Channel;

/** The two pages a customer sees when unsubscribing. */
final class UnsubscribePages {

    private static final String FRAME =
            """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="robots" content="noindex"><title>Unsubscribe</title>
            <style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem}
            button{font:inherit;padding:.6rem 1.2rem}</style></head>
            <body>%s</body></html>
            """;

    private UnsubscribePages() {}

    /**
     * @param preferences where to choose instead
     */
    static String ask(Channel channel, String preferences) {
        return FRAME.formatted(
                """
                <h1>Unsubscribe?</h1>
                <p>You will get no more messages from us by %s.</p>
                <form method="post"><button type="submit">Unsubscribe</button></form>
                <p><a href="%s">Choose what you get instead</a></p>
                """
                        .formatted(name(channel), preferences));
    }

    static String done(Channel channel, String preferences) {
        return FRAME.formatted(
                """
                <h1>You are unsubscribed</h1>
                <p>You will get no more messages from us by %s.</p>
                <p><a href="%s">All you get from us</a></p>
                """
                        .formatted(name(channel), preferences));
    }

    private static String name(Channel channel) {
        return switch (channel) {
            case EMAIL -> "email";
            case SMS -> "text message";
            case WHATSAPP -> "WhatsApp";
            case PUSH -> "push notification";
            case IN_APP -> "in-app message";
        };
    }
}
