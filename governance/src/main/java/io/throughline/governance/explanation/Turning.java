package io.throughline.governance.explanation;

import io.throughline.contracts.Channel;
import io.throughline.contracts.message.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The smallest change that lets a refused message pass: all that refuses it has to change, and
 * where time alone does not, what has to is named. As in "1 contact fewer in all in 1 day, or
 * allowed from …", "consent for SMS, allowed from …".
 */
public final class Turning {

    /** Whether there is a way to hand a message over on its channel; asked before the gate is. */
    public static final String ROUTE = "route";

    /** Whether the template has a text for the channel; asked before the gate is. */
    public static final String CONTENT = "content";

    /** Whether the customer has an address on the channel; asked before the gate is. */
    public static final String REACHABLE = "reachable";

    /** Whether the address has not opted out. */
    public static final String ADDRESS = "address";

    private static final Set<String> OF_CONSENT = Set.of("consent", ADDRESS);
    private static final Set<String> BEFORE_THE_GATE = Set.of(ROUTE, CONTENT, REACHABLE);
    private static final String UNKNOWN = "known-customer";

    private Turning() {}

    /**
     * @param retryAt when all that time cures will be over, where the gate said so; by it the last
     *     of the verdicts' times is corrected for quiet hours that begin meanwhile
     * @return absent where nothing refused, or where nothing is known of the customer
     */
    public static @Nullable String of(
            @Nullable Channel channel, List<Verdict> verdicts, @Nullable Instant retryAt) {
        return of(channel, null, verdicts, retryAt);
    }

    /**
     * The same of a message about a topic, of which may have been opted out by itself.
     *
     * @param topic absent where there is none, or it is not known
     */
    public static @Nullable String of(
            @Nullable Channel channel,
            @Nullable String topic,
            List<Verdict> verdicts,
            @Nullable Instant retryAt) {
        List<Verdict> refused = verdicts.stream().filter(verdict -> !verdict.passed()).toList();
        if (refused.isEmpty() || refused.getFirst().rule().equals(UNKNOWN)) {
            return null;
        }
        List<String> parts = new ArrayList<>(lasting(channel, topic, refused));
        String passing =
                passing(
                        refused.stream().filter(v -> !lasts(v)).toList(),
                        retryAt,
                        parts.isEmpty() ? ", or " : " or ");
        if (passing != null) {
            boolean waitsOnly = passing.startsWith("allowed");
            parts.add(parts.isEmpty() || waitsOnly ? passing : "and " + passing);
        }
        boolean more = verdicts.stream().anyMatch(v -> v.last() != null);
        return String.join(", ", parts) + (more ? "; the rules after that were not looked at" : "");
    }

    private static boolean lasts(Verdict verdict) {
        Integer limit = verdict.limit();
        return verdict.retryAt() == null && (limit == null || limit == 0);
    }

    /** What neither waiting nor fewer contacts help against. */
    private static List<String> lasting(
            @Nullable Channel channel, @Nullable String topic, List<Verdict> refused) {
        String on = channel == null ? "" : " for " + Wording.name(channel);
        Stream<String> consent =
                refused.stream().anyMatch(v -> OF_CONSENT.contains(v.rule()))
                        ? Stream.of("consent" + on + about(topic) + under(refused))
                        : Stream.empty();
        Stream<String> before =
                refused.stream()
                        .filter(v -> BEFORE_THE_GATE.contains(v.rule()))
                        .map(v ->
                                switch (v.rule()) {
                                            case ROUTE -> "a route";
                                            case CONTENT -> "a text in the template";
                                            default -> "an address";
                                        }
                                        + on);
        Stream<String> policy =
                refused.stream()
                        .filter(v -> !OF_CONSENT.contains(v.rule()))
                        .filter(v -> !BEFORE_THE_GATE.contains(v.rule()) && lasts(v))
                        .map(v ->
                                v.limit() == null
                                        ? "a contact policy without endless " + v.rule()
                                        : "a contact policy that allows any " + Wording.span(v));
        return Stream.of(before, consent, policy).flatMap(all -> all).toList();
    }

    /** A stop of the topic and one of the channel look the same from here. */
    private static String about(@Nullable String topic) {
        return topic == null ? "" : " and its topic " + topic;
    }

    /** What an address said is ended by what is said for the address. */
    private static String under(List<Verdict> refused) {
        return refused.stream().anyMatch(v -> v.rule().equals(ADDRESS))
                ? " under the address itself"
                : "";
    }

    /**
     * Limits are met by fewer contacts or by waiting; the rest by waiting alone, which some of the
     * limits may be met by then.
     */
    private static @Nullable String passing(
            List<Verdict> refused, @Nullable Instant retryAt, String or) {
        Instant last = latest(refused);
        Instant all = last == null || retryAt == null ? last : corrected(last, retryAt);
        boolean inTime = all != null && refused.stream().allMatch(v -> v.retryAt() != null);
        Instant waits = latest(refused.stream().filter(v -> !hasRoom(v)).toList());
        List<String> fewerOfEach =
                refused.stream()
                        .filter(Turning::hasRoom)
                        .filter(v -> !overBy(waits, v.retryAt()))
                        .map(Turning::fewer)
                        .toList();
        String fewer =
                String.join(" and ", fewerOfEach)
                        + (fewerOfEach.size() > 1 ? " (one contact may be of several)" : "");
        if (fewer.isEmpty()) {
            Instant from = all == null ? last : all;
            return from == null ? null : "allowed from " + from;
        }
        return waits == null
                ? fewer + (inTime ? or + "allowed from " + all : "")
                : "allowed from "
                        + waits
                        + " with "
                        + fewer
                        + (inTime ? ", or else from " + all : "");
    }

    /**
     * When all that time cures will be over. What is tried again before is no word on whether it is
     * quiet then, so nothing is said.
     */
    private static @Nullable Instant corrected(Instant last, Instant retryAt) {
        return retryAt.isBefore(last) ? null : retryAt;
    }

    /** Whether fewer contacts would help; against a cap that is tightened to none they do not. */
    private static boolean hasRoom(Verdict verdict) {
        Integer limit = verdict.limit();
        return limit != null && limit > 0;
    }

    private static boolean overBy(@Nullable Instant instant, @Nullable Instant retryAt) {
        return instant != null && retryAt != null && !retryAt.isAfter(instant);
    }

    private static String fewer(Verdict verdict) {
        Integer count = verdict.count();
        Integer limit = verdict.limit();
        int contacts = count == null || limit == null ? 1 : count - limit + 1;
        return contacts
                + (contacts == 1 ? " contact fewer " : " contacts fewer ")
                + Wording.span(verdict);
    }

    private static @Nullable Instant latest(List<Verdict> verdicts) {
        Instant latest = null;
        for (Verdict verdict : verdicts) {
            Instant at = verdict.retryAt();
            latest = at != null && (latest == null || at.isAfter(latest)) ? at : latest;
        }
        return latest;
    }
}
