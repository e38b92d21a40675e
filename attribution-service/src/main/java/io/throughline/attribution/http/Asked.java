package io.throughline.attribution.http;

import io.throughline.attribution.credit.CreditModel;
import io.throughline.attribution.neighbour.ChannelService;
import io.throughline.attribution.store.CreditPaths;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.http.Times;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Query parameters read, or refused by name. */
final class Asked {

    private static final Duration USUAL_RANGE = Duration.ofDays(30);

    /** A year beside the same weeks of the one before; a report reads all that happened in it. */
    private static final Duration LONGEST_RANGE = Duration.ofDays(400);

    private static final Duration USUAL_LOOKBACK = Duration.ofDays(7);
    private static final Duration LONGEST_LOOKBACK = Duration.ofDays(366);
    private static final int USUAL_LIMIT = 50;
    private static final int HIGHEST_LIMIT = 200;

    private Asked() {}

    /**
     * A stretch of time.
     *
     * @param from the first instant in it
     * @param to the first after it
     */
    record Range(Instant from, Instant to) {}

    /** Until now and since thirty days before, where not said otherwise; 400 days at most. */
    static Range range(@Nullable String from, @Nullable String to, Instant now) {
        Instant end = to == null ? now : Times.read("to", to);
        Instant begin = from == null ? end.minus(USUAL_RANGE) : Times.read("from", from);
        if (!begin.isBefore(end)) {
            throw Problem.badRequest("from", "expected a time before to, which is " + end);
        }
        if (begin.isBefore(end.minus(LONGEST_RANGE))) {
            throw Problem.badRequest(
                    "from",
                    "expected a time at most "
                            + LONGEST_RANGE.toDays()
                            + " days before to, which is "
                            + end);
        }
        return new Range(begin, end);
    }

    static Duration lookback(@Nullable String text) {
        if (text == null) {
            return USUAL_LOOKBACK;
        }
        try {
            Duration lookback = Duration.parse(text);
            if (lookback.isNegative()
                    || lookback.isZero()
                    || lookback.compareTo(LONGEST_LOOKBACK) > 0) {
                throw Problem.badRequest(
                        "lookback", "expected more than nothing and at most P366D");
            }
            return lookback;
        } catch (DateTimeException e) {
            throw Problem.badRequest(
                    "lookback", "expected an ISO 8601 duration such as P7D or PT12H");
        }
    }

    static CreditPaths.Touches touches(@Nullable String word) {
        return switch (word) {
            case null -> CreditPaths.Touches.SENT;
            case "sent" -> CreditPaths.Touches.SENT;
            case "engaged" -> CreditPaths.Touches.ENGAGED;
            default -> throw Problem.badRequest("touches", "expected sent or engaged");
        };
    }

    /** All of them where none is named. */
    static List<CreditModel> models(@Nullable String word) {
        if (word == null) {
            return CreditModel.all();
        }
        return List.of(
                CreditModel.parse(word)
                        .orElseThrow(() ->
                                Problem.badRequest(
                                        "model",
                                        CreditModel.all().stream()
                                                .map(CreditModel::word)
                                                .collect(
                                                        Collectors.joining(
                                                                ", ", "expected one of ", "")))));
    }

    /** What a lift is measured in. */
    enum Metric {
        CONVERSION,
        REVENUE;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Metric metric(@Nullable String word) {
        return word == null
                ? Metric.CONVERSION
                : Arrays.stream(Metric.values())
                        .filter(m -> m.word().equals(word))
                        .findFirst()
                        .orElseThrow(() ->
                                Problem.badRequest("metric", "expected conversion or revenue"));
    }

    /** NaN where it is not said. */
    static double holdout(@Nullable String text) {
        if (text == null) {
            return Double.NaN;
        }
        try {
            double share = Double.parseDouble(text);
            if (share > 0 && share < 1) {
                return share;
            }
        } catch (NumberFormatException e) {
            // falls through to the problem
        }
        throw Problem.badRequest("holdout", "expected a share between 0 and 1 such as 0.1");
    }

    static String journey(@Nullable String key) {
        if (key == null || key.isBlank()) {
            throw Problem.badRequest("journey", "expected the key of a journey");
        }
        return key;
    }

    static CustomerId customer(String id) {
        try {
            return CustomerId.of(id);
        } catch (IllegalArgumentException e) {
            throw Problem.badRequest("id", "expected a customer id, which is a UUID");
        }
    }

    /** What is asked about now; empty where nothing is. */
    static Optional<ChannelService.Question> now(
            CustomerId customer,
            @Nullable String channel,
            @Nullable String template,
            @Nullable String category,
            @Nullable String topic,
            @Nullable String journey) {
        if (channel == null
                && template == null
                && category == null
                && topic == null
                && journey == null) {
            return Optional.empty();
        }
        if (channel == null) {
            throw Problem.badRequest("channel", "expected a channel, to ask about now");
        }
        if (template == null || template.isBlank()) {
            throw Problem.badRequest(
                    "template", "expected the key of a template, to ask about now");
        }
        return Optional.of(
                new ChannelService.Question(
                        customer,
                        word("channel", channel, Channel::of),
                        template,
                        category == null
                                ? Category.MARKETING
                                : word("category", category, Category::of),
                        name("topic", topic),
                        name("journey", journey)));
    }

    private static <T> T word(String parameter, String text, Function<String, T> of) {
        try {
            return of.apply(text);
        } catch (IllegalArgumentException e) {
            throw Problem.badRequest(parameter, String.valueOf(e.getMessage()));
        }
    }

    private static @Nullable String name(String parameter, @Nullable String text) {
        if (text != null && text.isBlank()) {
            throw Problem.badRequest(parameter, "expected a name, or not to be said at all");
        }
        return text;
    }

    static int limit(@Nullable String text) {
        if (text == null) {
            return USUAL_LIMIT;
        }
        try {
            int limit = Integer.parseInt(text);
            if (limit >= 1 && limit <= HIGHEST_LIMIT) {
                return limit;
            }
        } catch (NumberFormatException e) {
            // falls through to the problem
        }
        throw Problem.badRequest("limit", "expected a number from 1 to " + HIGHEST_LIMIT);
    }
}
