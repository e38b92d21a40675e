package io.throughline.governance.explanation;

import io.throughline.contracts.Channel;
import io.throughline.contracts.message.Verdict;
import io.throughline.contracts.policy.ContactPolicy.Alike;
import io.throughline.contracts.policy.LimitName;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Parts of a verdict in plain English. */
public final class Wording {

    private Wording() {}

    /** What a limit counts, as in "on sms in 1 day". */
    public static String span(Verdict verdict) {
        Duration window = verdict.window();
        LimitName name = LimitName.of(verdict.rule());
        String scope = name == null ? "in all" : among(name.alike(), name.value());
        return window == null ? scope : scope + " in " + words(window);
    }

    private static String among(Alike alike, @Nullable String value) {
        return switch (alike) {
            case ANY -> "in all";
            case CHANNEL -> value == null ? "on this channel" : "on " + value;
            case CATEGORY -> value == null ? "of this category" : "of category " + value;
            case TOPIC -> value == null ? "of this topic" : "of topic " + value;
            case JOURNEY -> "by this journey";
        };
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
