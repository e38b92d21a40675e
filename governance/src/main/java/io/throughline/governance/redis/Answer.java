package io.throughline.governance.redis;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Whereabouts;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.governance.rules.Outcome;
import io.throughline.governance.rules.Rules;
import io.throughline.governance.rules.Tightening;
import io.vertx.redis.client.Response;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the functions answer to a question: bytes, a code first; {@code gate.lua} lays them out. */
final class Answer {

    private final byte[] bytes;
    private final Tightening.@Nullable Found tired;

    private Answer(byte[] bytes, Tightening.@Nullable Found tired) {
        this.bytes = bytes;
        this.tired = tired;
    }

    static Answer of(@Nullable Response response) {
        byte[] bytes = Reply.present(response).toBytes();
        if (bytes[0] != Reply.TIRED) {
            return new Answer(bytes, null);
        }
        ByteBuffer found = ByteBuffer.wrap(bytes, 1, 9);
        int stage = found.get();
        int ignored = found.getShort() & 0xFFFF;
        Instant at = Instant.ofEpochMilli(GateBytes.get48(found));
        return new Answer(
                Arrays.copyOfRange(bytes, 10, bytes.length),
                new Tightening.Found(stage, ignored, at));
    }

    int code() {
        return bytes[0];
    }

    /** Where a merged customer is asked about. */
    CustomerId survivor() {
        ByteBuffer id = ByteBuffer.wrap(bytes, 1, 16);
        return GateBytes.customer(id);
    }

    /** The whereabouts to ask for, to the byte as they are held. */
    String where() {
        return text(1);
    }

    private String text(int from) {
        return new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8);
    }

    /** Whether an allowed message did not count before. */
    boolean fresh() {
        return bytes[1] == 1;
    }

    Outcome outcome(Rules rules) {
        return switch (code()) {
            case Reply.UNKNOWN -> new Outcome.Unknown();
            case Reply.OK -> new Outcome.Passed(counts(2), tired);
            case Reply.NO_CONSENT -> refused(SuppressionReason.NO_CONSENT, null);
            case Reply.OPTED_OUT -> refused(SuppressionReason.OPTED_OUT, null);
            case Reply.SILENCED -> refused(SuppressionReason.SILENCED, retryAt());
            case Reply.QUIET -> rules.quiet().until(Whereabouts.of(text(7)), millis());
            case Reply.LIMIT -> {
                List<Integer> counts = counts(7);
                yield new Outcome.Refused(
                        rules.limits().get(counts.size() - 1).reason(), retryAt(), counts, tired);
            }
            default -> throw new IllegalStateException("the gate answered with code " + code());
        };
    }

    private static Outcome refused(SuppressionReason reason, @Nullable Instant retryAt) {
        return new Outcome.Refused(reason, retryAt, List.of(), null);
    }

    private @Nullable Instant retryAt() {
        Instant at = millis();
        return at.equals(Instant.EPOCH) ? null : at;
    }

    private Instant millis() {
        return Instant.ofEpochMilli(GateBytes.get48(ByteBuffer.wrap(bytes, 1, 6)));
    }

    private List<Integer> counts(int from) {
        ByteBuffer counts = ByteBuffer.wrap(bytes, from, bytes.length - from);
        List<Integer> list = new ArrayList<>(counts.remaining() / 2);
        while (counts.hasRemaining()) {
            list.add(counts.getShort() & 0xFFFF);
        }
        return list;
    }
}
