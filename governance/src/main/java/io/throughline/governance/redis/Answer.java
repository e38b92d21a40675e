package io.throughline.governance.redis;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Whereabouts;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.governance.GateRequest;
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

/**
 * What the functions answer to a question: bytes, a code first; {@code gate.lua} lays them out. A
 * refusal comes with the customer it was decided on, unless that is large.
 */
final class Answer {

    private final byte[] bytes;
    private final byte @Nullable [] customer;
    private final Instant decidedAt;
    private final Tightening.@Nullable Found tired;

    private Answer(
            byte[] bytes,
            byte @Nullable [] customer,
            Instant decidedAt,
            Tightening.@Nullable Found tired) {
        this.bytes = bytes;
        this.customer = customer;
        this.decidedAt = decidedAt;
        this.tired = tired;
    }

    static Answer of(@Nullable Response response) {
        return of(Reply.present(response).toBytes());
    }

    static Answer of(byte[] said) {
        if (said[0] != Reply.TOLD) {
            return of(said, null, Instant.EPOCH);
        }
        ByteBuffer told = ByteBuffer.wrap(said, 1, said.length - 1);
        Instant decidedAt = Instant.ofEpochMilli(GateBytes.get48(told));
        byte[] customer = new byte[told.getShort() & 0xFFFF];
        told.get(customer);
        byte[] refusal = new byte[told.remaining()];
        told.get(refusal);
        return of(refusal, customer, decidedAt);
    }

    private static Answer of(byte[] said, byte @Nullable [] customer, Instant decidedAt) {
        if (said[0] != Reply.TIRED) {
            return new Answer(said, customer, decidedAt, null);
        }
        ByteBuffer found = ByteBuffer.wrap(said, 1, 9);
        int stage = found.get();
        int ignored = found.getShort() & 0xFFFF;
        Instant at = Instant.ofEpochMilli(GateBytes.get48(found));
        return new Answer(
                Arrays.copyOfRange(said, 10, said.length),
                customer,
                decidedAt,
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

    /**
     * What every rule says, where that can be told; it never contradicts what the function said,
     * which holds.
     */
    Outcome outcome(Rules rules, GateRequest request) {
        Outcome said = said(rules);
        HeldCustomer held = customer == null ? null : HeldCustomer.read(customer);
        if (held == null) {
            return said;
        }
        Outcome.Found all = rules.look(held, request, decidedAt);
        return all.first().equals(said) ? all : said;
    }

    private Outcome said(Rules rules) {
        return switch (code()) {
            case Reply.UNKNOWN -> new Outcome.Unknown();
            case Reply.OK -> Outcome.Found.passed(counts(2), tired);
            case Reply.NO_CONSENT -> Outcome.Found.withoutConsent(SuppressionReason.NO_CONSENT);
            case Reply.OPTED_OUT -> Outcome.Found.withoutConsent(SuppressionReason.OPTED_OUT);
            case Reply.SILENCED -> Outcome.Found.silenced(millis());
            case Reply.QUIET ->
                    Outcome.Found.quiet(rules.quiet().until(Whereabouts.of(text(7)), millis()));
            case Reply.LIMIT -> Outcome.Found.full(counts(7), retryAt(), tired);
            default -> throw new IllegalStateException("the gate answered with code " + code());
        };
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
