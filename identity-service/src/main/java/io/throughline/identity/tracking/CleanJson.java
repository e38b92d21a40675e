package io.throughline.identity.tracking;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes out of a JSON value what later stages could choke on, so that no accepted event turns into
 * a poison record: PostgreSQL stores no U+0000, UTF-8 has no half surrogate pairs, and 1e999999999
 * is a gigabyte when written out. Bad characters are replaced by U+FFFD; numbers out of range
 * become faults.
 */
public final class CleanJson {

    private static final char REPLACEMENT = '\uFFFD';
    private static final int MAX_EXPONENT = 308;

    private final List<Fault> faults;

    private CleanJson(List<Fault> faults) {
        this.faults = faults;
    }

    /** Where a value stands; put into words only where something is wrong with it. */
    private record Place(@Nullable Place within, String step) {

        static @Nullable Place of(String path) {
            return path.isEmpty() ? null : new Place(null, path);
        }

        static Place member(@Nullable Place within, String name) {
            return new Place(within, within == null ? name : "." + name);
        }

        static Place item(@Nullable Place within, int index) {
            return new Place(within, "[" + index + "]");
        }

        String path() {
            return within == null ? step : within.path() + step;
        }
    }

    /** The object, cleaned. */
    public static Map<String, Object> clean(
            String path, Map<String, Object> value, List<Fault> faults) {
        return new CleanJson(faults).object(Place.of(path), value);
    }

    /** The value at which the parser stands, cleaned as it is read. */
    static @Nullable Object read(JsonParser parser, String path, List<Fault> faults)
            throws IOException {
        return new CleanJson(faults).read(parser, new Place(null, path));
    }

    /** A name, cleaned. */
    static String text(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0 || Character.isSurrogate(c)) {
                return replaced(text);
            }
        }
        return text;
    }

    private @Nullable Object read(JsonParser parser, Place place) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> readObject(parser, place);
            case START_ARRAY -> readList(parser, place);
            case VALUE_STRING -> text(parser.getText());
            case VALUE_NUMBER_INT -> any(place, parser.getNumberValue());
            case VALUE_NUMBER_FLOAT -> number(place, parser.getDecimalValue());
            default -> parser.readValueAs(Object.class);
        };
    }

    private Map<String, Object> readObject(JsonParser parser, Place place) throws IOException {
        Map<String, Object> clean = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = text(parser.currentName());
            parser.nextToken();
            putNullable(clean, name, read(parser, Place.member(place, name)));
        }
        return clean;
    }

    private List<Object> readList(JsonParser parser, Place place) throws IOException {
        List<Object> clean = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            addNullable(clean, read(parser, Place.item(place, clean.size())));
        }
        return clean;
    }

    private Map<String, Object> object(@Nullable Place place, Map<?, ?> value) {
        Map<String, Object> clean = LinkedHashMap.newLinkedHashMap(value.size());
        value.forEach((key, item) -> {
            String name = text(String.valueOf(key));
            putNullable(clean, name, any(Place.member(place, name), item));
        });
        return clean;
    }

    private List<Object> list(Place place, List<?> value) {
        List<Object> clean = new ArrayList<>(value.size());
        for (int i = 0; i < value.size(); i++) {
            addNullable(clean, any(Place.item(place, i), value.get(i)));
        }
        return clean;
    }

    private @Nullable Object any(Place place, @Nullable Object value) {
        return switch (value) {
            case null -> null;
            case String s -> text(s);
            case Map<?, ?> map -> object(place, map);
            case List<?> list -> list(place, list);
            case BigDecimal number -> number(place, number);
            case BigInteger number -> number(place, new BigDecimal(number));
            default -> value;
        };
    }

    private BigDecimal number(Place place, BigDecimal number) {
        long exponent = (long) number.precision() - number.scale();
        if (number.signum() != 0 && Math.abs(exponent) > MAX_EXPONENT) {
            faults.add(
                    new Fault(
                            place.path(),
                            "expected a number between 1e-308 and 1e308 or their negatives"));
        }
        return number.signum() == 0 ? BigDecimal.ZERO : number;
    }

    private static String replaced(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints()
                .forEach(c -> {
                    boolean half = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
                    clean.appendCodePoint(c == 0 || half ? REPLACEMENT : c);
                });
        return clean.toString();
    }

    /** JSON nulls are kept: with one, a caller takes a trait back. */
    @SuppressWarnings("NullAway")
    private static void putNullable(Map<String, Object> map, String name, @Nullable Object value) {
        map.put(name, value);
    }

    @SuppressWarnings("NullAway")
    private static void addNullable(List<Object> list, @Nullable Object value) {
        list.add(value);
    }
}
