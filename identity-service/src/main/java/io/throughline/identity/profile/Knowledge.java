package io.throughline.identity.profile;

import io.throughline.contracts.Identifier;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.ingest.AcceptedEvent.Kind;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BinaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What events said. Every part is joined by an operation that is commutative and associative; so
 * what is known of a customer is the join of what each of her sightings said, in any order, and
 * when sightings turn out to be somebody else's their part goes with them and nothing else does.
 *
 * @param traits by name, as callers set them in identify calls
 * @param seen addresses, written as identifiers, that events carried; whose they are is not said
 *     here
 * @param firstSeen earliest event time
 * @param lastSeen latest event time
 */
public record Knowledge(
        Map<String, Dated> traits,
        Map<Fact, Dated> facts,
        Map<String, Seen> seen,
        Purchases purchases,
        Instant firstSeen,
        Instant lastSeen) {

    /** Newest first; the names decide where nothing else does. */
    private static final Comparator<Map.Entry<String, Dated>> NEWEST =
            Comparator.<Map.Entry<String, Dated>, Instant>comparing(e -> e.getValue().at())
                    .thenComparing(e -> e.getValue().by())
                    .thenComparing(Map.Entry::getKey)
                    .reversed();

    /**
     * Of more the newest are kept, whatever order they come in: a sender that makes a name of each
     * product that was looked at must not make the customer too large to be told of.
     */
    static final int MOST_TRAITS = 500;

    private static final Set<String> ADDRESSES =
            Set.of(Identifier.EMAIL, Identifier.PHONE, Identifier.PUSH_TOKEN);

    /** Nothing but that somebody was there. */
    public static Knowledge of(Instant seenAt) {
        return new Knowledge(Map.of(), Map.of(), Map.of(), Purchases.NONE, seenAt, seenAt);
    }

    /** Folds an event in. */
    public Knowledge with(AcceptedEvent event) {
        boolean order = event.kind() == Kind.TRACK && Purchases.isOrder(event.name());
        return new Knowledge(
                event.kind() == Kind.IDENTIFY
                        ? newest(joined(traits, traitsOf(event), Dated::later))
                        : traits,
                joined(facts, factsOf(event), Dated::later),
                joined(seen, seenIn(event), Seen::later),
                order ? purchases.plusOrder(event.properties(), event.occurredAt()) : purchases,
                earlier(firstSeen, event.occurredAt()),
                later(lastSeen, event.occurredAt()));
    }

    /** Notes an address that was given outside of an event, as with a consent. */
    public Knowledge withAddress(Identifier address, Instant at, String by) {
        return ADDRESSES.contains(address.type())
                ? new Knowledge(
                        traits,
                        facts,
                        joined(seen, Map.of(address.toString(), new Seen(at, by)), Seen::later),
                        purchases,
                        firstSeen,
                        lastSeen)
                : this;
    }

    /** Notes addresses as another has seen them. */
    public Knowledge withSeen(Knowledge other, Collection<Identifier> addresses) {
        Map<String, Seen> theirs = new HashMap<>();
        for (Identifier address : addresses) {
            Seen when = other.seen.get(address.toString());
            if (when != null) {
                theirs.put(address.toString(), when);
            }
        }
        return new Knowledge(
                traits, facts, joined(seen, theirs, Seen::later), purchases, firstSeen, lastSeen);
    }

    public Knowledge joinedWith(Knowledge other) {
        return new Knowledge(
                newest(joined(traits, other.traits, Dated::later)),
                joined(facts, other.facts, Dated::later),
                joined(seen, other.seen, Seen::later),
                purchases.plus(other.purchases),
                earlier(firstSeen, other.firstSeen),
                later(lastSeen, other.lastSeen));
    }

    private static Map<String, Dated> traitsOf(AcceptedEvent event) {
        Map<String, Dated> said = HashMap.newHashMap(event.traits().size());
        event.traits()
                .forEach((name, value) ->
                        said.put(name, new Dated(value, event.occurredAt(), event.messageId())));
        return said;
    }

    private static Map<Fact, Dated> factsOf(AcceptedEvent event) {
        Map<Fact, Dated> said = new EnumMap<>(Fact.class);
        String zone = zoneOf(event);
        if (zone != null) {
            said.put(
                    event.kind() == Kind.IDENTIFY ? Fact.TIME_ZONE : Fact.EVENT_ZONE,
                    new Dated(zone, event.occurredAt(), event.messageId()));
        }
        String locale = localeOf(event);
        if (locale != null) {
            said.put(Fact.LOCALE, new Dated(locale, event.occurredAt(), event.messageId()));
        }
        return said;
    }

    private static Map<String, Seen> seenIn(AcceptedEvent event) {
        Map<String, Seen> seen = new HashMap<>();
        for (Identifier identifier : event.identifiers()) {
            if (ADDRESSES.contains(identifier.type())) {
                seen.put(identifier.toString(), new Seen(event.occurredAt(), event.messageId()));
            }
        }
        return seen;
    }

    private static @Nullable String zoneOf(AcceptedEvent event) {
        @Nullable Object said = null;
        if (event.kind() == Kind.IDENTIFY) {
            said = event.traits().get("timezone");
            said = said == null ? event.traits().get("timeZone") : said;
        }
        said = said == null ? event.context().get("timezone") : said;
        try {
            return said instanceof String text && text.indexOf('/') > 0
                    ? ZoneId.of(text).getId()
                    : null;
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static @Nullable String localeOf(AcceptedEvent event) {
        if (!(event.context().get("locale") instanceof String text) || text.length() > 35) {
            return null;
        }
        String tag = Locale.forLanguageTag(text.replace('_', '-')).toLanguageTag();
        return tag.equals("und") ? null : tag;
    }

    private static Map<String, Dated> newest(Map<String, Dated> traits) {
        if (traits.size() <= MOST_TRAITS) {
            return traits;
        }
        Map<String, Dated> newest = new LinkedHashMap<>(traits);
        newest.keySet()
                .retainAll(
                        traits.entrySet().stream()
                                .sorted(NEWEST)
                                .limit(MOST_TRAITS)
                                .map(Map.Entry::getKey)
                                .collect(Collectors.toSet()));
        return newest;
    }

    private static <K, V> Map<K, V> joined(Map<K, V> a, Map<K, V> b, BinaryOperator<V> later) {
        if (b.isEmpty()) {
            return a;
        }
        Map<K, V> joined = new LinkedHashMap<>(a);
        b.forEach((key, value) -> joined.merge(key, value, later));
        return joined;
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }
}
