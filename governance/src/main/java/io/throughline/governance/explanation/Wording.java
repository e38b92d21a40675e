package io.throughline.governance.explanation;

import io.throughline.contracts.Channel;
import io.throughline.contracts.message.Verdict;
import java.time.Duration;

/** Parts of a verdict in plain English. */
public final class Wording {

    private Wording() {}

    /** What a limit counts, as in "on sms in 1 day". */
    public static String span(Verdict verdict) {
        Duration window = verdict.window();
        String[] words = verdict.rule().split(":", 4);
        String scope =
                switch (words.length < 2 ? "" : words[1]) {
                    case "channel" -> words.length > 2 ? "on " + words[2] : "on this channel";
                    case "category" ->
                            words.length > 2 ? "of category " + words[2] : "of this category";
                    case "topic" -> words.length > 3 ? "of topic " + words[2] : "of this topic";
                    case "journey" -> "by this journey";
                    default -> "in all";
                };
        return window == null ? scope : scope + " in " + words(window);
    }

    /** In the largest unit that fits exactly. */
    public static String words(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds > 0 && seconds % 86_400 == 0) {
            return plural(seconds / 86_400, "day");
        }
        if (seconds > 0 && seconds % 3_600 == 0) {
            return plural(seconds / 3_600, "hour");
        }
        if (seconds > 0 && seconds % 60 == 0) {
            return plural(seconds / 60, "minute");
        }
        return plural(seconds, "second");
    }

    public static String plural(long count, String unit) {
        return count + " " + unit + (count == 1 ? "" : "s");
    }

    public static String name(Channel channel) {
        return switch (channel) {
            case EMAIL -> "email";
            case SMS -> "SMS";
            case WHATSAPP -> "WhatsApp";
            case PUSH -> "push";
            case IN_APP -> "in-app";
        };
    }
}
