package io.throughline.channel.route;

import java.util.Map;

/** What a message says, in the form its channel carries. */
public sealed interface Content {

    record Sms(String text) implements Content {}

    /** Answers a keyword, outside any conversation that is measured: no receipt is asked for. */
    record SmsAnswer(String text) implements Content {}

    /**
     * @param headers more than the adapter sets by itself, as in {@code List-Unsubscribe}
     */
    record Email(String subject, String html, String text, Map<String, String> headers)
            implements Content {}
}
