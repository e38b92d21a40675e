package io.throughline.bench;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Reads the answers that come on one connection, as much of HTTP/1.1 as the services use: a status
 * and a body whose length is told.
 */
final class ResponseReader {

    private static final byte[] END_OF_HEAD = {'\r', '\n', '\r', '\n'};
    private static final String LENGTH = "content-length:";
    private static final int STATUS_AT = "HTTP/1.1 ".length();

    private @Nullable Buffer held;

    /**
     * Takes what came.
     *
     * @return the status of the answer that it completes; nothing while more is to come
     * @throws IllegalStateException for an answer of another form
     */
    OptionalInt read(Buffer came) {
        Buffer all = held == null ? came : held.appendBuffer(came);
        int head = endOfHead(all);
        if (head < 0) {
            held = all.copy();
            return OptionalInt.empty();
        }
        int end = head + length(all.getString(0, head, "US-ASCII"));
        if (all.length() < end) {
            held = all.copy();
            return OptionalInt.empty();
        }
        if (all.length() > end) {
            throw new IllegalStateException("more came than one answer");
        }
        held = null;
        return OptionalInt.of(status(all));
    }

    private static int endOfHead(Buffer all) {
        for (int i = 0; i + END_OF_HEAD.length <= all.length(); i++) {
            if (all.getByte(i) == '\r'
                    && all.getByte(i + 1) == '\n'
                    && all.getByte(i + 2) == '\r'
                    && all.getByte(i + 3) == '\n') {
                return i + END_OF_HEAD.length;
            }
        }
        return -1;
    }

    private static int length(String head) {
        String lower = head.toLowerCase(Locale.ROOT);
        int at = lower.indexOf(LENGTH);
        if (at < 0) {
            throw new IllegalStateException("an answer without a length:\n" + head);
        }
        int end = lower.indexOf('\r', at);
        return Integer.parseInt(lower.substring(at + LENGTH.length(), end).strip());
    }

    private static int status(Buffer all) {
        return Integer.parseInt(
                new String(all.getBytes(STATUS_AT, STATUS_AT + 3), StandardCharsets.US_ASCII));
    }
}
