package io.throughline.identity.profile;

import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.Whereabouts;
import io.throughline.contracts.customer.ProfileChanged;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.identity.whereabouts.Clues;
import io.throughline.identity.whereabouts.Grounds;
import io.throughline.identity.whereabouts.Grounds.Said;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A customer: the identifiers she holds and what is known of her.
 *
 * @param version grows with every published change
 * @param knowledge the join of what her sightings said
 */
public record Profile(
        CustomerId id,
        long version,
        SortedSet<Identifier> identifiers,
        Knowledge knowledge,
        Instant createdAt,
        Instant changedAt) {

    /**
     * For how long after a device's zone was seen it is taken for where she is, unless it is seen
     * again. Counted to when she was last seen and not to today: of somebody who was not heard of
     * since, it is still the last that is known.
     */
    public static final Duration RECENT = Duration.ofDays(30);

    public Profile {
        identifiers = Collections.unmodifiableSortedSet(new TreeSet<>(identifiers));
    }

    /** A customer who has not been published yet. */
    public static Profile created(
            CustomerId id, Collection<Identifier> identifiers, Knowledge knowledge, Instant now) {
        return new Profile(id, 0, new TreeSet<>(identifiers), knowledge, now, now);
    }

    /** Folds an event in that is this customer's. */
    public Profile with(AcceptedEvent event) {
        return with(identifiers, knowledge.with(event));
    }

    /** The same customer, holding and being known for something else. */
    public Profile with(SortedSet<Identifier> held, Knowledge known) {
        return new Profile(id, version, held, known, createdAt, changedAt);
    }

    /** This customer, as old as the oldest of those that she turned out to be. */
    public Profile after(Profile merged) {
        return new Profile(
                id,
                Math.max(version, merged.version),
                identifiers,
                knowledge,
                createdAt.isBefore(merged.createdAt) ? createdAt : merged.createdAt,
                changedAt.isAfter(merged.changedAt) ? changedAt : merged.changedAt);
    }

    /** The next version, as it is published and stored. */
    public Profile published(Instant now) {
        return new Profile(id, version + 1, identifiers, knowledge, createdAt, now);
    }

    /** Whether readers of the stream would see a difference; when it was last seen is none. */
    public boolean looksLike(Profile other) {
        return identifiers.equals(other.identifiers)
                && visibleTraits().equals(other.visibleTraits())
                && addresses().equals(other.addresses())
                && Objects.equals(timeZone(), other.timeZone())
                && Objects.equals(locale(), other.locale())
                && grounds().sayAs(other.grounds());
    }

    /** The zone that was told last, of her or of a device of hers. */
    public @Nullable String timeZone() {
        Dated stated = knowledge.facts().get(Fact.TIME_ZONE);
        Dated seen = knowledge.facts().get(Fact.EVENT_ZONE);
        return stated == null || (seen != null && Dated.later(stated, seen).equals(seen))
                ? fact(Fact.EVENT_ZONE)
                : fact(Fact.TIME_ZONE);
    }

    /** What quiet hours take for where she is. */
    public Whereabouts whereabouts() {
        return clues().whereabouts();
    }

    /** What that is concluded from. */
    public Clues clues() {
        return Clues.of(grounds());
    }

    /** What of her tells where she is; two that say the same come to the same whereabouts. */
    public Grounds grounds() {
        Dated address = knowledge.traits().get("address");
        Map<?, ?> parts =
                address != null && address.value() instanceof Map<?, ?> map ? map : Map.of();
        SortedMap<String, Instant> numbers = new TreeMap<>();
        for (Identifier identifier : identifiers) {
            if (identifier.type().equals(Identifier.PHONE)) {
                Seen seen = knowledge.seen().get(identifier.toString());
                numbers.put(identifier.value(), seen == null ? createdAt : seen.at());
            }
        }
        return new Grounds(
                said(knowledge.facts().get(Fact.TIME_ZONE)),
                part(address, parts, "country"),
                part(address, parts, "state"),
                recent(knowledge.facts().get(Fact.EVENT_ZONE)),
                numbers);
    }

    private @Nullable Said recent(@Nullable Dated zone) {
        return zone == null || zone.at().isBefore(knowledge.lastSeen().minus(RECENT))
                ? null
                : said(zone);
    }

    /** A part of the address, else the trait of that name. */
    private @Nullable Said part(@Nullable Dated address, Map<?, ?> parts, String name) {
        return address != null && parts.get(name) instanceof String text
                ? new Said(text, address.at())
                : said(knowledge.traits().get(name));
    }

    private static @Nullable Said said(@Nullable Dated dated) {
        return dated != null && dated.value() instanceof String text && !text.isBlank()
                ? new Said(text, dated.at())
                : null;
    }

    public @Nullable String locale() {
        return fact(Fact.LOCALE);
    }

    /** Where each channel reaches the customer: of the addresses she holds the one last seen. */
    public Map<Channel, String> addresses() {
        Map<Channel, String> addresses = new EnumMap<>(Channel.class);
        lastSeen(Identifier.EMAIL).ifPresent(email -> addresses.put(Channel.EMAIL, email));
        lastSeen(Identifier.PHONE).ifPresent(phone -> addresses.put(Channel.SMS, phone));
        return addresses;
    }

    /** The traits that are set, and the computed ones where the caller has none of that name. */
    public Map<String, Object> visibleTraits() {
        Map<String, Object> visible = new TreeMap<>();
        knowledge
                .traits()
                .forEach((name, trait) -> {
                    if (trait.value() != null) {
                        visible.put(name, trait.value());
                    }
                });
        visible.putIfAbsent("first_seen", knowledge.firstSeen().toString());
        visible.putIfAbsent("orders", knowledge.purchases().orders());
        visible.putIfAbsent("revenue", knowledge.purchases().revenue());
        visible.putIfAbsent("average_order_value", knowledge.purchases().averageOrderValue());
        putIfThere(visible, "first_order_at", knowledge.purchases().firstOrderAt());
        putIfThere(visible, "last_order_at", knowledge.purchases().lastOrderAt());
        return visible;
    }

    private static void putIfThere(
            Map<String, Object> visible, String name, @Nullable Instant value) {
        if (value != null) {
            visible.putIfAbsent(name, value.toString());
        }
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
                changedAt,
                whereabouts());
    }

    private Optional<String> lastSeen(String type) {
        return identifiers.stream()
                .filter(i -> i.type().equals(type) && knowledge.seen().containsKey(i.toString()))
                .max(
                        Comparator.comparing(this::seenAt)
                                .thenComparing(this::seenBy)
                                .thenComparing(Comparator.naturalOrder()))
                .map(Identifier::value);
    }

    private Instant seenAt(Identifier identifier) {
        return seen(identifier).at();
    }

    private String seenBy(Identifier identifier) {
        return seen(identifier).by();
    }

    private Seen seen(Identifier identifier) {
        return Objects.requireNonNull(
                knowledge.seen().get(identifier.toString()), "it was filtered before");
    }

    private @Nullable String fact(Fact fact) {
        Dated dated = knowledge.facts().get(fact);
        return dated != null && dated.value() instanceof String text ? text : null;
    }
}
