package io.throughline.identity.imports;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cuts bytes into rows. A row of a CSV file ends at a line break outside of quotes (RFC 4180,
 * section 2), one of an NDJSON file at any.
 */
public final class Lines {

    /** Longer than this is no row, but a quote that was never closed. */
    public static final int LONGEST = 64 * 1024;

    private Lines() {}

    /**
     * A row.
     *
     * @param text what is no UTF-8 in it replaced by U+FFFD; the beginning of one that is too long
     * @param end offset of the byte after it and its line break
     */
    public record Line(String text, boolean readable, boolean tooLong, int end) {}

    /**
     * Rows from an offset on.
     *
     * @param last whether the bytes are the rest of the file, so that what has no line break is a
     *     row too
     */
    public static List<Line> cut(byte[] bytes, int from, boolean quoted, boolean last, int most) {
        List<Line> lines = new ArrayList<>();
        int start = from;
        while (lines.size() < most && start < bytes.length) {
            Line line = next(bytes, start, quoted, last);
            if (line == null) {
                break;
            }
            lines.add(line);
            start = line.end();
        }
        return lines;
    }

    private static @Nullable Line next(byte[] bytes, int start, boolean quoted, boolean last) {
        boolean inside = false;
        for (int i = start; i < bytes.length && i - start <= LONGEST; i++) {
            byte b = bytes[i];
            if (quoted && b == '"') {
                inside = !inside;
            } else if (b == '\n' && !inside) {
                return line(bytes, start, i, i + 1);
            }
        }
        if (bytes.length - start > LONGEST) {
            return tooLong(bytes, start);
        }
        if (!last) {
            return null;
        }
        return inside ? tooLong(bytes, start) : line(bytes, start, bytes.length, bytes.length);
    }

    /** Goes on at the next line break, whatever it stands in; so one bad quote costs one line. */
    private static Line tooLong(byte[] bytes, int start) {
        for (int i = start; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                return new Line(head(bytes, start, i), true, true, i + 1);
            }
        }
        return new Line(head(bytes, start, bytes.length), true, true, bytes.length);
    }

    private static String head(byte[] bytes, int start, int end) {
        return replaced(bytes, start, Math.min(end, start + 1_000));
    }

    private static String replaced(byte[] bytes, int start, int end) {
        return new String(bytes, start, end - start, StandardCharsets.UTF_8);
    }

    private static Line line(byte[] bytes, int start, int end, int next) {
        int without = end > start && bytes[end - 1] == '\r' ? end - 1 : end;
        String text = text(bytes, start, without);
        return text == null
                ? new Line(replaced(bytes, start, without), false, false, next)
                : new Line(text, true, false, next);
    }

    private static @Nullable String text(byte[] bytes, int start, int end) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes, start, end - start))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
