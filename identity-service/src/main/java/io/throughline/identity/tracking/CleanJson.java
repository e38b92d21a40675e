package io.throughline.identity.tracking;

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
 * is a gigabyte when written out.
 */
public final class CleanJson {

    private static final char REPLACEMENT = '\uFFFD';
    private static final int MAX_EXPONENT = 308;

    private final List<Fault> faults;

    private CleanJson(List<Fault> faults) {
        this.faults = faults;
    }

    /** The object with bad characters replaced by U+FFFD; numbers out of range become faults. */
    public static Map<String, Object> clean(
            String path, Map<String, Object> value, List<Fault> faults) {
        return new CleanJson(faults).object(path, value);
    }

    private Map<String, Object> object(String path, Map<?, ?> value) {
        Map<String, Object> clean = LinkedHashMap.newLinkedHashMap(value.size());
        value.forEach((key, item) -> {
            String name = text(String.valueOf(key));
            putNullable(clean, name, any(path.isEmpty() ? name : path + "." + name, item));
        });
        return clean;
    }

    private List<Object> list(String path, List<?> value) {
        List<Object> clean = new ArrayList<>(value.size());
        for (int i = 0; i < value.size(); i++) {
            addNullable(clean, any(path + "[" + i + "]", value.get(i)));
        }
        return clean;
    }

    private @Nullable Object any(String path, @Nullable Object value) {
        return switch (value) {
            case null -> null;
            case String s -> text(s);
            case Map<?, ?> map -> object(path, map);
            case List<?> list -> list(path, list);
            case BigDecimal number -> number(path, number);
            case BigInteger number -> number(path, new BigDecimal(number));
            default -> value;
        };
    }

    private BigDecimal number(String path, BigDecimal number) {
        long exponent = (long) number.precision() - number.scale();
        if (number.signum() != 0 && Math.abs(exponent) > MAX_EXPONENT) {
            faults.add(
                    new Fault(
                            path, "expected a number between 1e-308 and 1e308 or their negatives"));
        }
        return number.signum() == 0 ? BigDecimal.ZERO : number;
    }

    private static String text(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0 || Character.isSurrogate(c)) {
                return replaced(text);
            }
        }
        return text;
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
