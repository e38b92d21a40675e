package io.throughline.identity.resolution;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.customer.CustomersMerged;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.identity.profile.Profile;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The customers that one unit of work is about, as they were when it began and as it leaves them.
 * It has to hold every customer that holds an identifier of the unit's events; then resolving in
 * here is the same as resolving among all customers, since a merge only ever joins customers that
 * an event touches.
 *
 * <p>Not thread-safe: one unit of work, one directory.
 */
public final class Directory {

    private final Map<CustomerId, Profile> before;
    private final Map<CustomerId, Profile> now;
    private final Map<Identifier, CustomerId> holders = new LinkedHashMap<>();
    private final Map<CustomerId, CustomerId> mergedInto = new LinkedHashMap<>();
    private final Set<CustomerId> created = new LinkedHashSet<>();
    private final List<Changes.Attached> attached = new ArrayList<>();
    private final List<CustomersMerged> merges = new ArrayList<>();
    private final List<Changes.RefusedLink> refused = new ArrayList<>();
    private final Supplier<CustomerId> ids;
    private final Instant at;

    /**
     * @param customers with all their identifiers
     * @param ids for new customers
     * @param at the instant of the work
     */
    public Directory(Collection<Profile> customers, Supplier<CustomerId> ids, Instant at) {
        this.before = LinkedHashMap.newLinkedHashMap(customers.size());
        for (Profile customer : customers) {
            before.put(customer.id(), customer);
            customer.identifiers().forEach(i -> holders.put(i, customer.id()));
        }
        this.now = new LinkedHashMap<>(before);
        this.ids = ids;
        this.at = at;
    }

    /**
     * Finds or makes the customer whose event it is and links its identifiers, no more: what the
     * event says is folded in when it comes back from the log, once.
     */
    public CustomerId link(AcceptedEvent event) {
        return link(event.identifiers(), event.messageId(), event.occurredAt());
    }

    /** Links the event's identifiers and folds it into the customer's profile. */
    public CustomerId apply(AcceptedEvent event) {
        CustomerId customer = link(event);
        now.computeIfPresent(customer, (id, profile) -> profile.with(event));
        return customer;
    }

    /** Finds or makes the customer whom somebody named outside of an event, as with a consent. */
    public CustomerId named(Identifier identifier, Instant namedAt, String cause) {
        CustomerId customer = link(List.of(identifier), cause, namedAt);
        now.computeIfPresent(
                customer, (id, profile) -> profile.withAddress(identifier, namedAt, cause));
        return customer;
    }

    /** The customer that one is by now, through the merges of this unit of work. */
    public CustomerId current(CustomerId customer) {
        CustomerId current = customer;
        for (CustomerId next = mergedInto.get(current);
                next != null;
                next = mergedInto.get(current)) {
            current = next;
        }
        return current;
    }

    /**
     * What all that came to. A customer that was made and merged away within the unit of work was
     * never seen by anybody and is not told of.
     */
    public Changes changes() {
        List<Profile> changed = new ArrayList<>();
        List<Profile> published = new ArrayList<>();
        List<Profile> rezoned = new ArrayList<>();
        for (Profile profile : now.values()) {
            Profile old = before.get(profile.id());
            if (profile.equals(old)) {
                continue;
            }
            boolean visible = old == null || !profile.looksLike(old);
            Profile stored = visible ? profile.published(at) : profile;
            changed.add(stored);
            if (visible) {
                published.add(stored);
            }
            if (profile.timeZone() != null
                    && (old == null || !Objects.equals(profile.timeZone(), old.timeZone()))) {
                rezoned.add(stored);
            }
        }
        return new Changes(
                created.stream().filter(now::containsKey).collect(Collectors.toSet()),
                attached.stream().map(this::withCurrentHolder).toList(),
                merges.stream().filter(merge -> !created.contains(merge.merged())).toList(),
                changed,
                published,
                rezoned,
                refused);
    }

    private CustomerId link(List<Identifier> identifiers, String cause, Instant seenAt) {
        Resolution resolution = Resolution.of(identifiers, this::match);
        CustomerId customer =
                switch (resolution.outcome()) {
                    case Outcome.Create create -> create(seenAt);
                    case Outcome.Attach attach -> attach.customer();
                    case Outcome.Merge merge -> merge(merge, cause);
                };
        attach(customer, resolution.outcome().attached(), cause);
        resolution
                .refused()
                .forEach(link ->
                        refused.add(new Changes.RefusedLink(customer, link, cause, seenAt)));
        return customer;
    }

    private @Nullable Match match(Identifier identifier) {
        CustomerId holder = holders.get(identifier);
        if (holder == null) {
            return null;
        }
        CustomerId current = current(holder);
        Profile profile = Objects.requireNonNull(now.get(current), "a holder is in the directory");
        return new Match(current, profile.userIds());
    }

    private CustomerId create(Instant seenAt) {
        CustomerId id = ids.get();
        created.add(id);
        now.put(id, Profile.created(id, seenAt, at));
        return id;
    }

    private CustomerId merge(Outcome.Merge merge, String cause) {
        for (CustomerId merged : merge.merged()) {
            Profile gone = Objects.requireNonNull(now.remove(merged), "it was matched just now");
            now.computeIfPresent(merge.survivor(), (id, profile) -> profile.mergedWith(gone));
            mergedInto.put(merged, merge.survivor());
            merges.add(new CustomersMerged(merge.survivor(), merged, cause, at));
        }
        return merge.survivor();
    }

    private void attach(CustomerId customer, List<Identifier> identifiers, String cause) {
        if (identifiers.isEmpty()) {
            return;
        }
        now.computeIfPresent(customer, (id, profile) -> profile.withIdentifiers(identifiers));
        for (Identifier identifier : identifiers) {
            holders.put(identifier, customer);
            attached.add(new Changes.Attached(identifier, customer, cause, at));
        }
    }

    private Changes.Attached withCurrentHolder(Changes.Attached link) {
        return new Changes.Attached(
                link.identifier(), current(link.customer()), link.cause(), link.at());
    }
}
