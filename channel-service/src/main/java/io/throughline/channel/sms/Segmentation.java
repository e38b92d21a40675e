package io.throughline.channel.sms;

import java.util.ArrayList;
import java.util.List;

/**
 * A text cut into what single messages carry. An escape and its character, and the two halves of a
 * surrogate pair, stay together, so a part can be shorter than it might be.
 */
public record Segmentation(SmsEncoding encoding, List<String> parts) {

    /** The most that an 8-bit count in the header can tell of. */
    public static final int MOST_PARTS = 255;

    public Segmentation {
        parts = List.copyOf(parts);
    }

    /** Every text has at least one part, which may be empty. */
    public static Segmentation of(String text) {
        SmsEncoding encoding = SmsEncoding.of(text);
        return encoding.units(text) <= encoding.unitsAlone()
                ? new Segmentation(encoding, List.of(text))
                : new Segmentation(encoding, cut(text, encoding));
    }

    /**
     * What goes into {@code short_message} of each part: the header where there are several, then
     * the text.
     *
     * @param reference 0–255, the same for all parts, another for the next text to the same number
     * @throws IllegalStateException where there are more than {@link #MOST_PARTS}
     */
    public List<byte[]> userData(int reference) {
        if (parts.size() > MOST_PARTS) {
            throw new IllegalStateException(parts.size() + " parts, at most " + MOST_PARTS);
        }
        if (parts.size() == 1) {
            return List.of(encoding.encode(parts.getFirst()));
        }
        List<byte[]> userData = new ArrayList<>(parts.size());
        for (String part : parts) {
            Concatenation place = new Concatenation(reference, parts.size(), userData.size() + 1);
            userData.add(place.before(encoding.encode(part)));
        }
        return userData;
    }

    private static List<String> cut(String text, SmsEncoding encoding) {
        List<String> parts = new ArrayList<>();
        int start = 0;
        int units = 0;
        for (int at = 0; at < text.length(); ) {
            int next = text.offsetByCodePoints(at, 1);
            int more = encoding.units(text.substring(at, next));
            if (units + more > encoding.unitsInPart()) {
                parts.add(text.substring(start, at));
                start = at;
                units = 0;
            }
            units += more;
            at = next;
        }
        parts.add(text.substring(start));
        return parts;
    }
}
