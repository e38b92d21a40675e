package io.throughline.identity.profile;

import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.customer.ProfileChanged;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.ingest.AcceptedEvent.Kind;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one customer. Every part is joined by an operation that is commutative,
 * associative and, where events can repeat, idempotent; so any order of events and merges ends in
 * the same profile.
 *
 * @param version grows with every published change
 * @param traits by name, as callers set them in identify calls
 * @param firstSeen earliest event time
 * @param lastSeen latest event time
 */
public record Profile(
        CustomerId id,
        long version,
        SortedSet<Identifier> identifiers,
        Map<String, Dated> traits,
        Map<Fact, Dated> facts,
        Purchases purchases,
        Instant firstSeen,
        Instant lastSeen,
        Instant createdAt,
        Instant changedAt) {

    /** A customer of whom nothing is known but that there is one. */
    public static Profile created(CustomerId id, Instant seenAt, Instant now) {
        return new Profile(
                id,
                0,
                new TreeSet<>(),
                Map.of(),
                Map.of(),
                Purchases.NONE,
                seenAt,
                seenAt,
                now,
                now);
    }

    /** The user ids it holds; one at most, since two make two customers. */
    public SortedSet<String> userIds() {
        SortedSet<String> ids = new TreeSet<>();
        for (Identifier identifier : identifiers) {
            if (identifier.type().equals(Identifier.USER_ID)) {
                ids.add(identifier.value());
            }
        }
        return ids;
    }

    public Profile withIdentifiers(Collection<Identifier> more) {
        if (identifiers.containsAll(more)) {
            return this;
        }
        SortedSet<Identifier> all = new TreeSet<>(identifiers);
        all.addAll(more);
        return new Profile(
                id, version, all, traits, facts, purchases, firstSeen, lastSeen, createdAt,
                changedAt);
    }

    /**
     * Folds an event in. Its identifiers count only where they are this customer's: one that was
     * refused says nothing about her address.
     */
    public Profile with(AcceptedEvent event) {
        boolean order = event.kind() == Kind.TRACK && Purchases.isOrder(event.name());
        return new Profile(
                id,
                version,
                identifiers,
                event.kind() == Kind.IDENTIFY ? joined(traits, traitsOf(event)) : traits,
                joined(facts, factsOf(event)),
                order ? purchases.plusOrder(event.properties()) : purchases,
                earlier(firstSeen, event.occurredAt()),
                later(lastSeen, event.occurredAt()),
                createdAt,
                changedAt);
    }

    /** Notes an address that was given outside of an event, as with a consent. */
    public Profile withAddress(Identifier address, Instant at, String by) {
        Map<Fact, Dated> more = new EnumMap<>(Fact.class);
        addAddress(more, address, at, by);
        return new Profile(
                id,
                version,
                identifiers,
                traits,
                joined(facts, more),
                purchases,
                firstSeen,
                lastSeen,
                createdAt,
                changedAt);
    }

    /** This customer after another turned out to be the same person. */
    public Profile mergedWith(Profile other) {
        SortedSet<Identifier> all = new TreeSet<>(identifiers);
        all.addAll(other.identifiers);
        return new Profile(
                id,
                Math.max(version, other.version),
                all,
                joined(traits, other.traits),
                joined(facts, other.facts),
                purchases.plus(other.purchases),
                earlier(firstSeen, other.firstSeen),
                later(lastSeen, other.lastSeen),
                earlier(createdAt, other.createdAt),
                later(changedAt, other.changedAt));
    }

    /** The next version, as it is published and stored. */
    public Profile published(Instant now) {
        return new Profile(
                id,
                version + 1,
                identifiers,
                traits,
                facts,
                purchases,
                firstSeen,
                lastSeen,
                createdAt,
                now);
    }

    /** Whether readers of the stream would see a difference; when it was last seen is none. */
    public boolean looksLike(Profile other) {
        return identifiers.equals(other.identifiers)
                && visibleTraits().equals(other.visibleTraits())
                && addresses().equals(other.addresses())
                && Objects.equals(timeZone(), other.timeZone())
                && Objects.equals(locale(), other.locale());
    }

    public @Nullable String timeZone() {
        return fact(Fact.TIME_ZONE);
    }

    public @Nullable String locale() {
        return fact(Fact.LOCALE);
    }

    /** Where each channel reaches the customer. */
    public Map<Channel, String> addresses() {
        Map<Channel, String> addresses = new EnumMap<>(Channel.class);
        String email = fact(Fact.EMAIL);
        if (email != null) {
            addresses.put(Channel.EMAIL, email);
        }
        String phone = fact(Fact.PHONE);
        if (phone != null) {
            addresses.put(Channel.SMS, phone);
        }
        return addresses;
    }

    /** The traits that are set, and the computed ones where the caller has none of that name. */
    public Map<String, Object> visibleTraits() {
        Map<String, Object> visible = new TreeMap<>();
        traits.forEach((name, trait) -> {
            if (trait.value() != null) {
                visible.put(name, trait.value());
            }
        });
        visible.putIfAbsent("first_seen", firstSeen.toString());
        visible.putIfAbsent("orders", purchases.orders());
        visible.putIfAbsent("revenue", purchases.revenue());
        return visible;
    }

    public ProfileChanged toEvent() {
        return new ProfileChanged(
                id,
                version,
                List.copyOf(identifiers),
                visibleTraits(),
                addresses(),
                timeZone(),
                locale(),
                createdAt,
                changedAt);
    }

    private @Nullable String fact(Fact fact) {
        Dated dated = facts.get(fact);
        return dated != null && dated.value() instanceof String text ? text : null;
    }

    private static Map<String, Dated> traitsOf(AcceptedEvent event) {
        Map<String, Dated> said = HashMap.newHashMap(event.traits().size());
        event.traits()
                .forEach((name, value) ->
                        said.put(name, new Dated(value, event.occurredAt(), event.messageId())));
        return said;
    }

    private Map<Fact, Dated> factsOf(AcceptedEvent event) {
        Map<Fact, Dated> said = new EnumMap<>(Fact.class);
        for (Identifier identifier : event.identifiers()) {
            if (identifiers.contains(identifier)) {
                addAddress(said, identifier, event.occurredAt(), event.messageId());
            }
        }
        String zone = zoneOf(event);
        if (zone != null) {
            said.put(Fact.TIME_ZONE, new Dated(zone, event.occurredAt(), event.messageId()));
        }
        String locale = localeOf(event);
        if (locale != null) {
            said.put(Fact.LOCALE, new Dated(locale, event.occurredAt(), event.messageId()));
        }
        return said;
    }

    private static void addAddress(
            Map<Fact, Dated> facts, Identifier identifier, Instant at, String by) {
        switch (identifier.type()) {
            case Identifier.EMAIL ->
                    facts.putIfAbsent(Fact.EMAIL, new Dated(identifier.value(), at, by));
            case Identifier.PHONE ->
                    facts.putIfAbsent(Fact.PHONE, new Dated(identifier.value(), at, by));
            default -> {
                // stands for the customer and is no address
            }
        }
    }

    private static @Nullable String zoneOf(AcceptedEvent event) {
        Object said =
                event.kind() == Kind.IDENTIFY && event.traits().get("timezone") != null
                        ? event.traits().get("timezone")
                        : event.context().get("timezone");
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

    private static <K> Map<K, Dated> joined(Map<K, Dated> a, Map<K, Dated> b) {
        if (b.isEmpty()) {
            return a;
        }
        BinaryOperator<Dated> later = Dated::later;
        Map<K, Dated> joined = new LinkedHashMap<>(a);
        b.forEach((key, dated) -> joined.merge(key, dated, later));
        return joined;
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }
}
