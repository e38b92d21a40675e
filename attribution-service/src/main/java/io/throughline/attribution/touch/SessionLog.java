package io.throughline.attribution.touch;

import io.throughline.contracts.CustomerId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Joins a customer's behaviour into sessions: anything within {@link #GAP} of a session belongs to
 * it, and another campaign begins another one, so that reloading a page that carries a campaign is
 * one touch.
 */
public final class SessionLog {

    public static final Duration GAP = Duration.ofMinutes(30);

    private final Map<CustomerId, List<Session>> sessions = new HashMap<>();
    private final Map<UUID, Session> changed = new LinkedHashMap<>();

    /**
     * @param known sessions that what follows may belong to
     */
    public SessionLog(Collection<Session> known) {
        known.forEach(s -> of(s.customer()).add(s));
    }

    /**
     * @param event becomes the session's id where the visit begins one
     * @param campaign absent where the event carries none: it then begins no session
     */
    public void visit(UUID event, CustomerId customer, Instant at, @Nullable Campaign campaign) {
        List<Session> own = of(customer);
        own.replaceAll(s -> near(s, at) ? note(s, s.seen(at)) : s);
        if (campaign == null) {
            return;
        }
        Optional<Session> same =
                own.stream().filter(s -> s.campaign().equals(campaign) && near(s, at)).findFirst();
        if (same.isPresent()) {
            own.replaceAll(s -> s.id().equals(same.get().id()) ? note(s, s.began(at)) : s);
        } else {
            Session begun = new Session(event, customer, campaign, at, at);
            own.add(begun);
            changed.put(event, begun);
        }
    }

    /** Sessions that began or grew. */
    public Collection<Session> changed() {
        return changed.values();
    }

    private Session note(Session before, Session after) {
        if (!after.equals(before)) {
            changed.put(after.id(), after);
        }
        return after;
    }

    private static boolean near(Session session, Instant at) {
        return !at.isBefore(session.startedAt().minus(GAP))
                && !at.isAfter(session.lastAt().plus(GAP));
    }

    private List<Session> of(CustomerId customer) {
        return sessions.computeIfAbsent(customer, c -> new ArrayList<>());
    }
}
