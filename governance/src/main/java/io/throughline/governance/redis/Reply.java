package io.throughline.governance.redis;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.vertx.redis.client.Response;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads what the functions answer that are no questions: an array, a code first. */
final class Reply {

    static final int UNKNOWN = 0;
    static final int OK = 1;
    static final int MOVED = 2;
    static final int ZONE = 3;
    static final int NO_CONSENT = 4;
    static final int OPTED_OUT = 5;
    static final int SILENCED = 6;
    static final int QUIET = 7;
    static final int LIMIT = 8;

    /** Before one of the others. */
    static final int TIRED = 9;

    /** A refusal along with what it was decided from. */
    static final int TOLD = 10;

    /** Nothing was done, since the caller had given it up by then. */
    static final int LATE = 11;

    /** What settling answers where the message had been refunded. */
    static final int OVERRUN = 2;

    private Reply() {}

    /** A function always answers, whatever the client's type says. */
    static Response present(@Nullable Response response) {
        return Objects.requireNonNull(response, "a gate function answered nothing");
    }

    /** Whether an address's consents, if any, stop a message of a topic. */
    static boolean stopped(@Nullable Response said, @Nullable String topic) {
        return said != null && GateBytes.optedOut(said.toBytes(), topic);
    }

    /**
     * Whether a message counts with the customer under a key.
     *
     * @param from what is not later cannot count any more
     */
    static boolean counts(@Nullable Response customer, MessageId message, Instant from) {
        HeldCustomer held = customer == null ? null : HeldCustomer.read(customer.toBytes());
        return held != null && held.counts(message, from.toEpochMilli());
    }

    static int code(Response response) {
        return Math.toIntExact(number(response, 0));
    }

    /** The one number of a reply. */
    static long number(Response response) {
        return number(response, 1);
    }

    static long number(Response response, int at) {
        Long number = response.get(at).toLong();
        if (number == null) {
            throw new IllegalStateException("the gate answered no number: " + response);
        }
        return number;
    }

    /** A time, also where the reply says besides that the customer moved; 0 for none. */
    static long millis(Response response) {
        int at = code(response) == MOVED ? 2 : 1;
        return at < response.size() ? number(response, at) : 0;
    }

    /** When an opt-in was said that counts in the place of an opt-out; 0 for none. */
    static long outdone(Response response) {
        return response.size() > 2 ? number(response, 2) : 0;
    }

    static CustomerId survivor(Response response) {
        return GateBytes.customer(ByteBuffer.wrap(response.get(1).toBytes()));
    }
}
