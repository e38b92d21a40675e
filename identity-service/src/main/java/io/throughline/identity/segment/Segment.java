package io.throughline.identity.segment;

import java.util.regex.Pattern;

/**
 * A segment in force.
 *
 * @param version grows with every other condition under the same key
 */
public record Segment(String key, int version, SegmentCondition condition) {

    private static final Pattern KEY = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

    public static boolean isKey(String text) {
        return KEY.matcher(text).matches();
    }
}
