package io.throughline.attribution.touch;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What brought a visit, as its links said: Segment's {@code context.campaign}, or the {@code utm_}
 * parameters of the page's address. Comes from outside and is cut to {@value #LONGEST} characters.
 *
 * @param name absent where only a source is known
 */
public record Campaign(@Nullable String name, @Nullable String source, @Nullable String medium) {

    static final int LONGEST = 200;

    /** The campaign that an event carries; a medium alone is none. */
    public static Optional<Campaign> of(
            Map<String, Object> context, Map<String, Object> properties) {
        return Stream.of(
                        map(context.get("campaign")),
                        utm(map(context.get("page"))),
                        utm(properties))
                .map(Campaign::named)
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** What a report calls it. */
    public String label() {
        return Objects.requireNonNull(name == null ? source : name);
    }

    private static Optional<Campaign> named(Map<?, ?> fields) {
        Campaign campaign =
                new Campaign(
                        text(fields.get("name")),
                        text(fields.get("source")),
                        text(fields.get("medium")));
        return campaign.name == null && campaign.source == null
                ? Optional.empty()
                : Optional.of(campaign);
    }

    private static Map<String, String> utm(Map<?, ?> page) {
        Map<String, String> fields = new HashMap<>();
        Stream.of(query(text(page.get("url"), 8_192)), query(text(page.get("search"), 8_192)))
                .flatMap(q -> Arrays.stream(q.split("&")))
                .map(pair -> pair.split("=", 2))
                .filter(pair -> pair.length == 2)
                .forEach(pair -> {
                    switch (pair[0]) {
                        case "utm_campaign" -> fields.putIfAbsent("name", decoded(pair[1]));
                        case "utm_source" -> fields.putIfAbsent("source", decoded(pair[1]));
                        case "utm_medium" -> fields.putIfAbsent("medium", decoded(pair[1]));
                        default -> {}
                    }
                });
        return fields;
    }

    /** What stands between the first question mark and the fragment. */
    private static String query(@Nullable String address) {
        if (address == null) {
            return "";
        }
        int end = address.indexOf('#');
        String whole = end < 0 ? address : address.substring(0, end);
        return whole.substring(whole.indexOf('?') + 1);
    }

    private static String decoded(String value) {
        try {
            return URLDecoder.decode(value, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return value; // a stray percent sign: better the raw name than no touch
        }
    }

    private static Map<?, ?> map(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    private static @Nullable String text(@Nullable Object value) {
        return text(value, LONGEST);
    }

    /** PostgreSQL takes no NUL in a text. */
    private static @Nullable String text(@Nullable Object value, int longest) {
        if (!(value instanceof String raw)) {
            return null;
        }
        String clean = raw.replace("\0", "").strip();
        return clean.isEmpty() ? null : clean.substring(0, Math.min(clean.length(), longest));
    }
}
