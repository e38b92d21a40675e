package io.throughline.governance.redis;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.governance.rules.Outcome;
import io.throughline.governance.rules.Rules;
import io.vertx.redis.client.Response;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads what the functions answer: an array, a code first. */
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

    static int code(Response response) {
        return Math.toIntExact(number(response, 0));
    }

    /** The one number of a reply that is not an answer to a question. */
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

    static CustomerId survivor(Response response) {
        return GateBytes.customer(response.get(1).toBytes());
    }

    static String zone(Response response) {
        return response.get(1).toString();
    }

    /** Whether an allowed message did not count before. */
    static boolean fresh(Response response) {
        return number(response) == 1;
    }

    static Outcome outcome(Response response, Rules rules) {
        return switch (code(response)) {
            case UNKNOWN -> new Outcome.Unknown();
            case OK -> new Outcome.Passed(counts(response));
            case NO_CONSENT -> refused(SuppressionReason.NO_CONSENT, null);
            case OPTED_OUT -> refused(SuppressionReason.OPTED_OUT, null);
            case SILENCED -> refused(SuppressionReason.SILENCED, retryAt(response));
            case QUIET -> refused(SuppressionReason.QUIET_HOURS, retryAt(response));
            case LIMIT -> {
                List<Integer> counts = counts(response);
                yield new Outcome.Refused(
                        rules.limits().get(counts.size() - 1).reason(), retryAt(response), counts);
            }
            default -> throw new IllegalStateException("the gate answered " + response);
        };
    }

    private static Outcome refused(SuppressionReason reason, @Nullable Instant retryAt) {
        return new Outcome.Refused(reason, retryAt, List.of());
    }

    private static @Nullable Instant retryAt(Response response) {
        long millis = number(response);
        return millis == 0 ? null : Instant.ofEpochMilli(millis);
    }

    private static List<Integer> counts(Response response) {
        List<Integer> counts = new ArrayList<>(response.size() - 2);
        for (int i = 2; i < response.size(); i++) {
            counts.add(Math.toIntExact(number(response, i)));
        }
        return counts;
    }
}
